package posix

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/windows"
)

// Permissions is false: access lists decide, which this project doesn't read.
const Permissions = false

// Flags of [os.OpenFile]. Opening a pipe doesn't wait on Windows. NoFollow is the flag for
// FILE_FLAG_OPEN_REPARSE_POINT: it opens the link itself, which is no regular file.
const (
	NonBlock = 0
	NoFollow = windows.FILE_FLAG_OPEN_REPARSE_POINT
)

// Signals that Windows doesn't have, by numbers that no signal has there: nothing sends
// them.
const (
	SIGUSR1  = syscall.Signal(0x101)
	SIGUSR2  = syscall.Signal(0x102)
	SIGWINCH = syscall.Signal(0x103)
)

// unsupported is the error of a call that Windows doesn't have.
func unsupported(call string) error {
	return fmt.Errorf("%s: %w on Windows", call, errors.ErrUnsupported)
}

// LockExclusive locks a file against all others that have it open, also in this process,
// and waits for them. The lock is released when the file is closed.
func LockExclusive(file *os.File) error { return lock(file, windows.LOCKFILE_EXCLUSIVE_LOCK) }

// LockShared locks a file against [LockExclusive], and waits for its callers.
func LockShared(file *os.File) error { return lock(file, 0) }

// lock locks the last byte that a file could have. On Windows a lock keeps others from
// reading and writing what is locked; as on Unix, it must only keep them from locking.
func lock(file *os.File, flags uint32) error {
	last := &windows.Overlapped{Offset: math.MaxUint32, OffsetHigh: math.MaxInt32}
	return os.NewSyscallError("LockFileEx", windows.LockFileEx(windows.Handle(file.Fd()), flags, 0, 1, 0, last))
}

// LockOwner fails: Windows doesn't tell.
func LockOwner(file *os.File) (pid int, ok bool, err error) { return 0, false, unsupported("fcntl") }

// Stat is what Unix knows of a file beyond [fs.FileInfo].
type Stat struct {
	Device, Inode, Links uint64
	Mode, UID, GID       uint32
	Special              uint64
}

// StatOf fails: [os.Stat] finds no owner and no links on Windows.
func StatOf(info fs.FileInfo) (Stat, error) {
	return Stat{}, fmt.Errorf("%s: %w", info.Name(), unsupported("stat"))
}

// Access fails if the file isn't there or can't be opened for writing, or if no file can
// be made in the directory.
func Access(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		file, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return file.Close()
	}
	file, err := os.CreateTemp(path, ".access")
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

// Rename renames a file or a directory; as on Unix, it replaces an empty directory by
// another.
func Rename(from, to string) error {
	source, err := os.Lstat(from)
	if err != nil {
		return err
	}
	if target, err := os.Lstat(to); err == nil && source.IsDir() && target.IsDir() {
		if err := os.Remove(to); err != nil { // fails unless it is empty
			return err
		}
	}
	return os.Rename(from, to)
}

// Mkfifo fails: Windows has named pipes, but not in directories.
func Mkfifo(path string, perm uint32) error {
	return &fs.PathError{Op: "make", Path: path, Err: unsupported("mkfifo")}
}

// Mknod fails: Windows has devices, but not in directories.
func Mknod(path string, like Stat) error {
	return &fs.PathError{Op: "make", Path: path, Err: unsupported("mknod")}
}

// Umask fails: what is made gets the access list of its directory.
func Umask(mask int) error { return unsupported("umask") }

// Running reports whether a process exists, also one of another user.
func Running(pid int) bool {
	if pid <= 0 {
		return false
	}
	process, err := windows.OpenProcess(windows.SYNCHRONIZE, false, uint32(pid))
	if err != nil {
		return errors.Is(err, windows.ERROR_ACCESS_DENIED)
	}
	defer windows.CloseHandle(process)
	// A process that has exited can be opened until the last handle of it is closed.
	event, err := windows.WaitForSingleObject(process, 0)
	return err != nil || event == uint32(windows.WAIT_TIMEOUT)
}

// Raise fails, except for SIGKILL, which ends this process.
func Raise(s syscall.Signal) error {
	if s != syscall.SIGKILL {
		return unsupported("kill")
	}
	return windows.TerminateProcess(windows.CurrentProcess(), 1)
}

// SignalName returns "": Windows has no names for signals.
func SignalName(s syscall.Signal) string { return "" }

// Blocking does nothing: pipes of Windows are in blocking mode for children.
func Blocking(file *os.File) error { return nil }

// NonBlocking fails: a descriptor that can be closed under its reader is made by opening.
func NonBlocking(file *os.File) (*os.File, error) {
	return nil, &fs.PathError{Op: "reopen", Path: file.Name(), Err: unsupported("fcntl")}
}

// Messages fails: there are no sockets that keep messages apart.
func Messages() (reads, writes *os.File, err error) {
	return nil, nil, unsupported("socketpair")
}

// AwaitInput fails: consoles and pipes can't be waited for in the same way.
func AwaitInput(file, stop *os.File) (bool, error) {
	return false, &fs.PathError{Op: "poll", Path: file.Name(), Err: unsupported("poll")}
}

// CloseOnExec keeps a handle of this process out of its children.
func CloseOnExec(fd int) { syscall.CloseOnExec(syscall.Handle(fd)) }

// StartDetached fails: there are no descriptors for the child to inherit.
func StartDetached(program string, args, env []string, files []*os.File) (pid int, err error) {
	return 0, &fs.PathError{Op: "start", Path: filepath.Base(program), Err: unsupported("fork")}
}
