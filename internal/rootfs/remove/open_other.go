//go:build unix && !linux

package remove

import (
	"os"

	"golang.org/x/sys/unix"
)

// open opens a directory in another one. For one on which another file system is mounted it
// fails with EXDEV.
func open(dir *os.File, name string) (*os.File, error) { return openSameDevice(dir, name) }

// chmod changes the mode of a directory in another one. It follows no link.
func chmod(dir *os.File, name string, mode uint32) error {
	return unix.Fchmodat(int(dir.Fd()), name, mode, unix.AT_SYMLINK_NOFOLLOW)
}
