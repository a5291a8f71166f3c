// Code generated from symbols.go by its test with -update. DO NOT EDIT.

package libc

import (
	"syscall"
	"unsafe"
)

//go:cgo_import_dynamic libc_getrctl getrctl "libc.so"
//go:cgo_import_dynamic libc_setrctl setrctl "libc.so"
//go:cgo_import_dynamic libc_rctllist rctllist "libc.so"
//go:cgo_import_dynamic libc_rctlctl rctlctl "libc.so"
//go:cgo_import_dynamic libc_setprojrctl setprojrctl "libc.so"

//go:linkname procGetrctl libc_getrctl
//go:linkname procSetrctl libc_setrctl
//go:linkname procRctllist libc_rctllist
//go:linkname procRctlctl libc_rctlctl
//go:linkname procSetprojrctl libc_setprojrctl

var (
	procGetrctl     uintptr
	procSetrctl     uintptr
	procRctllist    uintptr
	procRctlctl     uintptr
	procSetprojrctl uintptr
)

// Getrctl is int getrctl(const char *name, rctlblk_t *old, rctlblk_t *new, uint_t flags).
//
//go:uintptrescapes
func Getrctl(name, old, new_, flags uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procGetrctl)), 4, name, old, new_, flags, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// Setrctl is int setrctl(const char *name, rctlblk_t *old, rctlblk_t *new, uint_t flags).
//
//go:uintptrescapes
func Setrctl(name, old, new_, flags uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procSetrctl)), 4, name, old, new_, flags, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// Rctllist is size_t rctllist(char *buf, size_t size).
//
//go:uintptrescapes
func Rctllist(buf, size uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procRctllist)), 2, buf, size, 0, 0, 0, 0)
	if result == ^uintptr(0) {
		return result, failure
	}
	return result, 0
}

// Rctlctl is int rctlctl(const char *name, rctlblk_t *block, int flags).
//
//go:uintptrescapes
func Rctlctl(name, block, flags uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procRctlctl)), 3, name, block, flags, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// Setprojrctl is int setprojrctl(const char *name, rctlblk_t *blocks, size_t count, int flags).
//
//go:uintptrescapes
func Setprojrctl(name, blocks, count, flags uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procSetprojrctl)), 4, name, blocks, count, flags, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}
