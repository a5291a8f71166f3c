package kernel

import (
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// Calls fail with an errno.Errno, or with the error of the host where that is the
// reason. A program that makes a system call gets the number, a caller in Go the
// host's error too.

// errnoOf returns the error number in an error: EIO where it has none.
func errnoOf(err error) errno.Errno {
	if err == nil {
		return 0
	}
	if e, ok := errno.Of(err); ok {
		return e
	}
	return errno.EIO
}

// outcome is an error as the result of a system call.
func outcome(err error) (int64, errno.Errno) {
	if err == nil {
		return 0, 0
	}
	return fail(errnoOf(err))
}

// result is an error number or 0 as the result of a system call.
func result(e errno.Errno) (int64, errno.Errno) {
	if e != 0 {
		return fail(e)
	}
	return 0, 0
}

// fail is an error number as the result of a system call.
func fail(e errno.Errno) (int64, errno.Errno) { return -1, e }

// callError is an error as that of a call on a zone, for Go: nil for nil.
func callError(op string, id zone.ID, err error) error {
	if err == nil {
		return nil
	}
	return because(&zone.Error{Op: op, ID: id}, err)
}

// because gives an error its reason: the number, and the host's error where that is
// more than a number.
func because(e *zone.Error, err error) error {
	e.Errno = errnoOf(err)
	if _, number := err.(errno.Errno); !number {
		e.Cause = zone.AsError(err)
	}
	return e
}
