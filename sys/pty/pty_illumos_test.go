package pty

import (
	"errors"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/errno"
)

// TestRequests: the requests to a terminal's manager take effect, and fail for what is none.
func TestRequests(t *testing.T) {
	manager, name, err := Open()
	if errors.Is(err, os.ErrNotExist) && os.Getenv("ZONES_EMBEDDED") == "" { // illumos-run has it
		testenv.Need(t, testenv.Given("/dev/ptmx", err))
	}
	if err != nil {
		t.Fatal(err)
	}
	defer manager.Close()
	if got, err := NameOf(manager); got != name || err != nil {
		t.Errorf("its name is %q, then %q, %v", name, got, err)
	}
	if err := GiveToZone(manager, 0); err != nil {
		t.Error(err)
	}
	if err := GiveToZone(manager, 9997); !errors.Is(err, errno.EINVAL) {
		t.Errorf("giving it to no zone: %v", err)
	}
	if os.Getuid() == 0 {
		if err := SetOwner(manager, 77, 7); err != nil {
			t.Error(err)
		}
		var status unix.Stat_t
		if err := unix.Stat(name, &status); err != nil || status.Uid != 77 || status.Gid != 7 {
			t.Errorf("it is of user %d, group %d, %v", status.Uid, status.Gid, err)
		}
	}
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for what, call := range map[string]func() error{
		"name":        func() error { _, err := NameOf(f); return err },
		"zone":        func() error { return GiveToZone(f, 0) },
		"owner":       func() error { return SetOwner(f, 0, 0) },
		"controlling": func() error { return MakeControlling(f) },
	} {
		if err := call(); err == nil {
			t.Errorf("%s of a file", what)
		}
	}
	if _, err := OpenTerminal(t.TempDir() + "/none"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("opening none: %v", err)
	}
	next := func() int { // the lowest free descriptor
		fd, err := unix.Open(os.DevNull, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		unix.Close(fd)
		return fd
	}
	before := next()
	if _, err := OpenTerminal(f.Name()); err == nil {
		t.Error("a file is a terminal")
	}
	if after := next(); after != before {
		t.Errorf("descriptor %d is next, was %d", after, before)
	}
}
