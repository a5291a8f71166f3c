//go:build !cgo

package kstat

import (
	"errors"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/errno"
)

// TestDevice: what can't be read is an error with its number, and a statistic that has gone
// meanwhile is left out.
func TestDevice(t *testing.T) {
	r, err := open()
	if errors.Is(err, os.ErrNotExist) {
		testenv.Need(t, testenv.Given("kernel statistics", err))
	}
	if err != nil {
		t.Fatal(err)
	}
	d := r.(*device)
	raw, err := d.file.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	raw.Control(func(fd uintptr) {
		if flags, err := unix.FcntlInt(fd, unix.F_GETFD, 0); err != nil || flags&unix.FD_CLOEXEC == 0 {
			t.Errorf("children inherit the device: %#x, %v", flags, err)
		}
	})
	const gone = 1<<31 - 1
	if _, _, _, _, err := d.fetch(gone, 64); !errors.Is(err, errno.ENXIO) {
		t.Errorf("a statistic that isn't there: %v", err)
	}
	heads, err := d.list()
	if err != nil || len(heads) < 2 {
		t.Fatalf("%d heads, %v", len(heads), err)
	}
	for i := range heads {
		if heads[i].Data != nil {
			t.Errorf("the head of statistic %d has an address of the kernel", heads[i].KID)
		}
		if heads[i].KID == 0 {
			continue
		}
		// A room that is too small grows; one that is large enough isn't exceeded.
		for _, room := range []int{0, 1, 1 << 16} {
			head, data, _, _, err := d.fetch(heads[i].KID, room)
			if err != nil || uintptr(len(data)) != head.DataSize || len(data) == 0 {
				t.Errorf("statistic %d in %d bytes: %d bytes, %v", heads[i].KID, room, len(data), err)
			}
		}
	}
	d.heads[len(d.heads)-1].KID = gone
	if stats, err := d.Read(Filter{}); err != nil || len(stats) >= len(heads)-1 {
		t.Errorf("%d statistics of %d, %v", len(stats), len(heads), err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if stats, err := d.Read(Filter{}); err == nil {
		t.Errorf("%d statistics of a closed device", len(stats))
	}
}
