// Code generated from symbols.go by its test with -update. DO NOT EDIT.

package libc

import (
	"syscall"
	"unsafe"
)

//go:cgo_import_dynamic libc_uadmin uadmin "libc.so"

//go:linkname procUadmin libc_uadmin

var (
	procUadmin uintptr
)

// Uadmin is int uadmin(int cmd, int fcn, uintptr_t mdep).
//
//go:uintptrescapes
func Uadmin(cmd, fcn, mdep uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procUadmin)), 3, cmd, fcn, mdep, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}
