// Code generated from symbols.go by its test with -update. DO NOT EDIT.

package libc

import (
	"syscall"
	"unsafe"
)

//go:cgo_import_dynamic libc_grantpt grantpt "libc.so"
//go:cgo_import_dynamic libc_unlockpt unlockpt "libc.so"
//go:cgo_import_dynamic libc_ptsname ptsname "libc.so"

//go:linkname procGrantpt libc_grantpt
//go:linkname procUnlockpt libc_unlockpt
//go:linkname procPtsname libc_ptsname

var (
	procGrantpt  uintptr
	procUnlockpt uintptr
	procPtsname  uintptr
)

// Grantpt is int grantpt(int d).
//
//go:uintptrescapes
func Grantpt(d uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procGrantpt)), 1, d, 0, 0, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// Unlockpt is int unlockpt(int d).
//
//go:uintptrescapes
func Unlockpt(d uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procUnlockpt)), 1, d, 0, 0, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// Ptsname is char *ptsname(int d).
//
//go:uintptrescapes
func Ptsname(d uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procPtsname)), 1, d, 0, 0, 0, 0, 0)
	if result == 0 {
		return result, failure
	}
	return result, 0
}
