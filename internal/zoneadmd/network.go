package zoneadmd

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// network plans the zone's addresses or links.
func (s *setup) network(p *plan) error {
	if s.config.Exclusive() {
		return s.exclusive(p)
	}
	for _, n := range append(slices.Clone(s.config.Net), s.loopback()...) {
		if err := s.shared(p, n); err != nil {
			return err
		}
	}
	return nil
}

// loopback returns the addresses that a zone with a shared network stack has besides those of
// its configuration. Elsewhere than on illumos the loopback interface is the host's, or a
// zone's own.
func (s *setup) loopback() []zonecfg.Net {
	if !s.onIllumos() {
		return nil
	}
	return []zonecfg.Net{{Physical: "lo0", Address: "127.0.0.1/8"}, {Physical: "lo0", Address: "::1/128"}}
}

// shared plans an address on an interface of the host.
func (s *setup) shared(p *plan, n zonecfg.Net) error {
	prefix, err := lookUp(n.Address)
	if err != nil {
		return s.r.refuse(nil, "%s: %v", n.Physical, err)
	}
	if prefix.Bits() < 0 {
		bits, found := netmask("/etc/netmasks", prefix.Addr())
		if !found {
			s.r.say("WARNING: %s: no matching subnet found in netmasks(5): %s; using default of %s.", n.Physical, prefix.Addr(), dotted(bits))
		}
		prefix = netip.PrefixFrom(prefix.Addr(), bits)
	}
	// An interface may have no link: only adding the address tells whether it exists.
	p.try(zone.Step{Address: &zone.Address{Link: n.Physical, Prefix: prefix.String()}}, func(err error) error {
		number := zone.ErrnoOf(err)
		if number == errno.ENXIO {
			s.say("WARNING: skipping network interface '%s' which may not be present/plumbed in the global zone.", n.Physical)
			return nil
		}
		text := n.Physical + ": could not bring network interface up"
		if number == errno.EADDRNOTAVAIL || number == errno.EEXIST { // illumos', and the other hosts'
			if other := s.holder(prefix.Addr()); other != "" {
				text += ": address in use by zone '" + other + "'"
			}
		}
		return s.r.fail(err, "%s", text)
	})
	if n.Defrouter != "" && !s.onIllumos() {
		s.say("WARNING: %s: default router %s is not set: zones share the routes of this machine", n.Physical, n.Defrouter)
	}
	return nil
}

// onIllumos reports whether the kernel is illumos' own.
func (s *setup) onIllumos() bool {
	report, err := s.report()
	return err == nil && report.Host == "illumos"
}

// routeProgram changes illumos' routes. Tests replace it.
var routeProgram = "/usr/sbin/route"

// routes adds the default routers of a zone that shares illumos' network stack, on the
// interfaces that have their addresses by now. One that is there already is no failure, and no
// failure keeps the zone from being made ready.
func (s *setup) routes() {
	if s.config.Exclusive() || !s.onIllumos() {
		return
	}
	for _, n := range s.config.Net {
		if n.Defrouter == "" {
			continue
		}
		err := exec.Command(routeProgram, "add", "-ifp", n.Physical, "default", n.Defrouter).Run()
		var exit *exec.ExitError
		if err != nil && !(errors.As(err, &exit) && exit.ExitCode() == int(errno.EEXIST)) {
			s.r.say("Unable to set route for interface %s to %s", n.Physical, n.Defrouter)
		}
	}
}

// lookUp parses an address or resolves a host name. The prefix length is -1 if none is
// given.
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

// bare returns an address without a prefix length: Bits is -1.
func bare(addr netip.Addr) netip.Prefix { return netip.PrefixFrom(addr, -1) }

// netmask returns the prefix length for an IPv4 address: that of the longest matching
// subnet in the netmasks(5) file, else that of its class.
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

// exclusive plans the links for the zone's own network stack, and the addresses
// allowed on them.
func (s *setup) exclusive(p *plan) error {
	links := perLink(s.config.Net)
	for _, n := range links {
		p.addWith(zone.Step{Link: &zone.Link{Name: n.Physical}}, func(err error) error {
			s.r.fail(err, "%s", n.Physical)
			return s.r.refuse(err, "failed to add network device")
		})
	}
	for _, n := range links {
		if n.AllowedAddress == "" {
			continue
		}
		failed := func(err error) error {
			s.r.fail(err, "%s: %s", n.Physical, n.AllowedAddress)
			return s.r.refuse(err, "failed to add address")
		}
		data, err := allow(n)
		if err != nil {
			return failed(err)
		}
		for i := range data {
			p.addWith(zone.Step{Net: &data[i]}, failed)
		}
	}
	return nil
}

// perLink joins the resources of each link: its addresses and routers can be set only once.
func perLink(nets []zonecfg.Net) []zonecfg.Net {
	var links []zonecfg.Net
	join := func(list *string, more string) {
		if *list != "" && more != "" {
			*list += ","
		}
		*list += more
	}
	for _, n := range nets {
		at := slices.IndexFunc(links, func(l zonecfg.Net) bool { return l.Physical == n.Physical })
		if at < 0 {
			links = append(links, n)
			continue
		}
		join(&links[at].AllowedAddress, n.AllowedAddress)
		join(&links[at].Defrouter, n.Defrouter)
	}
	return links
}

// allow returns the kernel's data about a link's allowed addresses and routers.
func allow(n zonecfg.Net) ([]zone.NetData, error) {
	var addresses []string
	for _, text := range strings.Split(n.AllowedAddress, ",") {
		prefix, err := allowed(text)
		if err != nil {
			return nil, err
		}
		addresses = append(addresses, prefix.String())
	}
	data := []zone.NetData{{Link: n.Physical, Kind: zone.NetAddress, Value: append([]byte(strings.Join(addresses, ",")), 0)}}
	if n.Defrouter == "" {
		return data, nil
	}
	var routers []byte
	for _, text := range strings.Split(n.Defrouter, ",") {
		addr, err := netip.ParseAddr(text)
		if err != nil {
			return nil, err
		}
		sixteen := addr.As16() // an IPv4 address is mapped
		routers = append(routers, sixteen[:]...)
	}
	return append(data, zone.NetData{Link: n.Physical, Kind: zone.NetDefRouter, Value: routers}), nil
}

// Prefix lengths of IPv6 addresses that are given without one.
const (
	linkLocalBits = 10
	otherBits     = 64
)

// allowed parses an allowed-address, or resolves a host name, with a default prefix length if
// none is given.
func allowed(text string) (netip.Prefix, error) {
	if prefix, err := netip.ParsePrefix(text); err == nil {
		return prefix, nil
	}
	addr, err := netip.ParseAddr(text)
	if err != nil {
		named, err := lookUp(text)
		if err != nil {
			return netip.Prefix{}, fmt.Errorf("%w: %w", err, errno.EINVAL)
		}
		if named.Bits() >= 0 {
			return named, nil
		}
		addr = named.Addr()
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
