package kernel

import (
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// shutdown ends everything in a zone (zone_shutdown). Interrupted, it may be
// called again and goes on where it was.
func (p *Proc) shutdown(t *thread, id zone.ID) (int64, errno.Errno) {
	k := p.k
	z, e := p.managed(id)
	if e != 0 {
		return fail(e)
	}
	z.hold()
	defer z.release()
	// A mount under way sees the zone either before or after, never between.
	if !k.blockMounts(t, z) {
		return fail(errno.EINTR)
	}
	s := z.Status()
	if s < zone.StatusReady {
		z.resumeMounts()
		return fail(errno.EINVAL)
	}
	if s >= zone.StatusDown {
		z.resumeMounts()
		return 0, 0
	}
	if s < zone.StatusEmpty {
		switch {
		case z.ntasks != 1:
			z.setStatus(zone.StatusShuttingDown)
		case z.kthreads == 0:
			z.setStatus(zone.StatusDown)
		default:
			z.setStatus(zone.StatusEmpty)
		}
	}
	z.resumeMounts()
	if !k.zoneEmpty(t, z) {
		return fail(errno.EINTR)
	}
	// From DOWN on the zone isn't told of changes to pools any more.
	if !k.poolLockSig(t) {
		return fail(errno.EINTR)
	}
	if k.poolsEnabled {
		z.setPool(k.pools[0])
		z.setPset(noPset)
	}
	k.poolUnlock()
	k.zsdCallbacks(t, z, zsdShutdown)
	if z.kthreads == 0 && z.Status() < zone.StatusDown {
		z.setStatus(zone.StatusDown)
	}
	if !k.statusWaitSig(t, z, zone.StatusDown) {
		return fail(errno.EINTR)
	}
	return 0, 0
}

// zoneEmpty waits until no process but zsched is left; every second that it has
// to wait it kills them, those that the host runs also at once. It reports false
// when a signal came.
func (k *Kernel) zoneEmpty(t *thread, z *Zone) bool {
	if z.hosted && z.Status() < zone.StatusEmpty {
		key := z.key()
		k.outside(t, func() { k.host.KillAll(key) })
	}
	for {
		switch k.statusTimedWaitSig(t, z, k.clock.Ticks()+Hz, zone.StatusEmpty) {
		case -1:
			k.killall(t, z)
		case 0:
			return false
		default:
			return true
		}
	}
}
