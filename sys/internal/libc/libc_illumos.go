package libc

import (
	"runtime"
	"syscall"
	"unsafe"
)

// The address of an imported symbol must stand in code, as calls_illumos.go has
// it: in data the linker makes no import of it, and says nothing. The symbol's
// name in Go begins with libc_ whatever its library is, or the linker refuses it.

// sysvicall6 is the runtime's; see asm_illumos_amd64.s.
func sysvicall6(symbol, nargs, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, err syscall.Errno)

// eight is where the code is that calls a C function with eight words.
func eight() uintptr

// sysvicall8 calls a function with more words than sysvicall6 can give: through a
// function of one word, their address. The arguments that are addresses of Go
// memory are kept by the caller's //go:uintptrescapes.
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

// At is a pointer to memory that isn't Go's: the system's, or a stack of one of
// its threads. The collector knows nothing of it.
func At(address uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&address)) }

// CString returns s with a NUL, "" as an empty C string.
func CString(s string) *byte { return &append([]byte(s), 0)[0] }

// Masked runs f on a thread that takes no signals meanwhile. A thread that the
// system makes during f inherits that: the runtime must not find a signal on a
// thread that isn't its own.
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
