package linuxhost

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// mountAll mounts a list in its order and returns how many were mounted before one
// failed. The trees come from the kernel process.
func mountAll(entries []mountEntry, trees []int) (done int, err error) {
	for ; done < len(entries); done++ {
		e := entries[done]
		if e.FSType != "" {
			err = e.mount()
		} else if len(trees) == 0 {
			err = failed(zschedName, opMount, unix.EBADF)
		} else if e.Point == rootPoint {
			err = enterRoot(trees[0])
			trees = trees[1:]
		} else {
			err = attach(e.Point, e.Make, trees[0])
			trees = trees[1:]
		}
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// attach mounts a mount tree on a mount point in the zone.
func attach(point, kind string, tree int) error {
	fd, err := openPoint(point, kind)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	here, err1 := kindOf(fd)
	there, err2 := kindOf(tree)
	if err := errors.Join(err1, err2); err != nil {
		return failed("fstat", point, err)
	}
	if here != there {
		return failed("move_mount", point, unix.ENOTDIR) // Linux returns EINVAL
	}
	return moveMount(tree, fd, point)
}

// mount mounts a file system that has no source: tmpfs, proc.
func (e *mountEntry) mount() error {
	fd, err := openPoint(e.Point, e.Make)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	// Mount by descriptor, since the name could by now refer to another directory.
	// /proc/self/fd needs a mounted /proc, so for a new proc change to the directory
	// first.
	if e.FSType == "proc" {
		if err := unix.Fchdir(fd); err != nil {
			return failed("fchdir", e.Point, err)
		}
		err = unix.Mount(e.FSType, ".", e.FSType, e.Flags, e.Options)
		if back := unix.Chdir("/"); back != nil {
			return failed("chdir", "/", back)
		}
	} else {
		err = unix.Mount(e.FSType, fdPath(fd), e.FSType, e.Flags, e.Options)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", e.FSType, failed("mount", e.Point, err))
	}
	return nil
}

// unmount unmounts a mount point. With force it is detached even while in use, by its
// descriptor: a closed terminal no longer has a path.
func unmount(point string, force bool) error {
	fd, err := openInside(point, unix.O_PATH)
	if err != nil {
		return err
	}
	if force {
		defer unix.Close(fd)
		return failed("umount2", point, unix.Unmount(fdPath(fd), unix.MNT_DETACH))
	}
	path, err := os.Readlink(fdPath(fd))
	unix.Close(fd) // it would keep the mount busy
	if err != nil {
		return err
	}
	return failed("umount2", point, unix.Unmount(path, unix.UMOUNT_NOFOLLOW))
}
