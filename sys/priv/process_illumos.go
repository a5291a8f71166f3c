package priv

import (
	"encoding/binary"
	"syscall"
	"unsafe"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/internal/abi"
	"github.com/gozones/zones/sys/internal/libc"
)

func outcome(number syscall.Errno) error {
	if number == 0 {
		return nil
	}
	return errno.Errno(number)
}

func own(which Which) (Set, error) {
	var s Set
	_, e := libc.Getppriv(uintptr(unsafe.Pointer(libc.CString(string(which)))), uintptr(unsafe.Pointer(&s)))
	return s, outcome(e)
}

func change(op Op, which Which, s Set) error {
	_, e := libc.Setppriv(uintptr(op), uintptr(unsafe.Pointer(libc.CString(string(which)))), uintptr(unsafe.Pointer(&s)))
	return outcome(e)
}

func getFlag(f Flag) (bool, error) {
	value, e := libc.Getpflags(uintptr(f))
	return value != 0, outcome(e)
}

func setFlag(f Flag, on bool) error {
	var value uintptr
	if on {
		value = 1
	}
	_, e := libc.Setpflags(uintptr(f), value)
	return outcome(e)
}

func elevated() bool { return libc.Issetugid() != 0 }

// tableRoom is how much the first try reads. A test makes it too little.
var tableRoom = 16 << 10

// kernelTable makes the system call, since libc doesn't say how long its copy is. The
// kernel writes as much as fits.
func kernelTable() ([]byte, error) {
	raw := make([]byte, tableRoom)
	for {
		if _, e := libc.Syscall(abi.SYS_privsys, abi.PRIVSYS_GETIMPLINFO, 0, 0, uintptr(unsafe.Pointer(&raw[0])), uintptr(len(raw))); e != 0 {
			return nil, errno.Errno(e)
		}
		var head abi.PrivImplInfo
		if _, err := binary.Decode(raw, binary.LittleEndian, &head); err != nil {
			return nil, err
		}
		size := uint64(head.HeaderSize) + uint64(head.GlobalInfoSize)
		if size <= uint64(len(raw)) {
			return raw[:size], nil
		}
		raw = make([]byte, size)
	}
}
