// Code generated from symbols.go by its test with -update. DO NOT EDIT.

package libc

import (
	"syscall"
	"unsafe"
)

//go:cgo_import_dynamic libc_makeutx makeutx "libc.so"
//go:cgo_import_dynamic libc_modutx modutx "libc.so"
//go:cgo_import_dynamic libc_setutxent setutxent "libc.so"
//go:cgo_import_dynamic libc_getutxent getutxent "libc.so"
//go:cgo_import_dynamic libc_endutxent endutxent "libc.so"

//go:linkname procMakeutx libc_makeutx
//go:linkname procModutx libc_modutx
//go:linkname procSetutxent libc_setutxent
//go:linkname procGetutxent libc_getutxent
//go:linkname procEndutxent libc_endutxent

var (
	procMakeutx   uintptr
	procModutx    uintptr
	procSetutxent uintptr
	procGetutxent uintptr
	procEndutxent uintptr
)

// Makeutx is struct utmpx *makeutx(const struct utmpx *entry).
//
//go:uintptrescapes
func Makeutx(entry uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procMakeutx)), 1, entry, 0, 0, 0, 0, 0)
	if result == 0 {
		return result, failure
	}
	return result, 0
}

// Modutx is struct utmpx *modutx(const struct utmpx *entry).
//
//go:uintptrescapes
func Modutx(entry uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procModutx)), 1, entry, 0, 0, 0, 0, 0)
	if result == 0 {
		return result, failure
	}
	return result, 0
}

// Setutxent is void setutxent(void).
//
//go:uintptrescapes
func Setutxent() uintptr {
	result, _, _ := sysvicall6(uintptr(unsafe.Pointer(&procSetutxent)), 0, 0, 0, 0, 0, 0, 0)
	return result
}

// Getutxent is struct utmpx *getutxent(void).
//
//go:uintptrescapes
func Getutxent() (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procGetutxent)), 0, 0, 0, 0, 0, 0, 0)
	if result == 0 {
		return result, failure
	}
	return result, 0
}

// Endutxent is void endutxent(void).
//
//go:uintptrescapes
func Endutxent() uintptr {
	result, _, _ := sysvicall6(uintptr(unsafe.Pointer(&procEndutxent)), 0, 0, 0, 0, 0, 0, 0)
	return result
}
