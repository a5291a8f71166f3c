package kernel

import "github.com/gozones/zones/sys/errno"

// RctlUsage returns how much of a control p's zone uses; ESRCH for a name that is
// no control.
func (p *Proc) RctlUsage(name string) (uint64, errno.Errno) {
	defer p.k.enterAs(nil)()
	z := p.zone.Load()
	r := z.rctl(name)
	if r == nil {
		return 0, errno.ESRCH
	}
	return r.usage(z), 0
}

// RctlTest asks whether incr more would be denied to p's zone (rctl_test); it
// returns the actions taken.
func (p *Proc) RctlTest(name string, incr uint64) (uint32, errno.Errno) {
	t := p.k.enter(nil)
	defer p.k.leave(t)
	z := p.zone.Load()
	r := z.rctl(name)
	if r == nil {
		return 0, errno.ESRCH
	}
	actions := p.k.rctlTest(z, r, incr)
	p.k.flushRctls(t, z)
	return actions, 0
}

// RctlInsert adds a value to a control of p's zone (rctl_local_insert): EINVAL
// when it has it.
func (p *Proc) RctlInsert(name string, privilege uint32, limit uint64, action uint32) errno.Errno {
	return p.changeRctl(name, rctlValue{privilege: privilege, limit: limit, action: action}, p.k.rctlInsert)
}

// RctlDelete removes one (rctl_local_delete): ESRCH when it hasn't got it.
func (p *Proc) RctlDelete(name string, privilege uint32, limit uint64, action uint32) errno.Errno {
	return p.changeRctl(name, rctlValue{privilege: privilege, limit: limit, action: action}, p.k.rctlDelete)
}

func (p *Proc) changeRctl(name string, v rctlValue, change func(*Zone, *rctl, rctlValue) errno.Errno) errno.Errno {
	t := p.k.enter(nil)
	defer p.k.leave(t)
	z := p.zone.Load()
	r := z.rctl(name)
	if r == nil {
		return errno.ESRCH
	}
	e := change(z, r, v)
	p.k.flushRctls(t, z)
	return e
}
