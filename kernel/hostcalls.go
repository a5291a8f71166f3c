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

// Mount mounts a file system inside a zone that is ready or running; see
// [Proc.MountAll].
func (p *Proc) Mount(id zone.ID, m host.Mount) error {
	_, err := p.MountAll(id, []host.Mount{m})
	return err
}

// MountAll mounts file systems in their order inside a zone that is ready or running,
// and returns how many it has mounted before one failed. The zone can't be shut down
// meanwhile. EPERM for a type that fs-allowed doesn't name on a running zone.
func (p *Proc) MountAll(id zone.ID, mounts []host.Mount) (done int, err error) {
	k := p.k
	t := k.call(p)
	defer k.done(t)
	z, err := p.hostable("mount", id)
	if err != nil {
		return 0, err
	}
	k.mountInProgress(t, z)
	defer k.mountCompleted(z)
	if z.Status() >= zone.StatusShuttingDown {
		return 0, callError("mount", id, errno.EINVAL)
	}
	z.hold()
	defer z.release()
	key := z.key()
	k.outside(t, func() { done, err = k.host.Mount(key, mounts) })
	// The table of the machine doesn't have them: they are in the zone's own
	// namespace, which goes with the zone. So they never keep the zone from being
	// destroyed.
	z.inner = append(z.inner, mounts[:done]...)
	if err == nil {
		return done, nil
	}
	var point *host.PointError
	if errors.As(err, &point) {
		return done, &zone.Error{Op: zone.OpMountPoint, ID: id, Name: point.Path, Errno: errnoOf(err), Cause: zone.AsError(point.Err)}
	}
	return done, &zone.Error{Op: "mount", ID: id, Name: mounts[done].Point, Errno: errnoOf(err), Cause: zone.AsError(err)}
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
		return &zone.Error{Op: "umount", ID: id, Name: point, Errno: errnoOf(err), Cause: zone.AsError(err)}
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
		return &zone.Error{Op: "set address", ID: id, Name: link, Errno: errnoOf(err), Cause: zone.AsError(err)}
	}
	return nil
}
