//go:build !cgo

package rctl

import (
	"syscall"
	"unsafe"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/internal/libc"
)

var _ Calls = Native{}

func init() { open = func() (Calls, error) { return Native{}, nil } }

// Native makes the calls of the running illumos kernel. The zero value is ready to use.
type Native struct{}

func failed(number syscall.Errno) error {
	if number == 0 {
		return nil
	}
	return errno.Errno(number)
}

// answer returns the error of a call without a result.
func answer(_ uintptr, number syscall.Errno) error { return failed(number) }

// Getrctl is getrctl(2).
func (Native) Getrctl(name string, old, new *Block, flags uint32) error {
	text := append([]byte(name), 0)
	return answer(libc.Getrctl(uintptr(unsafe.Pointer(&text[0])), uintptr(unsafe.Pointer(old)), uintptr(unsafe.Pointer(new)), uintptr(flags)))
}

// Setrctl is setrctl(2).
func (Native) Setrctl(name string, old, new *Block, flags uint32) error {
	text := append([]byte(name), 0)
	return answer(libc.Setrctl(uintptr(unsafe.Pointer(&text[0])), uintptr(unsafe.Pointer(old)), uintptr(unsafe.Pointer(new)), uintptr(flags)))
}

// Rctllist is rctllist, on which rctl_walk(3C) is based.
func (Native) Rctllist(buf []byte) (int, error) {
	n, number := libc.Rctllist(uintptr(unsafe.Pointer(unsafe.SliceData(buf))), uintptr(len(buf)))
	if number != 0 {
		return 0, failed(number)
	}
	return int(n), nil
}

// Rctlctl is rctlctl, which rctladm(8) uses.
func (Native) Rctlctl(name string, b *Block, flags uint32) error {
	text := append([]byte(name), 0)
	return answer(libc.Rctlctl(uintptr(unsafe.Pointer(&text[0])), uintptr(unsafe.Pointer(b)), uintptr(flags)))
}

// Setprojrctl is setprojrctl, which setproject(3PROJECT) uses.
func (Native) Setprojrctl(name string, blocks []Block, flags uint32) error {
	text := append([]byte(name), 0)
	return answer(libc.Setprojrctl(uintptr(unsafe.Pointer(&text[0])), uintptr(unsafe.Pointer(unsafe.SliceData(blocks))), uintptr(len(blocks)), uintptr(flags)))
}
