package kernel

import (
	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/uadmin"
	"github.com/gozones/zones/sys/zone"
)

// exited is called by the host for every process that has exited.
func (k *Kernel) exited(e host.Exit) {
	if k.closing.Load() {
		return
	}
	t := k.enter()
	defer t.leave()
	k.hostExit(t, e)
}

// hostExit does what the exit of a process that the host ran means for the zone.
func (k *Kernel) hostExit(t *thread, e host.Exit) {
	z := k.table.byID(e.Key.ID)
	if z == nil || z.key() != e.Key {
		return
	}
	p := k.procs.byPid[e.Pid]
	if p != nil && (!p.hosted || p.zone.Load() != z || p.system) {
		p = nil
	}
	if e.Pid != 0 && p == nil && !e.Last {
		// The host's Start may not have returned yet.
		k.procs.early[e.Pid] = e
		return
	}
	switch {
	case p == nil:
	case e.Uadmin != nil:
		// Something inside asked to halt or reboot the zone: init exits with it.
		p.hosted = false
		_, _ = p.uadmin(nil, uadmin.Cmd(e.Uadmin.Cmd), uadmin.Fcn(e.Uadmin.Fcn), &e.Uadmin.BootArgs)
		p.end()
	case z.init.pid == p.pid && z.Status() == zone.StatusRunning && z.init.after(e.Status) == restartInit:
		k.restartInit(z, p)
	default:
		if z.ntasks == 2 && !e.Last {
			// Others run there that only the host knows: the zone isn't empty.
			z.orphans = p.task
			p.task.members++
		}
		p.hosted = false
		if z.init.pid == p.pid {
			p.exit(e.Status) // the exit of an init that isn't started again halts or reboots the zone
		}
		p.end()
	}
	if !e.Last {
		return
	}
	if task := z.orphans; task != nil {
		z.orphans = nil
		task.leave()
	}
	// Of programs whose Start hasn't returned yet the exit was the last, too.
	for pid, early := range k.procs.early {
		if early.Key == e.Key {
			early.Last = true
			k.procs.early[pid] = early
		}
	}
}
