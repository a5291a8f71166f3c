package kernel

import (
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// managed finds the zone of a call that changes a zone's state: not the global
// one, any state.
func (p *Proc) managed(id zone.ID) (*Zone, errno.Errno) {
	if !p.mayConfig() {
		return nil, errno.EPERM
	}
	if id < zone.MinUserID || id > zone.MaxID {
		return nil, errno.EINVAL
	}
	z := p.k.table.byID(id)
	if z == nil {
		return nil, errno.EINVAL
	}
	return z, 0
}

// boot tells a ready zone's zsched to start init and waits for the outcome
// (zone_boot). A shutdown that overtakes it looks like success, unless init
// failed.
func (p *Proc) boot(t *thread, id zone.ID) (int64, errno.Errno) {
	z, e := p.managed(id)
	if e != 0 {
		return fail(e)
	}
	if z.Status() != zone.StatusReady {
		return fail(errno.EINVAL)
	}
	z.setStatus(zone.StatusBooting)
	z.hold()
	defer z.release()
	if !p.k.statusWaitSig(t, z, zone.StatusRunning) {
		return fail(errno.EINTR)
	}
	if z.bootErr != 0 {
		return fail(errno.Errno(z.bootErr))
	}
	return 0, 0
}
