package kernel

import (
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// enter moves the calling process into a zone for good (zone_enter).
func (p *Proc) enter(t *thread, id zone.ID) (int64, errno.Errno) {
	k := p.k
	if !p.mayConfig() {
		return fail(errno.EPERM)
	}
	if id < zone.MinUserID || id > zone.MaxID {
		return fail(errno.EINVAL)
	}
	if !p.spec.Agent && k.faults.HoldLWPs {
		return fail(errno.EINTR)
	}
	if p.spec.PinnedFile {
		return fail(errno.EBADF)
	}
	if p.spec.PinnedMapping {
		return fail(errno.EFAULT)
	}
	z, e := p.mayEnter(id)
	if e != 0 {
		return fail(e)
	}
	z.hold()
	defer z.release()
	if !k.poolLockSig(t) {
		return fail(errno.EINTR)
	}
	defer k.poolUnlock()
	if e := k.faults.PoolBind; k.poolsEnabled && e != 0 && z.pool != k.pools[0] {
		return fail(e)
	}
	// The lock may have been given up since: look again.
	if z.Status() >= zone.StatusShuttingDown {
		return fail(errno.EINVAL)
	}
	p.join(z)
	return 0, 0
}

// mayEnter finds the zone and checks what doesn't depend on waiting: where the
// caller is, its contracts, the zone's state, the caller's privileges.
func (p *Proc) mayEnter(id zone.ID) (*Zone, errno.Errno) {
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
	if !subset(z.privset, p.cred.permitted) {
		return nil, errno.EPERM
	}
	return z, 0
}

// join makes a process one of the zone's: counts, contract, task, session, root,
// security flags, credential, scheduling class.
// Preconditions: the kernel lock is held.
func (p *Proc) join(z *Zone) {
	k := p.k
	old := p.zone.Load()
	z.addProc(p)
	old.removeProc(p)
	old.unlist(p)
	z.list(p)
	p.zone.Store(z)
	p.ctZone = z.UniqID()
	task := p.task
	p.task = k.newTask(z)
	// Whoever enters counts for the controls: their values in force are set anew.
	for _, r := range z.rctls {
		k.rctlSet(z, r)
	}
	if z.class > 0 {
		p.class = z.class
	}
	k.releaseTask(task)
	p.root = trimRoot(z)
	// What is in effect can't change by entering.
	p.secflags.Lower, p.secflags.Upper, p.secflags.Inherit = z.secflags.Lower, z.secflags.Upper, z.secflags.Inherit
	cred := p.cred
	p.cred = newCred(z, intersect(cred.effective, z.privset), intersect(cred.permitted, z.privset))
	p.cred.inheritable, p.cred.limit = intersect(cred.inheritable, z.privset), intersect(cred.limit, z.privset)
	cred.release()
}
