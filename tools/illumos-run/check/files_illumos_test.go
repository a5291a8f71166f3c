package check

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestDirectories(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var want []string
	for i := range 500 {
		name := fmt.Sprintf("%d-%s", i, strings.Repeat("x", i%40))
		want = append(want, name)
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, entry := range entries {
		if !entry.Type().IsRegular() {
			t.Errorf("%s is a %v", entry.Name(), entry.Type())
		}
		got = append(got, entry.Name())
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%d names came back of %d", len(got), len(want))
	}
}

func TestFileStatus(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, make([]byte, 12345), 0o640); err != nil {
		t.Fatal(err)
	}
	when := time.Date(2001, 2, 3, 4, 5, 6, 789, time.UTC)
	if err := os.Chtimes(path, when, when.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	var status unix.Stat_t
	if err := unix.Stat(path, &status); err != nil {
		t.Fatal(err)
	}
	if status.Size != 12345 || status.Mode != unix.S_IFREG|0o640 || status.Nlink != 1 ||
		status.Uid != uint32(os.Getuid()) || status.Atim.Nano() != when.UnixNano() ||
		status.Mtim.Nano() != when.Add(time.Hour).UnixNano() || status.Blksize < 512 || status.Ino == 0 {
		t.Errorf("status %+v", status)
	}
	var null unix.Stat_t
	if err := unix.Stat("/dev/null", &null); err != nil {
		t.Fatal(err)
	}
	if null.Mode&unix.S_IFMT != unix.S_IFCHR || null.Rdev>>32 == 0 {
		t.Errorf("/dev/null has mode %#o and device %#x: the major number belongs in the upper half", null.Mode, null.Rdev)
	}
}

func TestOpenFlagsComeBack(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	for _, flags := range []int{
		unix.O_WRONLY | unix.O_CREAT,
		unix.O_RDWR | unix.O_APPEND,
		unix.O_RDONLY | unix.O_NONBLOCK,
		unix.O_WRONLY | unix.O_APPEND | unix.O_NONBLOCK,
		unix.O_WRONLY | unix.O_DSYNC,
	} {
		fd, err := unix.Open(path, flags|unix.O_CLOEXEC, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		got, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
		if want := flags &^ unix.O_CREAT; err != nil || got != want {
			t.Errorf("opened with %#x, flags are %#x, %v; want %#x", flags, got, err, want)
		}
		closing, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		if err != nil || closing != unix.FD_CLOEXEC {
			t.Errorf("opened to close on exec, descriptor flags are %#x, %v", closing, err)
		}
		unix.Close(fd)
	}
}

func TestLocks(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	first, err := unix.Open(path, unix.O_RDWR|unix.O_CREAT, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(first)
	second, err := unix.Open(path, unix.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(second)
	const ofdGetlk, ofdSetlk = 47, 48 // F_OFD_GETLK, F_OFD_SETLK
	lock := unix.Flock_t{Type: unix.F_WRLCK, Start: 10, Len: 20}
	if err := unix.FcntlFlock(uintptr(first), ofdSetlk, &lock); err != nil {
		t.Fatal(err)
	}
	query := unix.Flock_t{Type: unix.F_RDLCK, Start: 25, Len: 100}
	if err := unix.FcntlFlock(uintptr(second), ofdGetlk, &query); err != nil {
		t.Fatal(err)
	}
	if query.Type != unix.F_WRLCK || query.Start != 10 || query.Len != 20 {
		t.Errorf("the lock in the way is %+v", query)
	}
	query = unix.Flock_t{Type: unix.F_RDLCK, Start: 30, Len: 100}
	if err := unix.FcntlFlock(uintptr(second), ofdSetlk, &query); err != nil {
		t.Errorf("a lock behind the other's end: %v", err)
	}
	query.Start = 29
	if err := unix.FcntlFlock(uintptr(second), ofdSetlk, &query); err != unix.EAGAIN {
		t.Errorf("a lock over the other's end: %v, want EAGAIN", err)
	}
}

// A program that recognizes Linux by its /proc must not do so here.
func TestLinuxProcIsHidden(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/proc/self/maps", "/proc/self/exe", "/proc/cpuinfo", "/proc/1/stat", "/proc/sys/kernel"} {
		if _, err := os.Stat(path); !os.IsNotExist(err) {
			t.Errorf("%s: %v", path, err)
		}
		if _, err := os.ReadFile(path); !os.IsNotExist(err) {
			t.Errorf("reading %s: %v", path, err)
		}
	}
	if _, err := os.ReadDir("/proc/self/fd"); err != nil {
		t.Error(err)
	}
}

func TestSystemName(t *testing.T) {
	t.Parallel()
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		t.Fatal(err)
	}
	if got := unix.ByteSliceToString(name.Sysname[:]); got != "SunOS" {
		t.Errorf("the system is called %q", got)
	}
	if got := unix.ByteSliceToString(name.Release[:]); got != "5.11" {
		t.Errorf("its release is %q", got)
	}
	host, err := os.Hostname()
	if err != nil || host != unix.ByteSliceToString(name.Nodename[:]) {
		t.Errorf("the host is %q, %v, and %q", host, err, unix.ByteSliceToString(name.Nodename[:]))
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &limit); err != nil {
		t.Fatal(err)
	}
	if limit.Cur > limit.Max {
		t.Errorf("the limit is %d of %d", limit.Cur, limit.Max)
	}
	if err := unix.Getrlimit(99, &limit); err != unix.EINVAL {
		t.Errorf("limit 99: %v, want EINVAL", err)
	}
}
