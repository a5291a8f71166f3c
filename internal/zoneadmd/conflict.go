package zoneadmd

import (
	"errors"
	"net/netip"

	"github.com/gozones/zones/internal/mounted"
	"github.com/gozones/zones/sys/zone"
)

// Conflicts are only looked for after the kernel has refused to make a zone, because
// the search reads all zones or all mounts of the host.

// conflict finds out why the kernel reports a zone's name or root as taken, and
// reports it. It returns nil if a retry may succeed: only the zone's own name is in
// the way, or nothing is any more. final says that this is the last retry.
func (s *setup) conflict(root string, refused error, final bool) error {
	table, err := s.Kernel.Table()
	if err != nil {
		return s.r.fail(err, "unable to list the zones that are active")
	}
	for _, z := range table.Zones {
		if z.ID == zone.GlobalID || z.Name == s.Zone && !final {
			continue
		}
		if within(root, z.Root) || within(z.Root, root) {
			return s.r.refuse(refused, "zone root %s already in use by zone %s", root, z.Name)
		}
	}
	if mounts, err := mounted.On(root); err == nil { // otherwise this system can't list its mounts
		if len(mounts.Through) > 0 {
			return s.r.refuse(refused, "zone root %s is reachable through %s", root, mounts.Through[0])
		}
		if len(mounts.Below) > 0 {
			return s.tellMounts(root, mounts, refused)
		}
	}
	if final {
		return s.createFailed(root, refused)
	}
	return nil
}

// createFailed reports why the kernel made no zone.
func (s *setup) createFailed(root string, err error) error {
	var e *zone.Error
	if !errors.As(err, &e) {
		return s.r.fail(err, "zone_create failed")
	}
	switch e.Ext {
	case zone.ExtMounts:
		if mounts, e := mounted.On(root); e == nil && len(mounts.Below) > 0 {
			return s.tellMounts(root, mounts, err)
		}
		return s.r.refuse(err, "An unknown file-system is mounted on a subdirectory of %s", root)
	case zone.ExtChrooted:
		return s.r.refuse(err, "zone_create: cannot create a zone from a chrooted environment")
	}
	return s.r.fail(err, "zone_create failed")
}

// tellMounts reports the mounts below a zone's root.
func (s *setup) tellMounts(root string, mounts *mounted.Mounts, refused error) error {
	s.r.say("These file-systems are mounted on subdirectories of %s:", root)
	for _, m := range mounts.Below {
		s.r.say("  %s", m)
	}
	return because("file systems are mounted below "+root, refused)
}

// holder returns the zone that has an address: as the kernel's interfaces say, or else an
// active one, according to its snapshot.
func (s *setup) holder(addr netip.Addr) string {
	if k, ok := s.Kernel.(interface {
		AddressHolder(netip.Addr) (string, error)
	}); ok {
		name, err := k.AddressHolder(addr)
		if err != nil {
			s.say("%v", err)
		}
		return name
	}
	table, err := s.Kernel.Table()
	if err != nil {
		return ""
	}
	for _, z := range table.Zones {
		if z.Name == s.Zone {
			continue
		}
		config, err := s.Store.LoadSnapshot(z.Name)
		if err != nil {
			continue
		}
		for _, n := range config.Net {
			if has, err := lookUp(n.Address); err == nil && has.Addr() == addr {
				return z.Name
			}
		}
	}
	return ""
}
