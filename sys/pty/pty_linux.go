package pty

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// NameOf returns the name that the terminal of a manager has, in the zone where it
// is one's.
func NameOf(manager *os.File) (string, error) {
	var number int
	err := on(manager, func(fd uintptr) (err error) {
		number, err = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
		return err
	})
	if err != nil {
		return "", failed("name", err)
	}
	return fmt.Sprintf("/dev/pts/%d", number), nil
}
