package zones_test

import (
	"errors"
	"os"
	"syscall"
)

// ownGroup has a program started in a process group of its own.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// ownTerminal changes nothing: a program of Windows that needs a terminal gets one.
func ownTerminal() *syscall.SysProcAttr { return nil }

// asUser changes nothing: programs of tests run as the user who tests.
func asUser(int) *syscall.SysProcAttr { return nil }

// signalTo fails: processes of Windows get no signals.
func signalTo(int, os.Signal) error { return errors.ErrUnsupported }
