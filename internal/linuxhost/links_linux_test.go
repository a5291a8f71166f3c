package linuxhost

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// pair makes two links of the host that are connected, and removes them after the test.
func (m *machine) pair() (one, other string) {
	m.Helper()
	one = fmt.Sprintf("zt%da", os.Getpid())
	other = strings.TrimSuffix(one, "a") + "b"
	attributes := netlink.NewLinkAttrs()
	attributes.Name = one
	if err := netlink.LinkAdd(&netlink.Veth{LinkAttrs: attributes, PeerName: other}); err != nil {
		testenv.Need(m.T, testenv.Given("pairs of network links", err))
	}
	m.Cleanup(func() {
		if link, err := netlink.LinkByName(other); err != nil || netlink.LinkDel(link) != nil {
			m.Error("the links are left")
		}
	})
	return one, other
}

// namespaces returns how many descriptors of network namespaces this process has.
func namespaces() int {
	files, _ := filepath.Glob("/proc/self/fd/*")
	n := 0
	for _, file := range files {
		if to, _ := os.Readlink(file); strings.HasPrefix(to, "net:") {
			n++
		}
	}
	return n
}

// TestLinks: a link moves into a zone and back, at the latest when the zone is destroyed.
func TestLinks(t *testing.T) {
	m := newMachine(t)
	name, _ := m.pair()
	id, err := m.h.LinkByName(name)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := m.h.LinkByName(name); again != id || err != nil {
		t.Errorf("asked again its id is %d, %v", again, err)
	}
	for _, none := range []zone.LinkID{0, id + 1} {
		if name, err := m.h.LinkName(none); !errors.Is(err, errno.ENXIO) {
			t.Errorf("id %d is %q, %v", none, name, err)
		}
	}
	global := host.ZoneKey{ID: zone.GlobalID}
	z, _ := m.zone("linked", func(d *zone.Def) { d.Flags = zone.CreateNetExcl })
	key := m.key(z)
	where := func(want, when string) {
		t.Helper()
		got := "nowhere"
		if _, err := findLink(name); err == nil {
			got = "host"
		} else if out, _ := m.run(z, "cat /proc/net/dev"); strings.Contains(out, name+":") {
			got = "zone"
		}
		if got != want {
			t.Errorf("%s the link is in: %s, not: %s", when, got, want)
		}
	}
	before := namespaces()
	if err := m.h.MoveLink(id, global, key); err != nil {
		t.Fatal(err)
	}
	where("zone", "moved")
	if again, err := m.h.LinkByName(name); again != id || err != nil {
		t.Errorf("in the zone its id is %d, %v", again, err)
	}
	if err := m.h.MoveLink(id, global, key); !errors.Is(err, errno.ENXIO) {
		t.Errorf("moved from where it isn't: %v", err)
	}
	if err := m.h.MoveLink(id, key, global); err != nil {
		t.Fatal(err)
	}
	where("host", "moved back")
	if err := m.h.MoveLink(id, key, global); !errors.Is(err, errno.ENXIO) {
		t.Errorf("moved back from where it isn't: %v", err)
	}
	if err := m.h.MoveLink(id, global, host.ZoneKey{ID: 99}); !errors.Is(err, errno.ESRCH) {
		t.Errorf("moved to a zone that isn't there: %v", err)
	}
	if err := moveHere(name, "/proc/none"); !errors.Is(err, errno.ENOENT) {
		t.Errorf("moved from a namespace that isn't there: %v", err)
	}
	if after := namespaces(); after != before {
		t.Errorf("%d descriptors of namespaces, before %d", after, before)
	}
	if err := m.h.MoveLink(id, global, key); err != nil {
		t.Fatal(err)
	}
	m.halt(z)
	if _, err := findLink(name); err != nil {
		t.Errorf("after the zone was destroyed: %v", err)
	}
	m.leftovers("linked")
}

// TestAddresses: an address of a zone is on the host's link until it is removed, at the
// latest when the zone is destroyed.
func TestAddresses(t *testing.T) {
	m := newMachine(t)
	name, _ := m.pair()
	z, _ := m.zone("addressed", nil)
	key := m.key(z)
	check := func(when, want string) {
		t.Helper()
		link, err := findLink(name)
		if err != nil {
			t.Fatal(err)
		}
		addresses, err := netlink.AddrList(link, netlink.FAMILY_V4)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, a := range addresses {
			got = append(got, a.IPNet.String())
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s the link has %v, not %s", when, got, want)
		}
	}
	set := func(prefix string, add bool) {
		t.Helper()
		if err := m.h.SetAddress(key, name, prefix, add); err != nil {
			t.Fatal(err)
		}
	}
	set("192.0.2.1/24", true)
	set("198.51.100.1/24", true)
	check("added", "192.0.2.1/24 198.51.100.1/24")
	set("192.0.2.1/24", false)
	check("removed", "198.51.100.1/24")
	for prefix, want := range map[string]errno.Errno{"192.0.2.1": errno.EINVAL, "192.0.2.9/24": errno.EADDRNOTAVAIL} {
		if err := m.h.SetAddress(key, name, prefix, false); !errors.Is(err, want) {
			t.Errorf("%s: %v, not %v", prefix, err, want)
		}
	}
	m.halt(z)
	check("destroyed", "")
}
