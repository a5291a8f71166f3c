package machine

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// newZone makes an empty zone, which is removed after the test.
func newZone(t *testing.T, k *kernel, name string, flags int32) zone.ID {
	t.Helper()
	id, err := k.Create(&zone.Def{Name: fmt.Sprintf("%s%d", name, os.Getpid()), Root: t.TempDir(), Flags: flags})
	if errors.Is(err, errno.EPERM) {
		testenv.Need(t, testenv.Given("a process that may make zones", err))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(k.Shutdown(id), k.Destroy(id)); err != nil {
			t.Error(err)
		}
	})
	return id
}

// next returns the lowest free descriptors.
func next(t *testing.T) (list [4]int) {
	t.Helper()
	for i := range list {
		fd, err := unix.Open(os.DevNull, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(fd)
		list[i] = fd
	}
	return list
}

// TestAddresses gives addresses to zones that share the network stack, and takes them away.
func TestAddresses(t *testing.T) {
	testenv.Need(t, testenv.Embedded) // on a real system these would be addresses of the network
	k := new(kernel)
	one, two := newZone(t, k, "one", 0), newZone(t, k, "two", 0)
	for _, step := range []struct {
		name         string
		id           zone.ID
		link, prefix string
		add          bool
		want         errno.Errno
	}{
		{"loopback", one, "lo0", "127.0.0.1/8", true, 0},
		{"loopback of another zone", two, "lo0", "127.0.0.1/8", true, 0},
		{"IPv6", one, "lo0", "::1/128", true, 0},
		{"an address", one, "lo", "192.0.2.1/24", true, 0},
		{"which another zone wants", two, "lo", "192.0.2.1/24", true, errno.EADDRNOTAVAIL},
		{"which it can't remove", two, "lo", "192.0.2.1/24", false, errno.ENOENT},
		{"no such interface", one, "none0", "192.0.2.2/24", true, errno.ENXIO},
		{"no such zone", 9997, "lo", "192.0.2.3/24", true, errno.EINVAL},
		{"no prefix", one, "lo", "192.0.2.3", true, errno.EINVAL},
	} {
		if err := k.SetAddress(step.id, step.link, step.prefix, step.add); zone.ErrnoOf(err) != step.want {
			t.Errorf("%s: %v", step.name, err)
		}
	}
	if err := k.RemoveNetwork(one); err != nil {
		t.Fatal(err)
	}
	if err := k.SetAddress(one, "lo", "2001:db8::1/64", true); err != nil {
		t.Fatal(err)
	}
	name, err := zone.NameOf(k, one)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := k.AddressHolder(netip.MustParseAddr("2001:db8::1")); got != name || err != nil {
		t.Errorf("the address is of zone %q, %v", got, err)
	}
	if _, err := k.AddressHolder(netip.MustParseAddr("203.0.113.1")); !errors.Is(err, errno.ENOENT) {
		t.Errorf("an address that nobody has: %v", err)
	}
	fill := func() (count int) { // with the host's, more than the first list has room for
		for i := range 200 {
			err := k.SetAddress(one, "lo", fmt.Sprintf("198.51.100.%d/24", i+1), true)
			if zone.ErrnoOf(err) == errno.ENOBUFS {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			count++
		}
		return count
	}
	before := next(t)
	filled := fill()
	if err := k.SetAddress(one, "lo0", "2001:db8::1/64", false); zone.ErrnoOf(err) != errno.ENOENT {
		t.Errorf("an address of another interface: %v", err)
	}
	if err := k.SetAddress(two, "lo", "2001:db8::1/64", false); zone.ErrnoOf(err) != errno.ENOENT {
		t.Errorf("an address of another zone: %v", err)
	}
	if err := k.SetAddress(one, "lo", "2001:db8::1/64", false); err != nil {
		t.Errorf("an address of IPv6: %v", err)
	}
	if err := k.SetAddress(one, strings.Repeat("l", 32), "192.0.2.99/24", true); zone.ErrnoOf(err) != errno.EINVAL {
		t.Errorf("a long name: %v", err)
	}
	if err := k.RemoveNetwork(one); err != nil {
		t.Fatal(err)
	}
	if again := fill(); again <= filled { // the one of IPv6 has gone too
		t.Errorf("%d addresses of %d were left", filled-again, filled)
	}
	if err := k.RemoveNetwork(one); err != nil {
		t.Fatal(err)
	}
	if after := next(t); after != before {
		t.Errorf("descriptor %d is next, was %d", after, before)
	}
	own := newZone(t, k, "own", zone.CreateNetExcl)
	if err := errors.Join(k.AbortConnections(one), k.AbortConnections(own)); err != nil {
		t.Error(err)
	}
	if err := k.AbortConnections(9997); zone.ErrnoOf(err) != errno.EINVAL {
		t.Errorf("connections of no zone: %v", err)
	}
	asked, err := os.ReadFile(filepath.Join(os.Getenv("ZONES_RUN"), "tcp.aborted"))
	if err != nil {
		t.Fatal(err)
	}
	lines := "\n" + string(asked)
	if !strings.Contains(lines, fmt.Sprintf("\n%d inet6 ", one)) || strings.Contains(lines, fmt.Sprintf("\n%d ", own)) {
		t.Errorf("of zones %d, %d connections were ended: %s", one, own, asked)
	}
	if err := k.SetAddress(two, "lo", "192.0.2.1/24", true); err != nil {
		t.Errorf("the address of a zone whose network was removed: %v", err)
	}
	if err := k.SetAddress(two, "lo0", "127.0.0.1/8", false); err != nil {
		t.Errorf("the other zone's address is lost: %v", err)
	}
	if err := k.RemoveNetwork(two); err != nil {
		t.Fatal(err)
	}
}
