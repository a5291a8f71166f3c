package datalink

import "net/netip"

// AddAddress adds an address with its prefix length to the IP interface of a link, for
// a zone that shares the host's network stack: it creates a logical interface and
// gives it to the zone (SIOCLIFADDIF, SIOCSLIFZONE). The interface need not be on a link:
// the one of an IPMP group has none. ENXIO when there is no such IP interface, EADDRNOTAVAIL
// when another one has the address, EINVAL when no interface can have the name or the zone
// isn't ready, ENOTSUP on systems other than illumos.
func AddAddress(zone int32, link string, p netip.Prefix) error { return add(zone, link, p) }

// RemoveAddress removes an address that [AddAddress] added. ENOENT when the zone doesn't
// have it on the link; otherwise it fails as AddAddress does.
func RemoveAddress(zone int32, link string, p netip.Prefix) error { return remove(zone, link, p) }

// AddressZone returns the zone of the interface that is up with an address. ENOENT when there is
// none among those of the zones that share the host's network stack, ENOTSUP on systems other
// than illumos.
func AddressZone(a netip.Addr) (int32, error) { return addressZone(a) }

// RemoveAddresses removes every logical interface of a zone, whoever added it. The system
// leaves them when the zone is destroyed, and nobody else can have their addresses then. It
// goes on after a failure and returns all of them. ENOTSUP on systems other than illumos.
func RemoveAddresses(zone int32) error { return removeAll(zone) }
