// Code generated from symbols.go by its test with -update. DO NOT EDIT.

package libc

import (
	"syscall"
	"unsafe"
)

//go:cgo_import_dynamic libc_sigprocmask sigprocmask "libc.so"
//go:cgo_import_dynamic libc_write write "libc.so"
//go:cgo_import_dynamic libc_sem_init sem_init "libc.so"
//go:cgo_import_dynamic libc_sem_wait sem_wait "libc.so"
//go:cgo_import_dynamic libc_sem_post sem_post "libc.so"

//go:linkname procSigprocmask libc_sigprocmask
//go:linkname procWrite libc_write
//go:linkname procSemInit libc_sem_init
//go:linkname procSemWait libc_sem_wait
//go:linkname procSemPost libc_sem_post

var (
	procSigprocmask uintptr
	procWrite       uintptr
	procSemInit     uintptr
	procSemWait     uintptr
	procSemPost     uintptr
)

// Sigprocmask is int sigprocmask(int how, const sigset_t *set, sigset_t *old).
//
//go:uintptrescapes
func Sigprocmask(how, set, old uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procSigprocmask)), 3, how, set, old, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}

// AddressWrite returns the address of ssize_t write(int d, const void *buf, size_t size).
func AddressWrite() uintptr { return uintptr(unsafe.Pointer(&procWrite)) }

// AddressSemInit returns the address of int sem_init(sem_t *sem, int shared, uint_t value).
func AddressSemInit() uintptr { return uintptr(unsafe.Pointer(&procSemInit)) }

// AddressSemWait returns the address of int sem_wait(sem_t *sem).
func AddressSemWait() uintptr { return uintptr(unsafe.Pointer(&procSemWait)) }

// SemPost is int sem_post(sem_t *sem).
//
//go:uintptrescapes
func SemPost(sem uintptr) uintptr {
	result, _, _ := sysvicall6(uintptr(unsafe.Pointer(&procSemPost)), 1, sem, 0, 0, 0, 0, 0)
	return result
}
