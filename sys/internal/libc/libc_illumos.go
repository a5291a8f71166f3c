package libc

import (
	"runtime"
	"syscall"
	"unsafe"
)

// The address of an imported symbol must be taken in code, as in calls_*_illumos.go:
// the linker silently makes no import for one in data. The symbol's name in Go must
// begin with libc_, whatever its library is, or the linker refuses it.

// sysvicall6 is the runtime's; see asm_illumos_amd64.s.
func sysvicall6(symbol, nargs, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, err syscall.Errno)

// eight returns the address of the code that calls a C function with eight arguments.
func eight() uintptr

// sysvicall8 calls a function with eight arguments, which sysvicall6 can't pass: it
// passes their address to assembly that loads them. The caller's //go:uintptrescapes
// keeps the arguments that are addresses of Go memory alive.
func sysvicall8(symbol, a1, a2, a3, a4, a5, a6, a7, a8 uintptr) (r1, r2 uintptr, err syscall.Errno) {
	words := &[9]uintptr{symbol, a1, a2, a3, a4, a5, a6, a7, a8}
	var pin runtime.Pinner
	pin.Pin(words)
	defer pin.Unpin()
	return sysvicall6(eight(), 1, uintptr(unsafe.Pointer(words)), 0, 0, 0, 0, 0)
}

// Text copies a C string from memory that isn't Go's.
func Text(address uintptr) string {
	var text []byte
	for ; address != 0; address++ {
		c := *(*byte)(At(address))
		if c == 0 {
			break
		}
		text = append(text, c)
	}
	return string(text)
}

// At converts an address outside Go's heap, such as on the stack of a thread that the
// system made, to a pointer.
func At(address uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&address)) }

// CString returns s as a C string, with a NUL at its end.
func CString(s string) *byte { return &append([]byte(s), 0)[0] }

// Masked runs f with all signals blocked on its thread. Threads that the system creates
// during f inherit the mask: Go's signal handler must not run on a thread that isn't
// Go's.
func Masked(f func()) error {
	const setMask = 3 // SIG_SETMASK
	all, old := [4]uint32{^uint32(0), ^uint32(0), ^uint32(0), ^uint32(0)}, [4]uint32{}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if _, e := Sigprocmask(setMask, uintptr(unsafe.Pointer(&all)), uintptr(unsafe.Pointer(&old))); e != 0 {
		return e
	}
	f()
	_, e := Sigprocmask(setMask, uintptr(unsafe.Pointer(&old)), 0)
	if e != 0 {
		return e
	}
	return nil
}
