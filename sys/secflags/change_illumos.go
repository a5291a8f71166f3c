package secflags

import (
	"unsafe"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/internal/abi"
	"github.com/gozones/zones/sys/internal/libc"
)

func change(by IDType, id int32, which Which, d Delta) error {
	c := abi.Secflagdelta{Add: uint64(d.Add), Rem: uint64(d.Remove), Assign: uint64(d.Assign)}
	if d.Assigns {
		c.Assigns = 1
	}
	if _, number := libc.Psecflags(uintptr(by), uintptr(id), uintptr(which), uintptr(unsafe.Pointer(&c))); number != 0 {
		return errno.Errno(number)
	}
	return nil
}
