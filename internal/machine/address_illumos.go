package machine

import (
	"errors"
	"net/netip"

	"github.com/gozones/zones/sys/datalink"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// SetAddress adds a logical interface to a link, for a zone that shares the machine's
// network stack, or removes it; see [zone.Kernel]. ENXIO when the link has no IP interface,
// EADDRNOTAVAIL for an address that exists, ENOENT for the removal of one that doesn't.
func (k *kernel) SetAddress(id zone.ID, link, prefix string, add bool) error {
	fail := func(e errno.Errno) error {
		return &zone.Error{Op: "address " + prefix + " on " + link + " of zone", ID: id, Errno: e}
	}
	p, err := netip.ParsePrefix(prefix)
	if err != nil {
		return fail(errno.EINVAL)
	}
	if add {
		err = datalink.AddAddress(int32(id), link, p)
	} else {
		err = datalink.RemoveAddress(int32(id), link, p)
	}
	if e, ok := errno.Of(err); ok {
		return fail(e)
	}
	return err
}

// AddressHolder returns the name of the zone whose interface has an address; the global zone
// has those of the machine.
func (k *kernel) AddressHolder(a netip.Addr) (string, error) {
	id, err := datalink.AddressZone(a)
	if err != nil {
		return "", err
	}
	return zone.NameOf(k, zone.ID(id))
}

// AbortConnections ends the TCP connections of a zone, after it was shut down. Those of a zone
// with its own network stack end with that.
func (k *kernel) AbortConnections(id zone.ID) error {
	flags, err := zone.FlagsOf(k, id)
	if err != nil || flags&zone.FlagNetExcl != 0 {
		return err
	}
	if err := datalink.AbortConnections(int32(id)); err != nil {
		return &zone.Error{Op: "TCP connections of zone", ID: id, Errno: zone.ErrnoOf(err), Cause: zone.AsError(err)}
	}
	return nil
}

// RemoveNetwork removes what a zone has of the machine's network, after it was shut down: the
// addresses on shared interfaces, which the system leaves there, or the links that it still
// has.
func (k *kernel) RemoveNetwork(id zone.ID) error {
	flags, err := zone.FlagsOf(k, id)
	if err != nil {
		return err
	}
	if flags&zone.FlagNetExcl != 0 {
		return errors.Join(k.deleteTransient(id), k.takeBack(id))
	}
	if err := datalink.RemoveAddresses(int32(id)); err != nil {
		return &zone.Error{Op: "addresses of zone", ID: id, Errno: zone.ErrnoOf(err), Cause: zone.AsError(err)}
	}
	return nil
}
