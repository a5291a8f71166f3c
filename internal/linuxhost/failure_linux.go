package linuxhost

import (
	"io/fs"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/sys/zone"
)

// failed returns the error of a system call with the call's name and its object, or
// nil if err is nil.
func failed(call, name string, err error) error {
	if err == nil {
		return nil
	}
	return zone.AsError(&fs.PathError{Op: call, Path: name, Err: err})
}

// notStarted returns the error for a program that wasn't started: fork and exec are
// one call in Go and return only the number.
func notStarted(path string, err error) error {
	switch err {
	case unix.EAGAIN, unix.ENOMEM, unix.ENOSPC, unix.EBUSY, unix.EUSERS:
		return failed("clone", path, err)
	}
	return failed("execve", path, err)
}
