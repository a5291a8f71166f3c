//go:build 386 || arm

package linuxhost

import "golang.org/x/sys/unix"

// The calls that take ids of 32 bits.
const (
	sysSetgroups = unix.SYS_SETGROUPS32
	sysSetgid    = unix.SYS_SETGID32
	sysSetuid    = unix.SYS_SETUID32
)
