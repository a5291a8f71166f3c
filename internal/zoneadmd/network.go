package zoneadmd

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

func (s *setup) network(id zone.ID) error {
	if s.config.Exclusive() {
		return s.exclusive(id)
	}
	for _, n := range s.config.Net {
		if err := s.shared(id, n); err != nil {
			return err
		}
	}
	// The loopback interface of a network stack that zones share is there already.
	return nil
}

// shared puts an address of the zone on an interface of the machine.
func (s *setup) shared(id zone.ID, n zonecfg.Net) error {
	if _, err := s.Kernel.LinkByName(n.Physical); zone.ErrnoOf(err) == errno.ENXIO {
		s.say("WARNING: skipping network interface '%s' which may not be present/plumbed in the global zone.", n.Physical)
		return nil
	}
	prefix, err := lookUp(n.Address)
	if err != nil {
		return s.r.fail(nil, "%s: %v", n.Physical, err)
	}
	if prefix.Bits() < 0 {
		bits, found := netmask("/etc/netmasks", prefix.Addr())
		if !found {
			s.r.say("WARNING: %s: no matching subnet found in netmasks(5): %s; using default of %s.", n.Physical, prefix.Addr(), dotted(bits))
		}
		prefix = netip.PrefixFrom(prefix.Addr(), bits)
	}
	err = s.Kernel.SetAddress(id, n.Physical, prefix.String(), true)
	if zone.ErrnoOf(err) == errno.EEXIST {
		if other := s.holder(prefix.Addr()); other != "" {
			return s.r.fail(err, "%s: could not bring network interface up: address in use by zone '%s'", n.Physical, other)
		}
	}
	if err != nil {
		return s.r.fail(err, "%s: could not bring network interface up", n.Physical)
	}
	if n.Defrouter != "" {
		s.say("WARNING: %s: default router %s is not set: zones share the routes of this machine", n.Physical, n.Defrouter)
	}
	return nil
}

// lookUp reads an address: its prefix length is -1 where it has none. Names are
// looked up.
func lookUp(text string) (netip.Prefix, error) {
	host, length, given := strings.Cut(text, "/")
	addr, err := netip.ParseAddr(host)
	if err != nil {
		found, err := net.LookupIP(host)
		if err != nil {
			return netip.Prefix{}, fmt.Errorf("could not look up %s: %w", host, err)
		}
		for _, ip := range found {
			if four := ip.To4(); four != nil {
				addr, _ = netip.AddrFromSlice(four)
			}
		}
		if !addr.IsValid() {
			return netip.Prefix{}, fmt.Errorf("%s has no IPv4 address", host)
		}
	}
	if !given {
		if addr.Is6() {
			return netip.Prefix{}, fmt.Errorf("%s: IPv6 addresses require a prefix length", text)
		}
		return bare(addr), nil
	}
	prefix, err := netip.ParsePrefix(addr.String() + "/" + length)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%s: bad prefix length", text)
	}
	return prefix, nil
}

// bare is an address without a prefix length: Bits is -1.
func bare(addr netip.Addr) netip.Prefix { return netip.PrefixFrom(addr, -1) }

// netmask returns the prefix length for an IPv4 address: that of the longest subnet
// of the file, netmasks(5), that has it, else that of its class.
func netmask(file string, addr netip.Addr) (bits int, found bool) {
	if text, err := os.Open(file); err == nil {
		defer text.Close()
		for lines := bufio.NewScanner(text); lines.Scan(); {
			line, _, _ := strings.Cut(lines.Text(), "#")
			fields := strings.Fields(line)
			if len(fields) != 2 {
				continue
			}
			subnet, err1 := netip.ParseAddr(fields[0])
			mask := net.ParseIP(fields[1]).To4()
			if err1 != nil || mask == nil {
				continue
			}
			ones, size := net.IPMask(mask).Size()
			if size != 0 && ones >= bits && netip.PrefixFrom(subnet, ones).Contains(addr) {
				bits, found = ones, true
			}
		}
	}
	if found {
		return bits, true
	}
	four := addr.As4()
	ones, _ := net.IPv4(four[0], four[1], four[2], four[3]).DefaultMask().Size()
	return ones, false
}

func dotted(bits int) string { return net.IP(net.CIDRMask(bits, 32)).String() }

// holder finds the active zone that has an address, by what it was made from.
func (s *setup) holder(addr netip.Addr) string {
	ids, err := zone.IDs(s.Kernel)
	if err != nil {
		return ""
	}
	for _, id := range ids {
		name, err := zone.NameOf(s.Kernel, id)
		if err != nil || name == s.Zone {
			continue
		}
		config, err := s.Store.LoadSnapshot(name)
		if err != nil {
			continue
		}
		for _, n := range config.Net {
			if has, err := lookUp(n.Address); err == nil && has.Addr() == addr {
				return name
			}
		}
	}
	return ""
}

// exclusive moves the links of the configuration into the zone's own network stack
// and tells the kernel which addresses they may have.
func (s *setup) exclusive(id zone.ID) error {
	links := map[string]zone.LinkID{}
	for _, n := range s.config.Net {
		if _, done := links[n.Physical]; done {
			continue
		}
		link, err := s.Kernel.LinkByName(n.Physical)
		if err == nil {
			err = s.Kernel.AddDatalink(id, link)
		}
		if err != nil {
			s.r.fail(err, "%s", n.Physical)
			return s.r.fail(nil, "failed to add network device")
		}
		links[n.Physical] = link
	}
	for _, n := range s.config.Net {
		if n.AllowedAddress == "" {
			continue
		}
		if err := s.allow(id, links[n.Physical], n); err != nil {
			s.r.fail(err, "%s: %s", n.Physical, n.AllowedAddress)
			return s.r.fail(nil, "failed to add address")
		}
	}
	return nil
}

// Kinds of zone_net_data_t, and its head: kind, length, link.
const (
	netAddress   = 1 // ZONE_NETWORK_ADDRESS
	netDefRouter = 2 // ZONE_NETWORK_DEFROUTER
	netHead      = 12
)

// allow tells the kernel the addresses of a link, and its routers.
func (s *setup) allow(id zone.ID, link zone.LinkID, n zonecfg.Net) error {
	var addresses []string
	for _, text := range strings.Split(n.AllowedAddress, ",") {
		prefix, err := allowed(text)
		if err != nil {
			return err
		}
		addresses = append(addresses, prefix.String())
	}
	value := append([]byte(strings.Join(addresses, ",")), 0)
	if err := s.Kernel.Setattr(id, zone.AttrNetwork, netData(netAddress, link, value)); err != nil {
		return err
	}
	if n.Defrouter == "" {
		return nil
	}
	var routers []byte
	for _, text := range strings.Split(n.Defrouter, ",") {
		addr, err := netip.ParseAddr(text)
		if err != nil {
			return err
		}
		sixteen := addr.As16() // an IPv4 address is mapped
		routers = append(routers, sixteen[:]...)
	}
	return s.Kernel.Setattr(id, zone.AttrNetwork, netData(netDefRouter, link, routers))
}

func netData(kind uint32, link zone.LinkID, value []byte) []byte {
	raw := make([]byte, netHead, netHead+len(value))
	binary.LittleEndian.PutUint32(raw, kind)
	binary.LittleEndian.PutUint32(raw[4:], uint32(len(value)))
	binary.LittleEndian.PutUint32(raw[8:], uint32(link))
	return append(raw, value...)
}

// Prefix lengths of IPv6 addresses that are given without one.
const (
	linkLocalBits = 10
	otherBits     = 64
)

// allowed reads an allowed-address: a number, its prefix length as usual where it
// isn't given.
func allowed(text string) (netip.Prefix, error) {
	if prefix, err := netip.ParsePrefix(text); err == nil {
		return prefix, nil
	}
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%s is no address: %w", text, errno.EINVAL)
	}
	bits := otherBits
	switch {
	case addr.Is4():
		bits, _ = netmask("/etc/netmasks", addr)
	case addr.IsLinkLocalUnicast():
		bits = linkLocalBits
	}
	return netip.PrefixFrom(addr, bits), nil
}
