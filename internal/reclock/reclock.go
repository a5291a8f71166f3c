package reclock

import (
	"os"

	"golang.org/x/sys/unix"
)

// Exclusive locks a file against all other processes. It waits for them.
func Exclusive(file *os.File) error { return wait(file, unix.F_WRLCK) }

// Shared locks a file against processes that call Exclusive. It waits for them.
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
