package kernel

import (
	"fmt"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

var _ zone.Executor = (*Proc)(nil)

// Start runs a program inside a zone, as a child of its zsched, as if a new process
// had entered the zone and then executed it. The rules are those of zone_enter.
func (p *Proc) Start(id zone.ID, cmd *zone.Cmd) (zone.Process, error) {
	t := p.enter()
	defer t.leave()
	z, err := p.managed(id)
	if err == nil {
		z, err = p.mayEnter(id)
	}
	if err == nil && !z.hosted {
		err = fmt.Errorf("zones of this kernel have no programs: %w", errno.ENOENT)
	}
	if err != nil {
		return nil, callError("zone_enter", id, err)
	}
	return p.startIn(t, z, cmd)
}

// Exec is exec(2) of a process that has entered a zone: the program runs inside, with
// the process's privileges, and the process ends.
func (p *Proc) Exec(cmd *zone.Cmd) (zone.Process, error) {
	t := p.enter()
	defer t.leave()
	z := p.zone.Load()
	if z == p.k.global || !z.hosted {
		return nil, callError("exec "+cmd.Path+" in zone", z.id, errno.ENOENT)
	}
	if z.Status() >= zone.StatusShuttingDown {
		return nil, callError("exec "+cmd.Path+" in zone", z.id, errno.EINVAL)
	}
	process, err := p.startIn(t, z, cmd)
	if err == nil {
		p.doomed = true
	}
	return process, err
}

// startIn has the host run a program in a zone and makes the new process known.
// Preconditions: the kernel lock is held.
func (p *Proc) startIn(t *thread, z *Zone, cmd *zone.Cmd) (process zone.Process, err error) {
	k := p.k
	z.hold()
	defer z.release()
	err = t.outside(func() (err error) {
		process, err = k.host.Start(z.key(), cmd)
		return err
	})
	if err != nil {
		return nil, callError("exec "+cmd.Path+" in zone", z.id, err)
	}
	child := k.addProc(ProcSpec{Pid: int32(process.Pid()), UID: cmd.UID}, newCred(k.global, p.cred.effective, p.cred.permitted))
	child.hosted = true
	child.join(z)
	if early, ok := k.procs.takeEarly(child.pid); ok {
		k.hostExit(t, early)
	}
	if z.Status() >= zone.StatusShuttingDown {
		z.killHosted(t)
	}
	return process, nil
}
