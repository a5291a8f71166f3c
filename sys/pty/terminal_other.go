//go:build !linux && !illumos

package pty

import "golang.org/x/sys/unix"

// The requests of BSD systems.
const (
	getMode      = unix.TIOCGETA
	setModeDrain = unix.TIOCSETAW
	setModeFlush = unix.TIOCSETAF
	lowerCase    = 0
	disabled     = 0xff // _POSIX_VDISABLE
)
