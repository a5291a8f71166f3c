package linuxhost

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// enterSandbox makes a file system in memory the root of this process's mount
// namespace, with a /proc and a /dev of its own, and detaches everything else: what
// waits there for a zone keeps none of the host's file systems busy, and can't be out
// of date. The trees are the devices of the host.
func enterSandbox(devices []string, trees []int) error {
	if len(devices) != len(trees) {
		return failed(zschedName, opSandbox, unix.EBADF)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("private mounts: %w", failed("mount", "/", err))
	}
	const point = "/proc" // a directory that exists
	if err := unix.Mount("sandbox", point, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "mode=755,size=16k"); err != nil {
		return fmt.Errorf("tmpfs: %w", failed("mount", point, err))
	}
	if err := unix.Chdir(point); err != nil {
		return failed("chdir", point, err)
	}
	for _, dir := range []string{"proc", "dev"} {
		if err := unix.Mkdir(dir, 0o755); err != nil {
			return failed("mkdir", dir, err)
		}
	}
	// The new /proc is mounted while the old one is still there to prove that this user may.
	if err := unix.Mount("proc", "proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
		return fmt.Errorf("proc: %w", failed("mount", "/proc", err))
	}
	if err := pivotHere(); err != nil {
		return err
	}
	// The name that ps shows; the program's own is that of a descriptor.
	if err := os.WriteFile("/proc/self/comm", []byte(zschedName), 0); err != nil {
		return err
	}
	if err := makeDev(devices, trees); err != nil {
		return err
	}
	return hideProc()
}

// pivotHere makes the working directory, on which something is mounted, the root, and
// detaches the old root.
func pivotHere() error {
	// The new root lies under the old one, which can then be detached at once.
	if err := unix.PivotRoot(".", "."); err != nil {
		return failed("pivot_root", ".", err)
	}
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("old root: %w", failed("umount2", ".", err))
	}
	return failed("chdir", "/", unix.Chdir("/"))
}

// enterRoot makes a tree of mounts the root, and takes /proc and /dev of the sandbox
// along. The tree is mounted over the sandbox's root, which is empty then, as an
// initial RAM disk of Linux does it: pivot_root would look at every thread of the
// machine, and so cost more the more zones run.
func enterRoot(tree int) error {
	carried := []string{"/proc", "/dev"}
	var fds []int
	defer func() { closeFDs(fds) }()
	for _, path := range append(carried, "/") {
		fd, err := unix.Open(path, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		if err != nil {
			return failed("open", path, err)
		}
		fds = append(fds, fd)
	}
	if err := moveMount(tree, fds[len(carried)], "/"); err != nil {
		return err
	}
	if err := unix.Fchdir(tree); err != nil {
		return failed("fchdir", "/", err)
	}
	if err := unix.Chroot("."); err != nil {
		return failed("chroot", "/", err)
	}
	for i, path := range carried {
		// In the zone's root, whatever links are there.
		point, err := openInside(path, unix.O_PATH)
		if err != nil {
			return err
		}
		err = moveMount(fds[i], point, path)
		unix.Close(point)
		if err != nil {
			return err
		}
	}
	return nil
}

// moveMount puts what one descriptor is the root of on the directory or file that
// another one is, whose name is for errors.
func moveMount(tree, point int, name string) error {
	return failed("move_mount", name, unix.MoveMount(tree, "", point, "", unix.MOVE_MOUNT_F_EMPTY_PATH|unix.MOVE_MOUNT_T_EMPTY_PATH))
}

// makeDev gives the zone a /dev of its own with devices of the host, terminals and
// shared memory.
func makeDev(devices []string, trees []int) error {
	if err := unix.Mount("dev", "/dev", "tmpfs", unix.MS_NOSUID|unix.MS_NOEXEC, "mode=755,size=64k"); err != nil {
		return fmt.Errorf("tmpfs: %w", failed("mount", "/dev", err))
	}
	for _, dir := range []string{"/dev/pts", "/dev/shm"} {
		if err := unix.Mkdir(dir, 0o755); err != nil {
			return failed("mkdir", dir, err)
		}
	}
	if err := unix.Mount("devpts", "/dev/pts", "devpts", unix.MS_NOSUID|unix.MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620"); err != nil {
		return fmt.Errorf("devpts: %w", failed("mount", "/dev/pts", err))
	}
	if err := unix.Mount("shm", "/dev/shm", "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=1777,size=64m"); err != nil {
		return fmt.Errorf("tmpfs: %w", failed("mount", "/dev/shm", err))
	}
	for _, link := range [][2]string{
		{"pts/ptmx", "/dev/ptmx"}, {"/proc/self/fd", "/dev/fd"}, {"/proc/self/fd/0", "/dev/stdin"},
		{"/proc/self/fd/1", "/dev/stdout"}, {"/proc/self/fd/2", "/dev/stderr"},
	} {
		if err := unix.Symlink(link[0], link[1]); err != nil {
			return failed("symlink", link[1], err)
		}
	}
	for i, name := range devices {
		if err := attach("/dev/"+name, makeFile, trees[i]); err != nil {
			return err
		}
	}
	return nil
}

// hideProc keeps the zone from changing what /proc has for the host, and covers what
// shows more than a zone should see.
func hideProc() error {
	for _, path := range []string{"/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus", "/proc/fs"} {
		err := unix.Mount(path, path, "", unix.MS_BIND|unix.MS_REC, "")
		if err == nil {
			err = unix.Mount("", path, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY|unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "")
		}
		if err != nil && err != unix.ENOENT {
			return failed("mount", path, err)
		}
	}
	for _, path := range []string{"/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/sched_debug", "/proc/latency_stats", "/proc/kmsg"} {
		err := unix.Mount("/dev/null", path, "", unix.MS_BIND, "")
		if err != nil && err != unix.ENOENT {
			return failed("mount", path, err)
		}
	}
	return nil
}
