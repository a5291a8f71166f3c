package check

import (
	"bytes"
	"path/filepath"
	"reflect"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// writeText writes to a page of code.
func writeText() {
	text := reflect.ValueOf(TestBadAddresses).Pointer()
	*(*byte)(unsafe.Add(nil, text)) = 0
}

// nowhere is an address at which programs have no memory.
func nowhere() unsafe.Pointer { return unsafe.Add(nil, 8) }

// A bad address of a structure that a call reads or writes gives EFAULT, and the program
// continues.
func TestBadAddresses(t *testing.T) {
	t.Parallel()
	var fds [2]int
	if err := unix.Pipe(fds[:]); err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fds[0])
	defer unix.Close(fds[1])
	for name, call := range map[string]func() error{
		"stat":      func() error { return unix.Stat("/", (*unix.Stat_t)(nowhere())) },
		"fstat":     func() error { return unix.Fstat(fds[0], (*unix.Stat_t)(nowhere())) },
		"statvfs":   func() error { return unix.Statvfs("/", (*unix.Statvfs_t)(nowhere())) },
		"uname":     func() error { return unix.Uname((*unix.Utsname)(nowhere())) },
		"getrlimit": func() error { return unix.Getrlimit(unix.RLIMIT_NOFILE, (*unix.Rlimit)(nowhere())) },
		"fcntl": func() error {
			return unix.FcntlFlock(uintptr(fds[0]), unix.F_GETLK, (*unix.Flock_t)(nowhere()))
		},
		"read": func() error {
			if _, err := unix.Write(fds[1], []byte("x")); err != nil {
				return err
			}
			_, err := unix.Read(fds[0], unsafe.Slice((*byte)(nowhere()), 1))
			return err
		},
		"poll": func() error {
			_, err := unix.Poll(unsafe.Slice((*unix.PollFd)(nowhere()), 1), 0)
			return err
		},
	} {
		if err := call(); err != unix.EFAULT {
			t.Errorf("%s with a bad address: %v, want EFAULT", name, err)
		}
	}
}

func TestMappedFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_CREAT|unix.O_EXCL, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := unix.Ftruncate(fd, 8192); err != nil {
		t.Fatal(err)
	}
	memory, err := unix.Mmap(fd, 0, 8192, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	copy(memory[4096:], "through memory")
	if err := unix.Msync(memory, unix.MS_SYNC); err != nil {
		t.Error(err)
	}
	read := make([]byte, 14)
	if _, err := unix.Pread(fd, read, 4096); err != nil || string(read) != "through memory" {
		t.Errorf("the file holds %q, %v", read, err)
	}
	if err := unix.Munmap(memory); err != nil {
		t.Error(err)
	}
}

// MADV_DONTNEED keeps the contents of memory on illumos, and discards them on Linux.
func TestDontNeedKeepsMemory(t *testing.T) {
	t.Parallel()
	memory, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Munmap(memory)
	copy(memory, "still here")
	if err := unix.Madvise(memory, unix.MADV_DONTNEED); err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(memory, []byte("still here")) {
		t.Error("the memory lost what it held")
	}
}

func TestErrnoNumbers(t *testing.T) {
	t.Parallel()
	// Numbers of illumos's errno.h that differ from Linux's.
	for _, test := range []struct {
		name string
		err  error
		want syscall.Errno
	}{
		{"ENAMETOOLONG", unix.Mkdir(string(bytes.Repeat([]byte("x"), 300)), 0o700), 78},
		{"ENOTEMPTY as EEXIST", unix.Rmdir("/proc/self/fd/.."), 17},
		{"ENOENT", unix.Rmdir("/nowhere at all"), 2},
		{"EPERM of a directory", unix.Unlink(t.TempDir()), 1},
	} {
		if test.name == "ENOTEMPTY as EEXIST" {
			dir := t.TempDir()
			if err := unix.Mkdir(filepath.Join(dir, "in"), 0o700); err != nil {
				t.Fatal(err)
			}
			test.err = unix.Rmdir(dir)
		}
		if test.err != test.want {
			t.Errorf("%s: got %v (%d), want %d", test.name, test.err, test.err, test.want)
		}
	}
}
