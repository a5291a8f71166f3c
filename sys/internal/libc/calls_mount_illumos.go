// Code generated from symbols.go by its test with -update. DO NOT EDIT.

package libc

import (
	"syscall"
	"unsafe"
)

//go:cgo_import_dynamic libc_mount mount "libc.so"
//go:cgo_import_dynamic libc_umount2 umount2 "libc.so"

//go:linkname procMount libc_mount
//go:linkname procUmount2 libc_umount2

var (
	procMount   uintptr
	procUmount2 uintptr
)

// Mount is int mount(const char *special, const char *point, int flags, char *fstype, char *data, int size, char *options, int room).
//
//go:uintptrescapes
func Mount(special, point, flags, fstype, data, size, options, room uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall8(uintptr(unsafe.Pointer(&procMount)), special, point, flags, fstype, data, size, options, room)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// Umount2 is int umount2(const char *point, int flags).
//
//go:uintptrescapes
func Umount2(point, flags uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procUmount2)), 2, point, flags, 0, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}
