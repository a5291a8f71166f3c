package libc

import (
	"syscall"
	"unsafe"
)

//go:cgo_import_dynamic libc_syscall syscall "libc.so"

//go:linkname procSyscall libc_syscall

var procSyscall uintptr

// sysvicall6 is the runtime's; see asm_illumos_amd64.s.
func sysvicall6(trap, nargs, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, err syscall.Errno)

// Syscall makes a system call by its number through libc's syscall(2), with at
// most five arguments. The error is only set when the call failed.
//
//go:uintptrescapes
func Syscall(number uintptr, args ...uintptr) (uintptr, syscall.Errno) {
	var a [5]uintptr
	copy(a[:], args)
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procSyscall)), 6, number, a[0], a[1], a[2], a[3], a[4])
	if result == ^uintptr(0) {
		return result, failure
	}
	return result, 0
}
