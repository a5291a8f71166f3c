package rctl

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/sys/errno"
)

// TestBadAddress: what the kernel can't write is refused.
func TestBadAddress(t *testing.T) {
	c, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	gone, err := unix.Mmap(-1, 0, unix.Getpagesize(), unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Munmap(gone)
	if n, err := c.Rctllist(gone); n != 0 || !errors.Is(err, errno.EFAULT) {
		t.Errorf("%d, %v", n, err)
	}
}

// TestNative makes the calls that every caller may make.
func TestNative(t *testing.T) {
	c, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	names, err := Walk(c)
	if err != nil || len(names) == 0 {
		t.Fatalf("%v, %v", names, err)
	}
	for _, name := range names {
		values, err := Values(c, name)
		if err != nil || len(values) == 0 || values[len(values)-1].Privilege != Systemic {
			t.Errorf("%s: %v, %v", name, values, err)
		}
		control, err := Describe(c, name)
		if err != nil {
			t.Error(err)
		}
		if want, ok := Lookup(name); ok && control.Flags != want.Flags {
			t.Errorf("%s: flags %#x, the dictionary has %#x", name, control.Flags, want.Flags)
		}
	}
}
