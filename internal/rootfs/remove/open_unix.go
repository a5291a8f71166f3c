//go:build unix

package remove

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// openSameDevice opens a directory in another one. For one of another file system it fails
// with EXDEV.
func openSameDevice(dir *os.File, name string) (*os.File, error) {
	var fd int
	err := again(func() (err error) {
		fd, err = unix.Openat(int(dir.Fd()), name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		return err
	})
	if err != nil {
		return nil, err
	}
	child := os.NewFile(uintptr(fd), filepath.Join(dir.Name(), name))
	var above, below unix.Stat_t
	if err = unix.Fstat(int(dir.Fd()), &above); err == nil {
		err = unix.Fstat(fd, &below)
	}
	if err == nil && above.Dev != below.Dev {
		err = unix.EXDEV
	}
	if err != nil {
		child.Close()
		return nil, err
	}
	return child, nil
}
