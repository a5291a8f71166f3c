//go:build !cgo

package kstat

import (
	"errors"
	"os"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/testenv/faults"
	"github.com/gozones/zones/kstat/internal/abi"
	"github.com/gozones/zones/sys/errno"
)

// TestFaults: each call that fails is the error of the function that made it, unless the
// statistic has gone.
func TestFaults(t *testing.T) {
	faults.Need(t)
	faults.Fault{Of: []string{"open", "ioctl"}}.Noticed(t, func() error {
		r, err := Open()
		if err != nil {
			return err
		}
		defer r.Close()
		_, err = r.Read(Filter{Module: "zones"})
		return err
	})
	r, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	read := func() error { _, err := r.Read(Filter{Module: "zones"}); return err }
	if err := read(); err != nil {
		t.Fatal(err)
	}
	for _, e := range []errno.Errno{errno.EINTR, errno.EAGAIN, errno.EBUSY} {
		if failed, err := (faults.Fault{Errno: e, Of: []string{"ioctl"}, Count: 3}).Do(t, read); failed == "" || err != nil {
			t.Errorf("it is being changed: %v", err)
		}
	}
	// The first asks for the version of the chain.
	for _, e := range []errno.Errno{errno.ENXIO, errno.EIO} {
		if failed, err := (faults.Fault{Errno: e, Of: []string{"ioctl"}, Call: 2}).Do(t, read); failed == "" || err != nil {
			t.Errorf("it can't be read: %v", err)
		}
	}
	defer func(most int) { mostData = most }(mostData)
	mostData = 1 << 20
	large := faults.Fault{Errno: errno.ENOMEM, Of: []string{"ioctl"}, Call: 2, Count: 100}
	if failed, err := large.Do(t, read); failed == "" || !large.Is(err) {
		t.Errorf("one that grows for ever: %v", err)
	}
	if _, err := new(device).control(abi.KSTAT_IOC_CHAIN_ID, nil); !errors.Is(err, os.ErrInvalid) {
		t.Errorf("a device that isn't open: %v", err)
	}
}

// TestMore: a kernel whose heads say more than their data has isn't believed.
func TestMore(t *testing.T) {
	r, err := open()
	if errors.Is(err, os.ErrNotExist) {
		faults.Need(t)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	d := r.(*device)
	defer func(real func(int, int, int) (int, error)) { ioctl = real }(ioctl)
	says := func(size uintptr, count uint32) {
		ioctl = func(_, request, arg int) (int, error) {
			if request == abi.KSTAT_IOC_READ {
				head := *(**abi.Kstat)(unsafe.Pointer(&arg))
				head.DataSize, head.NData = size, count
			}
			return 7, nil
		}
	}
	one := unsafe.Sizeof(abi.Kstat{})
	says(65, 0)
	if _, data, _, _, err := d.fetch(1, 64); !errors.Is(err, errData) {
		t.Errorf("%d bytes in 64, %v", len(data), err)
	}
	says(64, 0)
	if _, data, _, _, err := d.fetch(1, 64); len(data) != 64 || err != nil {
		t.Errorf("%d bytes in 64, %v", len(data), err)
	}
	defer func(most int) { mostData = most }(mostData)
	mostData = 128
	tries := 0
	ioctl = func(int, int, int) (int, error) { tries++; return 0, unix.ENOMEM }
	if _, _, _, _, err := d.fetch(1, 64); !errors.Is(err, errno.ENOMEM) || tries != 2 { // with 64 and 128 bytes
		t.Errorf("one that doesn't fit: %d tries, %v", tries, err)
	}
	says(64, 0)
	d.chain, d.heads = 7, []abi.Kstat{{KID: 1, Type: 99, DataSize: 64}}
	if stats, err := d.Read(Filter{}); !errors.Is(err, errData) {
		t.Errorf("a statistic of no type: %v, %v", stats, err)
	}
	d.chain = 0
	says(2*one, 3)
	if heads, err := d.list(); !errors.Is(err, errData) {
		t.Errorf("%d heads in the room for two, %v", len(heads), err)
	}
	says(2*one, 2)
	if heads, err := d.list(); len(heads) != 2 || err != nil {
		t.Errorf("%d heads in the room for two, %v", len(heads), err)
	}
}
