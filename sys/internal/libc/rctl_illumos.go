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
//go:cgo_import_dynamic libc_psecflags psecflags "libc.so"

//go:linkname procGetrctl libc_getrctl
//go:linkname procSetrctl libc_setrctl
//go:linkname procRctllist libc_rctllist
//go:linkname procRctlctl libc_rctlctl
//go:linkname procSetprojrctl libc_setprojrctl
//go:linkname procPsecflags libc_psecflags

var procGetrctl, procSetrctl, procRctllist, procRctlctl, procSetprojrctl, procPsecflags uintptr

// The functions below are how the rctlsys and psecflags system calls are reached:
// with number and subcode the first has seven words, one more than [Syscall] can
// pass on. An error is only set when the call failed.
//
// The address of an imported symbol must stand in code: in data the linker makes
// no import of it, and says nothing.

// Getrctl is getrctl(2).
//
//go:uintptrescapes
func Getrctl(name, old, new, flags uintptr) syscall.Errno {
	_, failure := call(uintptr(unsafe.Pointer(&procGetrctl)), name, old, new, flags)
	return failure
}

// Setrctl is setrctl(2).
//
//go:uintptrescapes
func Setrctl(name, old, new, flags uintptr) syscall.Errno {
	_, failure := call(uintptr(unsafe.Pointer(&procSetrctl)), name, old, new, flags)
	return failure
}

// Rctllist is rctllist.
//
//go:uintptrescapes
func Rctllist(buf, size uintptr) (uintptr, syscall.Errno) {
	return call(uintptr(unsafe.Pointer(&procRctllist)), buf, size, 0, 0)
}

// Rctlctl is rctlctl.
//
//go:uintptrescapes
func Rctlctl(name, block, flags uintptr) syscall.Errno {
	_, failure := call(uintptr(unsafe.Pointer(&procRctlctl)), name, block, flags, 0)
	return failure
}

// Setprojrctl is setprojrctl.
//
//go:uintptrescapes
func Setprojrctl(name, blocks, count, flags uintptr) syscall.Errno {
	_, failure := call(uintptr(unsafe.Pointer(&procSetprojrctl)), name, blocks, count, flags)
	return failure
}

// Psecflags is psecflags(2).
//
//go:uintptrescapes
func Psecflags(idtype, id, which, delta uintptr) syscall.Errno {
	_, failure := call(uintptr(unsafe.Pointer(&procPsecflags)), idtype, id, which, delta)
	return failure
}

// call calls a function that returns an int or a size: -1 with errno set when it
// failed. The upper half of an int means nothing.
func call(symbol, a1, a2, a3, a4 uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(symbol, 4, a1, a2, a3, a4, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}
