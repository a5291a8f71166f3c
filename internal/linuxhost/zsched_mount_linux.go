package linuxhost

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// mountAll mounts a list in its order and returns how many it has mounted before one
// failed. The trees are those that the kernel process has picked up.
func mountAll(entries []mountEntry, trees []int) (done int, err error) {
	for ; done < len(entries); done++ {
		e := entries[done]
		if e.FSType != "" {
			err = e.mount()
		} else if len(trees) == 0 {
			err = failed(zschedName, opMount, unix.EBADF)
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

// attach mounts a tree of mounts on a point in the zone.
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
		return failed("move_mount", point, unix.ENOTDIR) // which Linux calls EINVAL
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
	// By the descriptor: the name could be another directory by now. The directory of
	// descriptors is reachable as long as some /proc is mounted, so go there first.
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

// unmount unmounts what is at a point. By force it is detached even while it is used,
// by its descriptor: a terminal that was closed has no path any more.
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
	unix.Close(fd) // which would keep it busy
	if err != nil {
		return err
	}
	return failed("umount2", point, unix.Unmount(path, unix.UMOUNT_NOFOLLOW))
}
