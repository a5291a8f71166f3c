package kernel

import (
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

var _ zone.Executor = (*Proc)(nil)

// Start runs a program inside a zone, as a child of its zsched: what a fresh
// process that enters and then executes it would become. The rules are those of
// zone_enter.
func (p *Proc) Start(id zone.ID, cmd *zone.Cmd) (zone.Process, error) {
	k := p.k
	t := k.call(p)
	defer k.done(t)
	z, e := p.managed(id)
	if e == 0 {
		z, e = p.mayEnter(id)
	}
	if e == 0 && !z.hosted {
		e = errno.ENOENT // the zone has no programs
	}
	if e != 0 {
		return nil, callError("zone_enter", id, e)
	}
	z.hold()
	defer z.release()
	return p.startIn(t, z, cmd)
}

// Exec is exec(2) of a process that has entered a zone: the program runs inside,
// with the process's privileges, and the process is at its end.
func (p *Proc) Exec(cmd *zone.Cmd) (zone.Process, error) {
	k := p.k
	t := k.call(p)
	defer k.done(t)
	z := p.zone.Load()
	if z == k.global || !z.hosted {
		return nil, callError("exec "+cmd.Path+" in zone", z.id, errno.ENOENT)
	}
	if z.Status() >= zone.StatusShuttingDown {
		return nil, callError("exec "+cmd.Path+" in zone", z.id, errno.EINVAL)
	}
	z.hold()
	defer z.release()
	process, err := p.startIn(t, z, cmd)
	if err == nil {
		p.doomed = true
	}
	return process, err
}

// startIn has the host run a program in a zone and makes the new process known.
// Preconditions: the kernel lock is held, and so is z.
func (p *Proc) startIn(t *thread, z *Zone, cmd *zone.Cmd) (zone.Process, error) {
	k, id := p.k, z.id
	var (
		process zone.Process
		err     error
	)
	key := z.key()
	k.outside(t, func() { process, err = k.host.Start(key, cmd) })
	if err != nil {
		return nil, &zone.Error{Op: "exec " + cmd.Path + " in zone", ID: id, Errno: errnoOf(err)}
	}
	child := k.newProc(ProcSpec{Pid: int32(process.Pid()), UID: cmd.UID, LWPs: 1}, k.global)
	child.cred = newCred(k.global, p.cred.effective, p.cred.permitted)
	child.task = k.newTask(k.global)
	k.global.addProc(child)
	child.hosted = true
	child.join(z)
	if early, ok := k.earlyExits[child.pid]; ok {
		delete(k.earlyExits, child.pid)
		k.hostExit(t, early)
	}
	if z.Status() >= zone.StatusShuttingDown {
		k.outside(t, func() { k.host.KillAll(key) })
	}
	return process, nil
}
