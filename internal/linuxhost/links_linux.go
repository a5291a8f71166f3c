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

// linkTable gives data links ids that stay the same as long as the kernel process
// runs, wherever the link is, and knows what each zone was given.
type linkTable struct {
	mu        sync.Mutex // guards what follows; no other lock is taken under it
	names     []string   // id 1 is names[0]
	moved     map[zone.LinkID]*hostZone
	addresses map[*hostZone][]address
}

// address is one that was put on a link of the machine for a zone.
type address struct{ link, prefix string }

// LinkByName returns the id of a link that the machine has, or had when it was
// asked for first.
func (h *Host) LinkByName(name string) (zone.LinkID, error) {
	h.links.mu.Lock()
	defer h.links.mu.Unlock()
	if i := slices.Index(h.links.names, name); i >= 0 {
		return zone.LinkID(i + 1), nil
	}
	if _, err := netlink.LinkByName(name); err != nil {
		return 0, errno.ENXIO
	}
	h.links.names = append(h.links.names, name)
	return zone.LinkID(len(h.links.names)), nil
}

// LinkName returns the name of a link that has an id.
func (h *Host) LinkName(id zone.LinkID) (string, error) {
	h.links.mu.Lock()
	defer h.links.mu.Unlock()
	if id < 1 || int(id) > len(h.links.names) {
		return "", errno.ENXIO
	}
	return h.links.names[id-1], nil
}

// MoveLink moves a link into a zone's network stack, or back.
func (h *Host) MoveLink(id zone.LinkID, from, to host.ZoneKey) error {
	name, err := h.LinkName(id)
	if err != nil {
		return err
	}
	if to.ID == zone.GlobalID {
		z, err := h.zone(from)
		if err != nil {
			return err
		}
		if err := takeBack(name, z.room.pid); err != nil {
			return fmt.Errorf("data link %s: %w", name, hostErrno(err))
		}
		h.links.mu.Lock()
		delete(h.links.moved, id)
		h.links.mu.Unlock()
		return nil
	}
	z, err := h.zone(to)
	if err != nil {
		return err
	}
	link, err := netlink.LinkByName(name)
	if err != nil {
		return errno.ENXIO
	}
	if err := netlink.LinkSetNsPid(link, z.room.pid); err != nil {
		return fmt.Errorf("data link %s: %w", name, hostErrno(err))
	}
	h.links.mu.Lock()
	defer h.links.mu.Unlock()
	if h.links.moved == nil {
		h.links.moved = map[zone.LinkID]*hostZone{}
	}
	h.links.moved[id] = z
	return nil
}

// takeBack moves a link out of the network namespace of a process into ours.
func takeBack(name string, pid int) error {
	done := make(chan error)
	go func() {
		// The thread is in another namespace afterwards and ends with the goroutine.
		runtime.LockOSThread()
		done <- func() error {
			home, err := unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
			if err != nil {
				return err
			}
			defer unix.Close(home)
			there, err := unix.Open(fmt.Sprintf("/proc/%d/ns/net", pid), unix.O_RDONLY|unix.O_CLOEXEC, 0)
			if err != nil {
				return err
			}
			defer unix.Close(there)
			if err := unix.Setns(there, unix.CLONE_NEWNET); err != nil {
				return err
			}
			link, err := netlink.LinkByName(name)
			if err != nil {
				return unix.ENODEV
			}
			return netlink.LinkSetNsFd(link, home)
		}()
	}()
	return <-done
}

// SetAddress puts an address on a link of the machine, or takes it off.
func (h *Host) SetAddress(key host.ZoneKey, name, prefix string, add bool) error {
	z, err := h.zone(key)
	if err != nil {
		return err
	}
	if err := setAddress(name, prefix, add); err != nil {
		return err
	}
	h.links.mu.Lock()
	defer h.links.mu.Unlock()
	if h.links.addresses == nil {
		h.links.addresses = map[*hostZone][]address{}
	}
	a := address{name, prefix}
	if add {
		h.links.addresses[z] = append(h.links.addresses[z], a)
	} else {
		h.links.addresses[z] = slices.DeleteFunc(h.links.addresses[z], func(o address) bool { return o == a })
	}
	return nil
}

func setAddress(name, prefix string, add bool) error {
	ip, network, err := net.ParseCIDR(prefix)
	if err != nil {
		return fmt.Errorf("address %s: %w", prefix, errno.EINVAL)
	}
	network.IP = ip
	link, err := netlink.LinkByName(name)
	if err != nil {
		return fmt.Errorf("data link %s: %w", name, errno.ENXIO)
	}
	if add {
		err = netlink.AddrAdd(link, &netlink.Addr{IPNet: network})
	} else {
		err = netlink.AddrDel(link, &netlink.Addr{IPNet: network})
	}
	if err != nil {
		return fmt.Errorf("address %s on %s: %w", prefix, name, hostErrno(err))
	}
	return nil
}

// back brings home what a zone that ends was given.
func (t *linkTable) back(z *hostZone) {
	t.mu.Lock()
	var names []string
	for id, owner := range t.moved {
		if owner == z {
			names = append(names, t.names[id-1])
			delete(t.moved, id)
		}
	}
	addresses := t.addresses[z]
	delete(t.addresses, z)
	t.mu.Unlock()
	for _, name := range names {
		takeBack(name, z.room.pid) // a virtual link may have gone with its other end
	}
	for _, a := range addresses {
		setAddress(a.link, a.prefix, false)
	}
}
