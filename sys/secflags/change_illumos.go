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
	result, number := libc.Psecflags(uintptr(by), uintptr(id), uintptr(which), uintptr(unsafe.Pointer(&c)))
	if number != 0 {
		return errno.Errno(number)
	}
	// The kernel returns the error for the effective set as the result.
	if int32(result) > 0 {
		return errno.Errno(result)
	}
	return nil
}
