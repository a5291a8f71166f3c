package machine

import (
	"net/netip"

	"github.com/gozones/zones/sys/datalink"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// SetAddress adds a logical interface to a link, for a zone that shares the machine's
// network stack, or removes it; see [zone.Kernel]. ENXIO when the link has no IP interface,
// EEXIST for an address that exists, ENOENT for the removal of one that doesn't.
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
