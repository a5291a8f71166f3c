package linuxhost

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// enterRoom makes a file system in memory the root of this process's mount
// namespace, with /proc and /dev of its own, and lets go of everything else. What
// waits there for a zone keeps nothing of the machine busy, and can't be out of date.
func enterRoom() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("private mounts: %w", err)
	}
	const point = "/proc" // a directory that is there
	if err := unix.Mount("room", point, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "mode=755,size=16k"); err != nil {
		return fmt.Errorf("an empty room: %w", err)
	}
	if err := unix.Chdir(point); err != nil {
		return err
	}
	for _, dir := range []string{"proc", "dev", zoneRoot} {
		if err := unix.Mkdir(dir, 0o755); err != nil {
			return fmt.Errorf("an empty room: %w", err)
		}
	}
	// /proc is mounted while the old one is still there to prove that this user may.
	if err := unix.Mount("proc", "proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
		return fmt.Errorf("/proc: %w", err)
	}
	if err := pivotHere(nil); err != nil {
		return fmt.Errorf("an empty room: %w", err)
	}
	// The name that ps shows; the program's own is that of a descriptor.
	if err := os.WriteFile("/proc/self/comm", []byte(zschedName), 0); err != nil {
		return err
	}
	if err := hideProc(); err != nil {
		return err
	}
	return makeDev()
}

// zoneRoot is where the zone's root comes in the room.
const zoneRoot = "root"

// pivotHere makes the working directory, on which something is mounted, the root,
// and takes the old root off. Before that carry may bring things over.
func pivotHere(carry func() error) error {
	// The new root lies under the old one, which can then be taken off at once.
	if err := unix.PivotRoot(".", "."); err != nil {
		return err
	}
	if carry != nil {
		if err := carry(); err != nil {
			return err
		}
	}
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("the old root: %w", err)
	}
	return unix.Chdir("/")
}

// enterRoot makes a tree of mounts the root, and takes /proc and /dev of the room
// along. Nothing is left of the room then.
func enterRoot(tree int) error {
	carried := map[string]int{"/proc": -1, "/dev": -1}
	for path := range carried {
		fd, err := unix.Open(path, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		carried[path] = fd
	}
	at, err := unix.Open("/"+zoneRoot, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(at)
	if err := moveMount(tree, at); err != nil {
		return fmt.Errorf("zone root: %w", err)
	}
	if err := unix.Chdir("/" + zoneRoot); err != nil {
		return fmt.Errorf("zone root: %w", err)
	}
	err = pivotHere(func() error {
		for path, fd := range carried {
			// In the zone's root, whatever links are there.
			point, err := openInside(path, unix.O_PATH)
			if err != nil {
				return fmt.Errorf("mount point %s: %w", path, err)
			}
			err = moveMount(fd, point)
			unix.Close(point)
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("zone root: %w", err)
	}
	return nil
}

// moveMount puts what one descriptor is the root of on the directory or file that
// another one is.
func moveMount(tree, point int) error {
	return unix.MoveMount(tree, "", point, "", unix.MOVE_MOUNT_F_EMPTY_PATH|unix.MOVE_MOUNT_T_EMPTY_PATH)
}

// openInside opens a path without ever leaving the root directory, whatever links
// the zone has put there.
func openInside(path string, flags uint64) (int, error) {
	root, err := unix.Open("/", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	defer unix.Close(root)
	how := &unix.OpenHow{Flags: flags | unix.O_CLOEXEC, Resolve: unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS}
	fd, err := unix.Openat2(root, strings.TrimLeft(filepath.Clean(path), "/")+"/.", how)
	if err == unix.ENOTDIR {
		fd, err = unix.Openat2(root, strings.TrimLeft(filepath.Clean(path), "/"), how)
	}
	return fd, err
}

func fdPath(fd int) string { return fmt.Sprintf("/proc/self/fd/%d", fd) }

// mountAt mounts a file system of its own on a directory in the zone.
func mountAt(point, source, fstype string, flags uintptr, options string) error {
	return mountMaking(point, source, fstype, flags, options, "")
}

// mountMaking is mountAt for a point that may have to be made.
func mountMaking(point, source, fstype string, flags uintptr, options, kind string) error {
	fd, err := openPoint(point, kind)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	// By the descriptor: the name could be another directory by now. The folder of
	// descriptors is reachable as long as some /proc is mounted, so go there first.
	if fstype == "proc" {
		if err := unix.Fchdir(fd); err != nil {
			return err
		}
		err = unix.Mount(source, ".", fstype, flags, options)
		if back := unix.Chdir("/"); back != nil {
			return back
		}
	} else {
		err = unix.Mount(source, fdPath(fd), fstype, flags, options)
	}
	if err != nil {
		return fmt.Errorf("mount %s on %s: %w", fstype, point, err)
	}
	return nil
}

// hideProc keeps the zone from changing what /proc has for the machine.
func hideProc() error {
	for _, path := range []string{"/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus", "/proc/fs"} {
		err := unix.Mount(path, path, "", unix.MS_BIND|unix.MS_REC, "")
		if err == nil {
			err = unix.Mount("", path, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY|unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "")
		}
		if err != nil && err != unix.ENOENT {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	// What shows the kernel's memory or keys is covered with the zone's /dev/null,
	// once that is there; see coverProc.
	return nil
}

// coverProc covers files of /proc that show more than a zone should see.
func coverProc() error {
	for _, path := range []string{"/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/sched_debug", "/proc/latency_stats", "/proc/kmsg"} {
		err := unix.Mount("/dev/null", path, "", unix.MS_BIND, "")
		if err != nil && err != unix.ENOENT {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}

// makeDev gives the zone a /dev of its own with terminals and shared memory. The
// nodes are attached by the kernel process, which has those of the machine.
func makeDev() error {
	if err := mountAt("/dev", "dev", "tmpfs", unix.MS_NOSUID|unix.MS_NOEXEC, "mode=755,size=64k"); err != nil {
		return err
	}
	for _, dir := range []string{"/dev/pts", "/dev/shm"} {
		if err := unix.Mkdir(dir, 0o755); err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
	}
	if err := unix.Mount("devpts", "/dev/pts", "devpts", unix.MS_NOSUID|unix.MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620"); err != nil {
		return fmt.Errorf("terminals: %w", err)
	}
	if err := unix.Mount("shm", "/dev/shm", "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=1777,size=64m"); err != nil {
		return fmt.Errorf("shared memory: %w", err)
	}
	for _, link := range [][2]string{
		{"pts/ptmx", "/dev/ptmx"}, {"/proc/self/fd", "/dev/fd"}, {"/proc/self/fd/0", "/dev/stdin"},
		{"/proc/self/fd/1", "/dev/stdout"}, {"/proc/self/fd/2", "/dev/stderr"},
	} {
		if err := unix.Symlink(link[0], link[1]); err != nil {
			return fmt.Errorf("%s: %w", link[1], err)
		}
	}
	return nil
}

// attach puts a tree of mounts that the kernel process has picked up on a point in
// the zone.
func attach(r *request, fds []int) error {
	if len(fds) != 1 {
		return unix.EBADF
	}
	point, err := openPoint(r.Point, r.Make)
	if err != nil {
		return err
	}
	defer unix.Close(point)
	if err := moveMount(fds[0], point); err != nil {
		return fmt.Errorf("mount on %s: %w", r.Point, err)
	}
	return nil
}

// mountHere mounts a file system that comes from nowhere: tmpfs, proc.
func mountHere(r *request) error {
	return mountMaking(r.Point, r.FSType, r.FSType, r.Flags, r.Options, r.Make)
}

// unmountHere unmounts what is at a point. By force it is taken off whoever uses it,
// by its descriptor: a terminal that has gone has no path any more.
func unmountHere(r *request) error {
	fd, err := openInside(r.Point, unix.O_PATH)
	if err != nil {
		return err
	}
	if r.Force {
		defer unix.Close(fd)
		return unix.Unmount(fdPath(fd), unix.MNT_DETACH)
	}
	path, err := os.Readlink(fdPath(fd))
	unix.Close(fd) // which would keep it busy
	if err != nil {
		return err
	}
	return unix.Unmount(path, unix.UMOUNT_NOFOLLOW)
}
