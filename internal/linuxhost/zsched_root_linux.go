package linuxhost

import (
	"fmt"
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// enterSandbox makes a file system in memory the root of this process's mount
// namespace, with its own /proc and /dev, and detaches everything else, so that a
// waiting sandbox keeps none of the host's file systems busy and sees none out of
// date. The trees are the devices of the host.
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
	// The new /proc is mounted while the old one is visible, which Linux requires of an
	// unprivileged user.
	if err := unix.Mount("proc", "proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
		return fmt.Errorf("proc: %w", failed("mount", "/proc", err))
	}
	if err := pivotHere(); err != nil {
		return err
	}
	// Set the name shown by ps; the default is that of a descriptor.
	if err := os.WriteFile("/proc/self/comm", []byte(zschedName), 0); err != nil {
		return err
	}
	if err := makeDev(devices, trees); err != nil {
		return err
	}
	return hideProc()
}

// pivotHere makes the working directory, which is a mount point, the root, and
// detaches the old root.
func pivotHere() error {
	// The new root is then under the old one, which can be detached immediately.
	if err := unix.PivotRoot(".", "."); err != nil {
		return failed("pivot_root", ".", err)
	}
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("old root: %w", failed("umount2", ".", err))
	}
	return failed("chdir", "/", unix.Chdir("/"))
}

// carried are the file systems of zsched's own that every root of its zone has.
var carried = []string{"/proc", "/dev"}

// enterRoot makes a mount tree the root, and moves the sandbox's /proc and /dev there.
// It mounts the tree over the sandbox's root, which is then empty, as an initial RAM
// disk of Linux does: pivot_root looks at every thread of the host, and so costs more
// the more zones run.
func enterRoot(tree int) error {
	var fds []int
	defer func() { closeFDs(fds) }()
	for _, path := range append(slices.Clip(carried), "/") {
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
		// Resolve it in the zone's root, whatever symbolic links are there.
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

// moveMount mounts the tree of one descriptor on the directory or file of another.
// name is for errors.
func moveMount(tree, point int, name string) error {
	return failed("move_mount", name, unix.MoveMount(tree, "", point, "", unix.MOVE_MOUNT_F_EMPTY_PATH|unix.MOVE_MOUNT_T_EMPTY_PATH))
}

// makeDev gives the zone its own /dev with devices of the host, terminals and shared
// memory.
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

// hideProc makes the parts of /proc that affect the host read-only, and hides those
// that show more than a zone should see.
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
