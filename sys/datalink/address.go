package datalink

import "net/netip"

// AddAddress adds an address with its prefix length to the IP interface of a link, for
// a zone that shares the host's network stack: it creates a logical interface and
// gives it to the zone (SIOCLIFADDIF, SIOCSLIFZONE). ENXIO when the link has no IP
// interface, EEXIST when an interface has the address, EINVAL when no link can have
// the name, ENOTSUP on systems other than illumos.
func AddAddress(zone int32, link string, p netip.Prefix) error { return add(zone, link, p) }

// RemoveAddress removes an address that [AddAddress] added. ENOENT when the zone doesn't
// have it on the link; otherwise it fails as AddAddress does.
func RemoveAddress(zone int32, link string, p netip.Prefix) error { return remove(zone, link, p) }
