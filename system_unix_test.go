//go:build unix

package zones_test

import (
	"os"
	"syscall"
)

// ownGroup has a program started in a process group of its own.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// ownTerminal has a program started in a session of its own, whose terminal is its input.
func ownTerminal() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true, Setctty: true} }

// asUser has a program started by a user.
func asUser(uid int) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(uid)}}
}

// signalTo sends a signal to a process, or to a group by its negative number.
func signalTo(pid int, sig os.Signal) error { return syscall.Kill(pid, sig.(syscall.Signal)) }
