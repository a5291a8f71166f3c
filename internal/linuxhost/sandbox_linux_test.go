package linuxhost

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/moby/sys/mountinfo"
	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// waiting returns the spare sandbox, once it is ready.
func (m *machine) waiting() *sandbox {
	m.Helper()
	s, ok := m.h.sandboxes.Ready()
	if !ok {
		m.Fatal("no sandbox is kept")
	}
	return s
}

// TestSpareEmpty: a spare sandbox sees none of the host's file systems, which it could
// keep busy or see out of date.
func TestSpareEmpty(t *testing.T) {
	m := newMachine(t)
	s := m.waiting()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/mountinfo", s.pid))
	if err != nil {
		t.Fatal(err)
	}
	table, err := mountinfo.GetMountsFromReader(bytes.NewReader(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(table) == 0 {
		t.Fatal("the sandbox has no mounts")
	}
	for _, on := range table {
		if on.Mountpoint != "/" && !strings.HasPrefix(on.Mountpoint, "/proc") && !strings.HasPrefix(on.Mountpoint, "/dev") {
			t.Errorf("the sandbox has %s (%s) on %s", on.Source, on.FSType, on.Mountpoint)
		}
	}
}

// TestSpareTaken: a zone gets the spare sandbox, although its root was mounted only
// after the sandbox was made, and the next sandbox is made.
func TestSpareTaken(t *testing.T) {
	m := newMachine(t)
	s := m.waiting()
	late := m.dir + "/taken"
	if err := os.Mkdir(late, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("late", late, "tmpfs", 0, ""); err != nil {
		t.Fatal(err)
	}
	defer syscall.Unmount(late, syscall.MNT_DETACH)
	m.write(late+"/file", "seen\n")
	id, _ := m.zone("taken", nil)
	z, _ := m.h.zone(m.key(id))
	if z.sandbox != s {
		t.Error("the zone didn't get the spare sandbox")
	}
	if out, _ := m.run(id, "cat /file"); out != "seen\n" {
		t.Errorf("the zone's file: %q", out)
	}
	if next := m.waiting(); next == s || !next.alive() {
		t.Error("no new sandbox was made")
	}
	m.halt(id)
	if err := syscall.Unmount(late, 0); err != nil {
		t.Errorf("the file system of a destroyed zone is kept busy: %v", err)
	}
	m.leftovers("taken")
}

// TestSpareKilled: a spare sandbox that was killed isn't used.
func TestSpareKilled(t *testing.T) {
	m := newMachine(t)
	s := m.waiting()
	if err := syscall.Kill(s.pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-s.gone
	id, _ := m.booted("anew")
	if out, _ := m.run(id, "hostname"); out != "anew\n" {
		t.Errorf("hostname %q", out)
	}
	m.halt(id)
}

// TestSpareKind: a zone with its own network namespace gets a sandbox that has one,
// and so does the next.
func TestSpareKind(t *testing.T) {
	m := newMachine(t)
	m.waiting()
	for _, name := range []string{"one", "two"} {
		id, _ := m.zone(name, func(d *zone.Def) { d.Flags = zone.CreateNetExcl })
		if out, _ := m.run(id, "wc -l < /proc/net/dev"); out != "3\n" { // two header lines and lo
			t.Errorf("%s has devices besides lo: %q lines", name, out)
		}
		if next := m.waiting(); !next.exclusive {
			t.Errorf("after %s the sandbox that waits shares the host's network", name)
		}
		m.halt(id)
	}
}

// TestSpareClosed: a closed host leaves no process behind.
func TestSpareClosed(t *testing.T) {
	m := newMachine(t)
	s := m.waiting()
	if err := m.h.Close(); err != nil {
		t.Error(err)
	}
	if s.alive() {
		t.Error("the sandbox that waited is still there")
	}
}

// TestSandboxDevices: a request whose descriptors were lost is refused before anything is
// mounted.
func TestSandboxDevices(t *testing.T) {
	t.Parallel()
	err := enterSandbox([]string{"null"}, nil)
	story{zschedName, opSandbox, errno.EBADF}.check(t, err)
}

// inMounts calls f on a thread with a mount namespace of its own, in which /proc is empty.
func inMounts(t *testing.T, f func() error) error {
	t.Helper()
	testenv.Need(t, testenv.Root)
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // the thread exits with the goroutine
		err := unix.Unshare(unix.CLONE_NEWNS | unix.CLONE_FS)
		if err == nil {
			err = unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, "")
		}
		if err == nil {
			err = unix.Mount("test", "/proc", "tmpfs", 0, "")
		}
		if err == nil {
			err = f()
		}
		done <- err
	}()
	return <-done
}

// TestHideProc: what a zone mustn't see or change of /proc is hidden or read-only, as far as
// this kernel has it; what can't be hidden is an error.
func TestHideProc(t *testing.T) {
	t.Parallel()
	if err := inMounts(t, hideProc); err != nil {
		t.Errorf("of a kernel that has none of it: %v", err)
	}
	err := inMounts(t, func() error {
		if err := errors.Join(os.Mkdir("/proc/sys", 0o755), os.WriteFile("/proc/keys", []byte("secret"), 0o644), hideProc()); err != nil {
			return err
		}
		if err := os.WriteFile("/proc/sys/x", nil, 0o600); !errors.Is(err, unix.EROFS) {
			t.Errorf("writing to /proc/sys: %v", err)
		}
		text, err := os.ReadFile("/proc/keys")
		if len(text) > 0 {
			t.Errorf("/proc/keys has %q", text)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	err = inMounts(t, func() error {
		// A file can't be hidden by a device if it is a directory.
		return errors.Join(os.Mkdir("/proc/kcore", 0o755), hideProc())
	})
	if !errors.Is(err, errno.ENOTDIR) || !strings.Contains(err.Error(), "mount /proc/kcore") {
		t.Errorf("what can't be hidden: %v", err)
	}
	err = inMounts(t, func() error {
		return errors.Join(os.Symlink("sys", "/proc/sys"), hideProc())
	})
	if !errors.Is(err, errno.ELOOP) || !strings.Contains(err.Error(), "mount /proc/sys") {
		t.Errorf("what can't be made read-only: %v", err)
	}
}
