package reclock

import (
	"os"

	"golang.org/x/sys/unix"
)

// Exclusive locks a file against every other process, and waits for it.
func Exclusive(file *os.File) error { return wait(file, unix.F_WRLCK) }

// Shared locks a file against those that lock it with Exclusive.
func Shared(file *os.File) error { return wait(file, unix.F_RDLCK) }

func wait(file *os.File, kind int16) error {
	whole := &unix.Flock_t{Type: kind}
	for {
		err := unix.FcntlFlock(file.Fd(), unix.F_SETLKW, whole)
		if err != unix.EINTR {
			return err
		}
	}
}
