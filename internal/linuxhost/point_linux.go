package linuxhost

import (
	"fmt"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/kernel/host"
)

// What a mount point that isn't there is made as.
const (
	makeFile = "file"
	makeDir  = "dir"
)

// openPoint opens a mount point in the zone. With a kind it is made where it isn't
// there, and no link may be on the way.
func openPoint(point, kind string) (int, error) {
	if kind != "" {
		return makePoint(point, kind)
	}
	fd, err := openInside(point, unix.O_PATH)
	if err != nil {
		return -1, fmt.Errorf("mount point %s: %w", point, err)
	}
	return fd, nil
}

// makePoint walks from the zone's root to a mount point by descriptors, so that
// nobody can put a link in the way meanwhile, and makes what isn't there.
func makePoint(point, kind string) (int, error) {
	at, err := unix.Open("/", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	walked := ""
	names := strings.Split(strings.Trim(path.Clean("/"+point), "/"), "/")
	if names[0] == "" {
		return at, nil
	}
	for i, name := range names {
		walked += "/" + name
		want := makeDir
		if i == len(names)-1 {
			want = kind
		}
		next, err := step(at, name, want)
		unix.Close(at)
		if err != nil {
			return -1, &host.PointError{Path: walked, Err: err}
		}
		at = next
	}
	return at, nil
}

// step opens a name in a directory, making it where it isn't there: ELOOP for a
// link, ENOTDIR for what is no directory where one must be.
func step(at int, name, kind string) (int, error) {
	const open = unix.O_PATH | unix.O_NOFOLLOW | unix.O_CLOEXEC
	fd, err := unix.Openat(at, name, open, 0)
	if err == unix.ENOENT {
		if err = makeName(at, name, kind); err != nil {
			return -1, err
		}
		fd, err = unix.Openat(at, name, open, 0)
	}
	if err != nil {
		return -1, err
	}
	var stat unix.Stat_t
	err = unix.Fstat(fd, &stat)
	switch isDir := stat.Mode&unix.S_IFMT == unix.S_IFDIR; {
	case err != nil:
	case stat.Mode&unix.S_IFMT == unix.S_IFLNK:
		err = unix.ELOOP
	case kind == makeDir && !isDir:
		err = unix.ENOTDIR
	case kind == makeFile && isDir:
		err = unix.EISDIR
	}
	if err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// makeName makes a directory or an empty file, open to all whatever the umask is.
func makeName(at int, name, kind string) error {
	if kind == makeDir {
		if err := unix.Mkdirat(at, name, 0o755); err != nil {
			return err
		}
		return unix.Fchmodat(at, name, 0o755, 0)
	}
	fd, err := unix.Openat(at, name, unix.O_CREAT|unix.O_EXCL|unix.O_WRONLY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o644)
	if err != nil {
		return err
	}
	return unix.Close(fd)
}
