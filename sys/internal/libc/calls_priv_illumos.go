// Code generated from symbols.go by its test with -update. DO NOT EDIT.

package libc

import (
	"syscall"
	"unsafe"
)

//go:cgo_import_dynamic libc_issetugid issetugid "libc.so"
//go:cgo_import_dynamic libc_psecflags psecflags "libc.so"
//go:cgo_import_dynamic libc_getppriv getppriv "libc.so"
//go:cgo_import_dynamic libc_setppriv setppriv "libc.so"
//go:cgo_import_dynamic libc_getpflags getpflags "libc.so"
//go:cgo_import_dynamic libc_setpflags setpflags "libc.so"

//go:linkname procIssetugid libc_issetugid
//go:linkname procPsecflags libc_psecflags
//go:linkname procGetppriv libc_getppriv
//go:linkname procSetppriv libc_setppriv
//go:linkname procGetpflags libc_getpflags
//go:linkname procSetpflags libc_setpflags

var (
	procIssetugid uintptr
	procPsecflags uintptr
	procGetppriv  uintptr
	procSetppriv  uintptr
	procGetpflags uintptr
	procSetpflags uintptr
)

// Issetugid is int issetugid(void).
//
//go:uintptrescapes
func Issetugid() uintptr {
	result, _, _ := sysvicall6(uintptr(unsafe.Pointer(&procIssetugid)), 0, 0, 0, 0, 0, 0, 0)
	return result
}

// Psecflags is int psecflags(idtype_t idtype, id_t id, psecflagwhich_t which, secflagdelta_t *delta).
//
//go:uintptrescapes
func Psecflags(idtype, id, which, delta uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procPsecflags)), 4, idtype, id, which, delta, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// Getppriv is int getppriv(const char *which, priv_set_t *set).
//
//go:uintptrescapes
func Getppriv(which, set uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procGetppriv)), 2, which, set, 0, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// Setppriv is int setppriv(int op, const char *which, const priv_set_t *set).
//
//go:uintptrescapes
func Setppriv(op, which, set uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procSetppriv)), 3, op, which, set, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// Getpflags is uint_t getpflags(uint_t flag).
//
//go:uintptrescapes
func Getpflags(flag uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procGetpflags)), 1, flag, 0, 0, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// Setpflags is int setpflags(uint_t flag, uint_t value).
//
//go:uintptrescapes
func Setpflags(flag, value uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procSetpflags)), 2, flag, value, 0, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}
