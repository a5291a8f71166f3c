// Code generated from symbols.go by its test with -update. DO NOT EDIT.

package libc

import (
	"syscall"
	"unsafe"
)

//go:cgo_import_dynamic libc_syscall syscall "libc.so"
//go:cgo_import_dynamic libc_getzoneid getzoneid "libc.so"

//go:linkname procSyscall libc_syscall
//go:linkname procGetzoneid libc_getzoneid

var (
	procSyscall   uintptr
	procGetzoneid uintptr
)

// Syscall is long syscall(int number, long a1, long a2, long a3, long a4, long a5).
//
//go:uintptrescapes
func Syscall(number, a1, a2, a3, a4, a5 uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procSyscall)), 6, number, a1, a2, a3, a4, a5)
	if result == ^uintptr(0) {
		return result, failure
	}
	return result, 0
}

// Getzoneid is zoneid_t getzoneid(void).
//
//go:uintptrescapes
func Getzoneid() (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procGetzoneid)), 0, 0, 0, 0, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}
