package kernel

import (
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// destroyTimeout is how long zone_destroy waits before it logs which references to
// the zone are left: a minute (ZONE_DESTROY_TIMEOUT_SECS).
const destroyTimeout = 60 * Hz

// destroy removes a zone that is down (zone_destroy). It returns when nothing
// but credentials refers to the zone; with those left the zone waits on the
// death row, its name and id no longer in the table.
func (p *Proc) destroy(t *thread, id zone.ID) error {
	k := p.k
	z, err := p.managed(id)
	if err != nil {
		return err
	}
	if k.mounts.points.around(z.root) || z.Status() < zone.StatusDown {
		return errno.EBUSY
	}
	if z.Status() == zone.StatusDown {
		z.setStatus(zone.StatusDying) // zsched exits
	}
	z.hold()
	z.await(t, zone.StatusDead)
	k.zsdCallbacks(t, z, zsdDestroy)
	uniqid := z.UniqID()
	z.release()
	z, err = k.awaitUnreferenced(t, id, uniqid)
	if z == nil {
		return err
	}
	z.limits.cpuCap = noCap
	z.stats.kstats = false
	z.brandData = nil
	k.table.remove(z)
	k.links.disown(z)
	z.rootHeld = false
	k.dead.add(z)
	z.release() // zsched's, the last but for credentials
	return nil
}

// awaitUnreferenced waits until only the table refers to the zone. It returns nil
// when the zone isn't there any more: another caller has destroyed it.
func (k *Kernel) awaitUnreferenced(t *thread, id zone.ID, uniqid uint64) (*Zone, error) {
	left := int64(destroyTimeout)
	expired := false
	for {
		z := k.table.byID(id)
		if z == nil || z.UniqID() != uniqid {
			return nil, nil
		}
		if z.unreferenced() {
			return z, nil
		}
		if !z.hasFlag(zone.FlagRefcountsLogged) {
			if !expired {
				left = t.waitUntil(&k.dead.destroyCV, k.sched.clock.Ticks()+left, true)
				if left == 0 {
					return nil, errno.EINTR
				}
				expired = left < 0
				continue
			}
			z.logRefs()
		}
		if !t.waitSig(&k.dead.destroyCV) {
			return nil, errno.EINTR
		}
	}
}
