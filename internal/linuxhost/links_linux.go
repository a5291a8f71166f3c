package linuxhost

import (
	"fmt"
	"net"
	"runtime"
	"slices"
	"sync"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// linkTable assigns IDs to data links and records what each zone was given. An ID is
// valid as long as the kernel process runs, in whatever zone the link is.
type linkTable struct {
	mu    sync.Mutex // guards the following fields; no other lock is taken under it
	names []string   // ID 1 is names[0]
	ids   map[string]zone.LinkID
	given map[*hostZone]*given
}

// given is the part of the host's network that a zone has.
type given struct {
	links     []zone.LinkID
	addresses []address
}

// address is an address that was added to a link of the host for a zone.
type address struct{ link, prefix string }

// change changes what a zone was given.
func (t *linkTable) change(z *hostZone, change func(*given)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.given == nil {
		t.given = map[*hostZone]*given{}
	}
	if t.given[z] == nil {
		t.given[z] = new(given)
	}
	change(t.given[z])
}

// LinkByName returns the ID of a link that the host has, or had at the first call.
func (h *Host) LinkByName(name string) (zone.LinkID, error) {
	t := &h.links
	t.mu.Lock()
	defer t.mu.Unlock()
	if id, ok := t.ids[name]; ok {
		return id, nil
	}
	if _, err := findLink(name); err != nil {
		return 0, err
	}
	if t.ids == nil {
		t.ids = map[string]zone.LinkID{}
	}
	t.names = append(t.names, name)
	t.ids[name] = zone.LinkID(len(t.names))
	return t.ids[name], nil
}

// findLink looks up a link; ENXIO if it doesn't exist.
func findLink(name string) (netlink.Link, error) {
	link, err := netlink.LinkByName(name)
	if err != nil {
		return nil, &zone.Error{Op: "RTM_GETLINK", Name: name, Errno: errno.ENXIO, Cause: zone.AsError(err)}
	}
	return link, nil
}

// LinkName returns the name of the link with an ID.
func (h *Host) LinkName(id zone.LinkID) (string, error) {
	h.links.mu.Lock()
	defer h.links.mu.Unlock()
	if id < 1 || int(id) > len(h.links.names) {
		return "", fmt.Errorf("data link with id %d: %w", id, errno.ENXIO)
	}
	return h.links.names[id-1], nil
}

// MoveLink moves a link into a zone's network stack, or back.
func (h *Host) MoveLink(id zone.LinkID, from, to host.ZoneKey) error {
	name, err := h.LinkName(id)
	if err != nil {
		return err
	}
	back := to.ID == zone.GlobalID
	if back {
		to = from
	}
	z, err := h.zone(to)
	if err != nil {
		return err
	}
	if back {
		if err := takeBack(name, z.sandbox.pid); err != nil {
			return err
		}
		h.links.change(z, func(g *given) {
			g.links = slices.DeleteFunc(g.links, func(o zone.LinkID) bool { return o == id })
		})
		return nil
	}
	link, err := findLink(name)
	if err != nil {
		return err
	}
	if err := netlink.LinkSetNsPid(link, z.sandbox.pid); err != nil {
		return failed("RTM_SETLINK", name, err)
	}
	h.links.change(z, func(g *given) { g.links = append(g.links, id) })
	return nil
}

// takeBack moves a link from the network namespace of a process into ours.
func takeBack(name string, pid int) error {
	done := make(chan error)
	go func() {
		// The thread is in another namespace afterwards, so it exits with the goroutine.
		runtime.LockOSThread()
		done <- moveHere(name, fmt.Sprintf("/proc/%d/ns/net", pid))
	}()
	return <-done
}

// moveHere moves a link from a network namespace into that of the calling thread, and
// leaves the thread in the other namespace.
func moveHere(name, namespace string) error {
	const own = "/proc/thread-self/ns/net"
	home, err := unix.Open(own, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return failed("open", own, err)
	}
	defer unix.Close(home)
	there, err := unix.Open(namespace, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return failed("open", namespace, err)
	}
	defer unix.Close(there)
	if err := unix.Setns(there, unix.CLONE_NEWNET); err != nil {
		return failed("setns", namespace, err)
	}
	link, err := findLink(name)
	if err != nil {
		return err
	}
	return failed("RTM_SETLINK", name, netlink.LinkSetNsFd(link, home))
}

// SetAddress adds an address to a link of the host, or removes it.
func (h *Host) SetAddress(key host.ZoneKey, name, prefix string, add bool) error {
	z, err := h.zone(key)
	if err != nil {
		return err
	}
	if err := setAddress(name, prefix, add); err != nil {
		return err
	}
	a := address{name, prefix}
	h.links.change(z, func(g *given) {
		if add {
			g.addresses = append(g.addresses, a)
		} else {
			g.addresses = slices.DeleteFunc(g.addresses, func(o address) bool { return o == a })
		}
	})
	return nil
}

func setAddress(name, prefix string, add bool) error {
	ip, network, err := net.ParseCIDR(prefix)
	if err != nil {
		return fmt.Errorf("address %s: %w", prefix, errno.EINVAL)
	}
	network.IP = ip
	link, err := findLink(name)
	if err != nil {
		return err
	}
	call, change := "RTM_NEWADDR", netlink.AddrAdd
	if !add {
		call, change = "RTM_DELADDR", netlink.AddrDel
	}
	return failed(call, prefix+" on "+name, change(link, &netlink.Addr{IPNet: network}))
}

// takeBack takes back what a destroyed zone was given.
func (t *linkTable) takeBack(z *hostZone) {
	t.mu.Lock()
	g := t.given[z]
	delete(t.given, z)
	var names []string
	if g != nil {
		for _, id := range g.links {
			names = append(names, t.names[id-1])
		}
	}
	t.mu.Unlock()
	if g == nil {
		return
	}
	for _, name := range names {
		_ = takeBack(name, z.sandbox.pid) // a virtual link may have been removed with its peer
	}
	for _, a := range g.addresses {
		_ = setAddress(a.link, a.prefix, false)
	}
}
