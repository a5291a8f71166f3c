//go:build linux || illumos

package pty

import "golang.org/x/sys/unix"

// The requests of termio(4I), which Linux has under the same names.
const (
	getMode      = unix.TCGETS
	setModeDrain = unix.TCSETSW
	setModeFlush = unix.TCSETSF
	lowerCase    = unix.IUCLC
	disabled     = 0 // _POSIX_VDISABLE
)
