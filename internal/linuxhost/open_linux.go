package linuxhost

import (
	"fmt"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/sys/zone"
)

// How a missing mount point is created.
const (
	makeFile = "file"
	makeDir  = "dir"
)

// fdPath returns a path that refers to the file of a descriptor.
func fdPath(fd int) string { return fmt.Sprintf("/proc/self/fd/%d", fd) }

// openRoot opens the root directory.
func openRoot() (int, error) {
	fd, err := unix.Open("/", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	return fd, failed("open", "/", err)
}

// openInside opens a path without leaving the root directory, whatever symbolic links
// the zone contains.
func openInside(name string, flags uint64) (int, error) {
	root, err := openRoot()
	if err != nil {
		return -1, err
	}
	defer unix.Close(root)
	how := &unix.OpenHow{Flags: flags | unix.O_CLOEXEC, Resolve: unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS}
	relative := strings.TrimLeft(path.Clean(name), "/")
	fd, err := openat2(root, relative+"/.", how)
	if err == unix.ENOTDIR {
		fd, err = openat2(root, relative, how)
	}
	return fd, failed("openat2", name, err)
}

// openat2 repeats the call, which fails with EAGAIN if any directory of the machine is
// renamed while it follows "..", and might have missed the way out of the root.
func openat2(root int, name string, how *unix.OpenHow) (fd int, err error) {
	const tries = 1000
	for range tries {
		fd, err = unix.Openat2(root, name, how)
		if err != unix.EAGAIN && err != unix.EINTR {
			break
		}
	}
	return fd, err
}

// openPoint opens a mount point in the zone. With a kind it creates it if missing, and
// the path must not contain symbolic links.
func openPoint(point, kind string) (int, error) {
	if kind == "" {
		return openInside(point, unix.O_PATH)
	}
	return makePoint(point, kind)
}

// makePoint walks from the zone's root to a mount point by descriptors, so that no
// symbolic link can be put in the way meanwhile, and creates missing names. The path
// at which it fails is the Name of an error with Op [zone.OpMountPoint].
func makePoint(point, kind string) (int, error) {
	at, err := openRoot()
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
		next, err := step(at, name, walked, want)
		unix.Close(at)
		if err != nil {
			return -1, &zone.Error{Op: zone.OpMountPoint, Name: walked, Errno: zone.ErrnoOf(err), Cause: zone.AsError(err)}
		}
		at = next
	}
	return at, nil
}

// step opens a name in a directory and creates it if missing. It returns ELOOP for a
// symbolic link, and ENOTDIR if a directory is needed and the name isn't one. Errors
// have the whole path, walked.
func step(at int, name, walked, kind string) (int, error) {
	const open = unix.O_PATH | unix.O_NOFOLLOW | unix.O_CLOEXEC
	fd, err := unix.Openat(at, name, open, 0)
	if err == unix.ENOENT {
		if err := makeName(at, name, walked, kind); err != nil {
			return -1, err
		}
		fd, err = unix.Openat(at, name, open, 0)
	}
	if err != nil {
		return -1, failed("openat", walked, err)
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
		return -1, failed("openat", walked, err)
	}
	return fd, nil
}

// makeName makes a directory or an empty file with the same mode whatever the umask
// is.
func makeName(at int, name, walked, kind string) error {
	if kind == makeDir {
		if err := unix.Mkdirat(at, name, 0o755); err != nil {
			return failed("mkdirat", walked, err)
		}
		return failed("fchmodat", walked, unix.Fchmodat(at, name, 0o755, 0))
	}
	fd, err := unix.Openat(at, name, unix.O_CREAT|unix.O_EXCL|unix.O_WRONLY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o644)
	if err != nil {
		return failed("openat", walked, err)
	}
	return failed("close", walked, unix.Close(fd))
}
