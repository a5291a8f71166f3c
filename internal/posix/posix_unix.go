//go:build unix

package posix

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Permissions tells whether files have a numeric owner, and a mode whose bits decide who
// may use them. Where they haven't, checks of owner and mode have nothing to check.
const Permissions = true

// Flags of [os.OpenFile]: don't wait for the other end of a FIFO, and fail on a symbolic
// link.
const (
	NonBlock = unix.O_NONBLOCK
	NoFollow = unix.O_NOFOLLOW
)

// Signals that Windows doesn't have.
const (
	SIGUSR1  = unix.SIGUSR1
	SIGUSR2  = unix.SIGUSR2
	SIGWINCH = unix.SIGWINCH
)

// LockExclusive locks a file, open for writing, against all other processes and waits for
// them.
//
// The lock is a record lock of fcntl(2) on the whole file, as the system's own tools take:
// another kind wouldn't exclude those. The process holds it, not the descriptor: other
// goroutines aren't excluded, and it is released when the process closes any descriptor
// of the file.
func LockExclusive(file *os.File) error { return lock(file, unix.F_WRLCK) }

// LockShared locks a file, open for reading, against processes that call [LockExclusive],
// and waits for those.
func LockShared(file *os.File) error { return lock(file, unix.F_RDLCK) }

func lock(file *os.File, kind int16) error {
	whole := &unix.Flock_t{Type: kind}
	for {
		err := unix.FcntlFlock(file.Fd(), unix.F_SETLKW, whole)
		if err != unix.EINTR {
			return err
		}
	}
}

// LockOwner returns the process that keeps others from locking a file with [LockExclusive];
// ok is false if none does, or if it is this one.
func LockOwner(file *os.File) (pid int, ok bool, err error) {
	whole := &unix.Flock_t{Type: unix.F_WRLCK}
	if err := unix.FcntlFlock(file.Fd(), unix.F_GETLK, whole); err != nil {
		return 0, false, os.NewSyscallError("fcntl", err)
	}
	return int(whole.Pid), whole.Type != unix.F_UNLCK, nil
}

// Stat is what the system knows of a file beyond [fs.FileInfo].
type Stat struct {
	Device, Inode, Links uint64
	Mode, UID, GID       uint32 // Mode has the type, too (S_IFMT)
	Special              uint64 // the device that a device file stands for
}

// StatOf returns the rest of what [os.Stat] found.
func StatOf(info fs.FileInfo) (Stat, error) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return Stat{}, fmt.Errorf("%s: stat: %w", info.Name(), errors.ErrUnsupported)
	}
	return Stat{
		Device: uint64(s.Dev), Inode: uint64(s.Ino), Links: uint64(s.Nlink),
		Mode: uint32(s.Mode), UID: s.Uid, GID: s.Gid, Special: uint64(s.Rdev),
	}, nil
}

// Access fails if the process may not write to a file or make files in a directory.
func Access(path string) error { return unix.Access(path, unix.W_OK) }

// Rename is rename(2): unlike [os.Rename], it replaces an empty directory by another.
func Rename(from, to string) error { return unix.Rename(from, to) }

// Mkfifo makes a FIFO.
func Mkfifo(path string, perm uint32) error { return unix.Mkfifo(path, perm) }

// Mknod makes a device file like another.
func Mknod(path string, like Stat) error { return mknod(unix.Mknod, path, like) }

// mknod calls Mknod with the type that this system has for device numbers.
func mknod[D int | uint64](call func(string, uint32, D) error, path string, like Stat) error {
	return call(path, like.Mode, D(like.Special))
}

// Umask sets the bits of modes that files of this process are made without.
func Umask(mask int) error {
	unix.Umask(mask)
	return nil
}

// Running reports whether a process exists, also one of another user.
func Running(pid int) bool { return pid > 0 && unix.Kill(pid, 0) != unix.ESRCH }

// Raise sends a signal to this process.
func Raise(s syscall.Signal) error { return unix.Kill(os.Getpid(), s) }

// SignalName returns the name of a signal without SIG, or "" where it has none.
func SignalName(s syscall.Signal) string { return strings.TrimPrefix(unix.SignalName(s), "SIG") }

// Blocking clears O_NONBLOCK, which Go sets on pipes and which a child wouldn't expect.
func Blocking(file *os.File) error { return unix.SetNonblock(int(file.Fd()), false) }

// NonBlocking returns a copy of a file, which isn't inherited by children, in
// non-blocking mode: closing it wakes its readers.
func NonBlocking(file *os.File) (*os.File, error) {
	fd, err := unix.FcntlInt(file.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("fcntl", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		return nil, errors.Join(os.NewSyscallError("fcntl", err), unix.Close(fd))
	}
	return os.NewFile(uintptr(fd), file.Name()), nil
}

// Messages returns two connected files: a read returns what one write wrote, and after an
// empty one the end of the file. A write waits while nobody reads, until its deadline.
func Messages() (reads, writes *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	for _, fd := range fds {
		unix.CloseOnExec(fd)
	}
	if err := unix.SetNonblock(fds[1], true); err != nil {
		return nil, nil, errors.Join(os.NewSyscallError("fcntl", err), unix.Close(fds[0]), unix.Close(fds[1]))
	}
	return os.NewFile(uintptr(fds[0]), "messages"), os.NewFile(uintptr(fds[1]), "messages"), nil
}

// AwaitInput waits until a file can be read, and returns true, or stop can, and returns
// false.
func AwaitInput(file, stop *os.File) (bool, error) {
	fds := []unix.PollFd{{Fd: int32(stop.Fd()), Events: unix.POLLIN}, {Fd: int32(file.Fd()), Events: unix.POLLIN}}
	for {
		switch _, err := unix.Poll(fds, -1); {
		case err == unix.EINTR:
		case err != nil:
			return false, os.NewSyscallError("poll", err)
		case fds[0].Revents != 0:
			return false, nil
		case fds[1].Revents != 0:
			return true, nil
		}
	}
}

// CloseOnExec keeps a descriptor of this process out of its children.
func CloseOnExec(fd int) { unix.CloseOnExec(fd) }

// StartDetached starts a program in a session of its own, with "/" as its current
// directory and with files as its descriptors from 0 on. Unlike [os.StartProcess], it
// makes no descriptor for the process, which may outlive this one.
func StartDetached(program string, args, env []string, files []*os.File) (pid int, err error) {
	fds := make([]uintptr, len(files))
	for i, file := range files {
		fds[i] = file.Fd()
	}
	return syscall.ForkExec(program, args, &syscall.ProcAttr{
		Dir: "/", Env: env, Files: fds, Sys: &syscall.SysProcAttr{Setsid: true},
	})
}
