package linuxhost

import (
	"io/fs"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/sys/zone"
)

// failed is the failure of a system call, by the call's name and what it was about;
// nil when there was none.
func failed(call, name string, err error) error {
	if err == nil {
		return nil
	}
	return zone.AsError(&fs.PathError{Op: call, Path: name, Err: err})
}

// notStarted is why a program was not started: fork and exec are one call in Go and
// leave only the number.
func notStarted(path string, err error) error {
	switch err {
	case unix.EAGAIN, unix.ENOMEM, unix.ENOSPC, unix.EBUSY, unix.EUSERS:
		return failed("clone", path, err)
	}
	return failed("execve", path, err)
}
