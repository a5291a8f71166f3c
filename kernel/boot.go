package kernel

import (
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// boot has a ready zone's zsched start init and waits for the outcome (zone_boot). A
// shutdown that overtakes it looks like success, unless init failed.
func (p *Proc) boot(t *thread, id zone.ID) error {
	z, err := p.managed(id)
	if err != nil {
		return err
	}
	if z.Status() != zone.StatusReady {
		return errno.EINVAL
	}
	z.setStatus(zone.StatusBooting)
	z.hold()
	defer z.release()
	if !z.awaitSig(t, zone.StatusRunning) {
		return errno.EINTR
	}
	return z.init.err
}

// managed finds the zone of a call that changes a zone's state: not the global
// one, any state.
func (p *Proc) managed(id zone.ID) (*Zone, error) {
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
	return z, nil
}
