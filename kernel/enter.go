package kernel

import (
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// enterZone moves the calling process into a zone for good (zone_enter).
func (p *Proc) enterZone(t *thread, id zone.ID) error {
	k := p.k
	if !p.mayConfig() {
		return errno.EPERM
	}
	if id < zone.MinUserID || id > zone.MaxID {
		return errno.EINVAL
	}
	if !p.spec.Agent && k.faults.HoldLWPs {
		return errno.EINTR
	}
	if p.spec.PinnedFile {
		return errno.EBADF
	}
	if p.spec.PinnedMapping {
		return errno.EFAULT
	}
	z, err := p.mayEnter(id)
	if err != nil {
		return err
	}
	z.hold()
	defer z.release()
	if !k.pools.lockSig(t) {
		return errno.EINTR
	}
	defer k.pools.unlock(t)
	if e := k.faults.PoolBind; k.pools.enabled && e != 0 && z.pool != k.pools.list[0] {
		return e
	}
	// The lock may have been given up since: look again.
	if z.Status() >= zone.StatusShuttingDown {
		return errno.EINVAL
	}
	p.join(z)
	return nil
}

// mayEnter finds the zone and checks what doesn't depend on waiting: where the
// caller is, its contracts, the zone's state, the caller's privileges.
func (p *Proc) mayEnter(id zone.ID) (*Zone, error) {
	if p.zone.Load() != p.k.global {
		return nil, errno.EINVAL
	}
	z := p.k.table.byID(id)
	if z == nil || p.spec.HoldsContracts || p.spec.ContractMembers > 0 {
		return nil, errno.EINVAL
	}
	for _, uniqid := range p.spec.InheritedUniqIDs {
		if uniqid != z.UniqID() {
			return nil, errno.EINVAL
		}
	}
	if s := z.Status(); s < zone.StatusReady || s >= zone.StatusShuttingDown {
		return nil, errno.EINVAL
	}
	if !z.privset.Subset(p.cred.permitted) {
		return nil, errno.EPERM
	}
	return z, nil
}

// join makes a process one of the zone's: counts, contract, task, session, root,
// security flags, credential, scheduling class.
// Preconditions: the kernel lock is held.
func (p *Proc) join(z *Zone) {
	old := p.zone.Load()
	z.used.addProc(p)
	old.used.removeProc(p)
	old.disown(p)
	z.adopt(p)
	p.ctZone = z.UniqID()
	task := p.task
	p.task = newTask(z)
	// Whoever enters counts for the controls: their values in force are set anew.
	for i := range z.rctls {
		z.rctls[i].enforce()
	}
	if z.class > 0 {
		p.class = z.class
	}
	task.leave()
	p.root = z.rootDir()
	// What is in effect can't change by entering.
	effective := p.secflags.Effective
	p.secflags = z.secflags
	p.secflags.Effective = effective
	cred := p.cred
	p.cred = cred.within(z)
	cred.release()
}
