//go:build !illumos && !windows

package errno

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// fromHost translates the host's number by its name. Where ENOTSUP and EOPNOTSUPP are
// one number, as on Linux, it returns ENOTSUP: file and zone interfaces fail with that.
func fromHost(h syscall.Errno) (Errno, bool) {
	if h == syscall.ENOTSUP {
		return ENOTSUP, true
	}
	return Parse(unix.ErrnoName(h))
}
