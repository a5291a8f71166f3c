package kernel

import (
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// destroyTimeout is how long zone_destroy waits before it logs who still holds
// the zone: a minute (ZONE_DESTROY_TIMEOUT_SECS).
const destroyTimeout = 60 * Hz

// destroy removes a zone that is down (zone_destroy). It returns when nothing
// but credentials refers to the zone; with those left the zone waits on the
// death row, its name and id no longer in the table.
func (p *Proc) destroy(t *thread, id zone.ID) (int64, errno.Errno) {
	k := p.k
	z, e := p.managed(id)
	if e != 0 {
		return fail(e)
	}
	if k.mountPoints.around(z.root) || z.Status() < zone.StatusDown {
		return fail(errno.EBUSY)
	}
	if z.Status() == zone.StatusDown {
		z.setStatus(zone.StatusDying) // zsched goes
	}
	z.hold()
	k.statusWait(t, z, zone.StatusDead)
	k.zsdCallbacks(t, z, zsdDestroy)
	uniqid := z.UniqID()
	z.release()
	z, e = k.waitUnreferenced(t, id, uniqid)
	if e != 0 {
		return fail(e)
	}
	if z == nil {
		return 0, 0 // another caller has done it
	}
	z.cpuCap = noCap
	z.kstats = false
	z.brandData = nil
	k.table.remove(z)
	for _, l := range z.links {
		delete(k.linkOwners, l.id)
	}
	z.rootHeld = false
	k.deathrow = append(k.deathrow, z)
	z.release() // zsched's, the last but for credentials
	return 0, 0
}

// waitUnreferenced waits until only the table refers to the zone. It returns nil
// when the zone has gone meanwhile.
func (k *Kernel) waitUnreferenced(t *thread, id zone.ID, uniqid uint64) (*Zone, errno.Errno) {
	left := int64(destroyTimeout)
	expired := false
	for {
		z := k.table.byID(id)
		if z == nil || z.UniqID() != uniqid {
			return nil, 0
		}
		if z.unreferenced() {
			return z, 0
		}
		if z.flags.Load()&zone.FlagRefcountsLogged == 0 {
			if !expired {
				left = k.waitUntil(t, &k.destroyCV, k.clock.Ticks()+left, true)
				if left == 0 {
					return nil, errno.EINTR
				}
				expired = left < 0
				continue
			}
			z.logRefs()
		}
		if !k.waitSig(t, &k.destroyCV) {
			return nil, errno.EINTR
		}
	}
}
