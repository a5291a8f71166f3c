package pty

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

func nameOf(manager *os.File) (string, error) {
	var number int
	err := on(manager, func(fd uintptr) (err error) {
		number, err = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
		return err
	})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("/dev/pts/%d", number), nil
}
