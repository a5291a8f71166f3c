package kernel

import (
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// shutdown ends everything in a zone (zone_shutdown). When interrupted it may be
// called again and continues where it was.
func (p *Proc) shutdown(t *thread, id zone.ID) error {
	k := p.k
	z, err := p.managed(id)
	if err != nil {
		return err
	}
	z.hold()
	defer z.release()
	if down, err := z.beginShutdown(t); down || err != nil {
		return err
	}
	if !z.empty(t) {
		return errno.EINTR
	}
	// From DOWN on changes to pools don't concern the zone.
	if !k.pools.lockSig(t) {
		return errno.EINTR
	}
	if k.pools.enabled {
		z.setPool(k.pools.list[0])
		z.setPset(noPset)
	}
	k.pools.unlock(t)
	k.zsdCallbacks(t, z, zsdShutdown)
	if z.kthreads == 0 && z.Status() < zone.StatusDown {
		z.setStatus(zone.StatusDown)
	}
	if !z.awaitSig(t, zone.StatusDown) {
		return errno.EINTR
	}
	return nil
}

// beginShutdown moves a zone that is up to the first state of being shut down, and
// reports whether it was down already. A mount under way sees the zone either before or
// after, never between.
func (z *Zone) beginShutdown(t *thread) (down bool, err error) {
	if !z.mounting.blockSig(t) {
		return false, errno.EINTR
	}
	defer z.mounting.resume(t)
	switch s := z.Status(); {
	case s < zone.StatusReady:
		return false, errno.EINVAL
	case s >= zone.StatusDown:
		return true, nil
	case s == zone.StatusEmpty:
	case z.ntasks != 1:
		z.setStatus(zone.StatusShuttingDown)
	case z.kthreads != 0:
		z.setStatus(zone.StatusEmpty)
	default:
		z.setStatus(zone.StatusDown)
	}
	return false, nil
}

// empty waits until no process but zsched is left; every second that it has to wait
// it kills them, those that the host runs also at the start. It reports false when a
// signal came.
func (z *Zone) empty(t *thread) bool {
	if z.Status() < zone.StatusEmpty {
		z.killHosted(t)
	}
	for {
		switch z.awaitUntilSig(t, z.k.sched.clock.Ticks()+Hz, zone.StatusEmpty) {
		case -1:
			z.killHosted(t)
			z.killKnown(t.proc)
		case 0:
			return false
		default:
			return true
		}
	}
}

// killHosted has the host kill every process of the zone but zsched. The host reports
// their exits to [Kernel.exited].
func (z *Zone) killHosted(t *thread) {
	if !z.hosted {
		return
	}
	if err := t.outside(func() error { return z.k.host.KillAll(z.key()) }); err != nil {
		z.k.log("WARNING: processes of zone " + z.name + " could not be killed: " + err.Error())
	}
}
