package datalink

import (
	"errors"
	"net/netip"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/internal/testenv/faults"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/internal/abi"
)

// TestFaults: each call that fails is the error of the function that made it.
func TestFaults(t *testing.T) {
	testenv.Need(t, testenv.Embedded)
	faults.Need(t)
	for _, text := range []string{"127.0.44.1/8", "fd00::4401/64"} {
		p := netip.MustParsePrefix(text)
		add := func() error { return AddAddress(0, "lo0", p) }
		t.Run("add", func(t *testing.T) {
			faults.Fault{}.Each(t, add, func(failed string, err error) {
				if !(faults.Fault{}).Is(err) {
					t.Errorf("%s failed: %v", failed, err)
				}
				if err := RemoveAddress(0, "lo0", p); !errors.Is(err, os.ErrNotExist) {
					t.Errorf("%s failed, and an interface is left: %v", failed, err)
				}
			})
		})
		t.Run("whose", func(t *testing.T) {
			requests := 0
			faults.Fault{}.Each(t, func() error { _, err := AddressZone(p.Addr()); return err }, func(failed string, err error) {
				// An interface whose flags can't be read has gone: the second ioctl.
				if failed == "ioctl" {
					requests++
				}
				if gone := failed == "ioctl" && requests == 2; gone && !errors.Is(err, os.ErrNotExist) || !gone && !(faults.Fault{}).Is(err) {
					t.Errorf("%s failed: %v", failed, err)
				}
			})
		})
		t.Run("remove", func(t *testing.T) { faults.Fault{}.Noticed(t, func() error { return RemoveAddress(0, "lo0", p) }) })
	}
	t.Run("remove all", func(t *testing.T) { faults.Fault{}.Noticed(t, func() error { return RemoveAddresses(9) }) })
	t.Run("abort", func(t *testing.T) { faults.Fault{}.Noticed(t, func() error { return AbortConnections(9) }) })
}

// TestTwo: of two addresses of an interface only the one that is named is removed.
func TestTwo(t *testing.T) {
	testenv.Need(t, testenv.Embedded)
	one, two := netip.MustParsePrefix("127.0.44.2/8"), netip.MustParsePrefix("127.0.44.3/8")
	if err := errors.Join(AddAddress(0, "lo0", one), AddAddress(0, "lo0", two), RemoveAddress(0, "lo0", two)); err != nil {
		t.Fatal(err)
	}
	if zone, err := AddressZone(one.Addr()); zone != 0 || err != nil {
		t.Errorf("the other is of zone %d, %v", zone, err)
	}
	if err := RemoveAddress(0, "lo0", one); err != nil {
		t.Error(err)
	}
}

// TestDown: an address that isn't up is nobody's.
func TestDown(t *testing.T) {
	testenv.Need(t, testenv.Embedded)
	p := netip.MustParsePrefix("127.0.44.4/8")
	err := withSocket("lo0", p, func(s int) error {
		var r abi.Lifreq
		copy(r.Name[:], "lo0")
		if err := interfaceCall(s, unix.SIOCLIFADDIF, &r); err != nil {
			return err
		}
		setSocketAddress(&r, p.Addr())
		if err := interfaceCall(s, unix.SIOCSLIFADDR, &r); err != nil {
			return err
		}
		if zone, err := AddressZone(p.Addr()); !errors.Is(err, errno.ENOENT) {
			t.Errorf("it is of zone %d, %v", zone, err)
		}
		return interfaceCall(s, unix.SIOCLIFREMOVEIF, &r)
	})
	if err != nil {
		t.Error(err)
	}
}

// TestManyInterfaces: a list that is too short for all interfaces is asked for again, longer.
func TestManyInterfaces(t *testing.T) {
	testenv.Need(t, testenv.Embedded)
	faults.Need(t)
	defer func(most int) { mostInterfaces = most }(mostInterfaces)
	mostInterfaces = 128
	for tries, fails := range map[int]bool{1: false, 2: false, 3: true} {
		few := faults.Fault{Of: []string{"ioctl"}, Errno: errno.EINVAL, Count: tries}
		if failed, err := few.Do(t, func() error { return RemoveAddresses(99) }); failed == "" || (err != nil) != fails {
			t.Errorf("after %d tries: %v", tries, err)
		}
	}
}
