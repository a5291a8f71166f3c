package uadmin

import (
	"unsafe"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/internal/libc"
)

func do(cmd Cmd, fcn Fcn, args string) error {
	var text *byte
	if args != "" {
		text = libc.CString(args)
	}
	if _, e := libc.Uadmin(uintptr(cmd), uintptr(fcn), uintptr(unsafe.Pointer(text))); e != 0 {
		return errno.Errno(e)
	}
	return nil
}
