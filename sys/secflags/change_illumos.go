package secflags

import (
	"unsafe"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/internal/libc"
)

// delta is secflagdelta_t.
type delta struct {
	add, remove, assign Set
	assigns             int32 // boolean_t
	_                   int32
}

func change(by IDType, id int32, which Which, d Delta) error {
	c := delta{add: d.Add, remove: d.Remove, assign: d.Assign}
	if d.Assigns {
		c.assigns = 1
	}
	if _, number := libc.Psecflags(uintptr(by), uintptr(id), uintptr(which), uintptr(unsafe.Pointer(&c))); number != 0 {
		return errno.Errno(number)
	}
	return nil
}
