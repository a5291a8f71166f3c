//go:build !illumos

package errno

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// fromHost translates the host's number by its name. ENOTSUP and EOPNOTSUPP
// share a number on Linux; there the answer is ENOTSUP, which is what the file
// and zone interfaces mean by it.
func fromHost(h syscall.Errno) (Errno, bool) {
	if h == syscall.ENOTSUP {
		return ENOTSUP, true
	}
	return Parse(unix.ErrnoName(h))
}
