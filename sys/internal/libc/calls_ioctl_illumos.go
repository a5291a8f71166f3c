// Code generated from symbols.go by its test with -update. DO NOT EDIT.

package libc

import (
	"syscall"
	"unsafe"
)

//go:cgo_import_dynamic libc_ioctl ioctl "libc.so"

//go:linkname procIoctl libc_ioctl

var (
	procIoctl uintptr
)

// Ioctl is int ioctl(int d, int request, void *arg).
//
//go:uintptrescapes
func Ioctl(d, request, arg uintptr) (uintptr, syscall.Errno) {
	result, _, failure := sysvicall6(uintptr(unsafe.Pointer(&procIoctl)), 3, d, request, arg, 0, 0, 0)
	if int32(result) == -1 {
		return result, failure
	}
	return result, 0
}
