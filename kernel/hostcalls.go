package kernel

import (
	"errors"
	"slices"
	"strings"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// Calls that the kernel passes on to the host under its own rules: who may, in
// which state a zone must be, and what is entered into the mount table.

// hostable finds a zone for a call of p that the host carries out.
func (p *Proc) hostable(op string, id zone.ID) (*Zone, error) {
	z, e := p.managed(id)
	if e == 0 && (p.zone.Load() != p.k.global || !z.visible() || z.Status() >= zone.StatusShuttingDown) {
		e = errno.EINVAL
	}
	if e != 0 {
		return nil, callError(op, id, e)
	}
	return z, nil
}

// Mount mounts a file system inside a zone that is ready or running. The zone
// can't be shut down meanwhile. EPERM for a type that fs-allowed doesn't name on
// a running zone.
func (p *Proc) Mount(id zone.ID, m host.Mount) error {
	k := p.k
	t := k.call(p)
	defer k.done(t)
	z, err := p.hostable("mount", id)
	if err != nil {
		return err
	}
	k.mountInProgress(t, z)
	defer k.mountCompleted(z)
	if z.Status() >= zone.StatusShuttingDown {
		return callError("mount", id, errno.EINVAL)
	}
	z.hold()
	defer z.release()
	key := z.key()
	k.outside(t, func() { err = k.host.Mount(key, m) })
	var point *host.PointError
	if errors.As(err, &point) {
		return &zone.Error{Op: zone.OpMountPoint, ID: id, Name: point.Path, Errno: errnoOf(err)}
	}
	if err != nil {
		return &zone.Error{Op: "mount", ID: id, Name: m.Point, Errno: errnoOf(err)}
	}
	// The table of the machine doesn't have it: it is in the zone's own namespace,
	// which goes with the zone. So it never keeps the zone from being destroyed.
	z.inner = append(z.inner, m)
	return nil
}

// Unmount unmounts what was mounted last at a point inside a zone.
func (p *Proc) Unmount(id zone.ID, point string, force bool) error {
	k := p.k
	t := k.call(p)
	defer k.done(t)
	z, err := p.hostable("umount", id)
	if err != nil {
		return err
	}
	z.hold()
	defer z.release()
	key := z.key()
	k.outside(t, func() { err = k.host.Unmount(key, point, force) })
	if err != nil {
		return &zone.Error{Op: "umount", ID: id, Name: point, Errno: errnoOf(err)}
	}
	for i := len(z.inner) - 1; i >= 0; i-- {
		if strings.TrimSuffix(z.inner[i].Point, "/") == strings.TrimSuffix(point, "/") {
			z.inner = slices.Delete(z.inner, i, i+1)
			break
		}
	}
	return nil
}

// SetAddress puts an address on a link for a zone that shares the machine's
// network stack, or takes it off.
func (p *Proc) SetAddress(id zone.ID, link, prefix string, add bool) error {
	k := p.k
	t := k.call(p)
	defer k.done(t)
	z, err := p.hostable("set address", id)
	if err != nil {
		return err
	}
	z.hold()
	defer z.release()
	key := z.key()
	k.outside(t, func() { err = k.host.SetAddress(key, link, prefix, add) })
	if err != nil {
		return &zone.Error{Op: "set address", ID: id, Name: link, Errno: errnoOf(err)}
	}
	return nil
}
