package datalink

import (
	"errors"
	"net/netip"
	"os"
	"testing"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/internal/testenv/faults"
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
			faults.Fault{}.Each(t, func() error { _, err := AddressZone(p.Addr()); return err }, func(failed string, err error) {
				// An interface that doesn't answer may have gone.
				if !(faults.Fault{}).Is(err) && !errors.Is(err, os.ErrNotExist) {
					t.Errorf("%s failed: %v", failed, err)
				}
			})
		})
		t.Run("remove", func(t *testing.T) { faults.Fault{}.Noticed(t, func() error { return RemoveAddress(0, "lo0", p) }) })
	}
	t.Run("remove all", func(t *testing.T) { faults.Fault{}.Noticed(t, func() error { return RemoveAddresses(9) }) })
	t.Run("abort", func(t *testing.T) { faults.Fault{}.Noticed(t, func() error { return AbortConnections(9) }) })
}
