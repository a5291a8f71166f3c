package kernel

import (
	"strings"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/zone"
)

// initArgs are the arguments of a zone's init: its name and the boot arguments.
func initArgs(z *Zone) []string {
	args := []string{z.initName[strings.LastIndexByte(z.initName, '/')+1:]}
	if z.bootArgs != nil {
		args = append(args, strings.Fields(*z.bootArgs)...)
	}
	return args
}

// exited is told by the host of every process that has ended.
func (k *Kernel) exited(e host.Exit) {
	if k.closing.Load() {
		return
	}
	t := k.enter(nil)
	defer k.leave(t)
	k.hostExit(t, e)
}

// hostExit makes the end of a process that the host ran true for the zone.
func (k *Kernel) hostExit(t *thread, e host.Exit) {
	z := k.table.byID(e.Key.ID)
	if z == nil || z.key() != e.Key {
		return
	}
	p := k.procs[e.Pid]
	if p != nil && (!p.hosted || p.zone.Load() != z || p.system) {
		p = nil
	}
	if e.Pid != 0 && p == nil && !e.Last {
		// Its start may not have been told yet.
		k.earlyExits[e.Pid] = e
		return
	}
	switch {
	case p == nil:
	case e.Uadmin != nil:
		// Something inside asked for the zone's end: init goes with it.
		p.hosted = false
		k.kadmin(p, nil, e.Uadmin.Cmd, e.Uadmin.Fcn, &e.Uadmin.BootArgs)
		if !p.exited {
			k.end(p)
		}
	case z.initPid == p.pid && z.Status() == zone.StatusRunning && z.restartInit:
		k.restartInit(t, z, p)
	default:
		if z.ntasks == 2 && !e.Last {
			// Others run there that only the host knows: the zone isn't empty.
			z.orphans = p.task
			p.task.members++
		}
		p.hosted = false
		if z.initPid == p.pid {
			k.exit(p) // the end of an init that isn't started again is the zone's
		}
		if !p.exited {
			k.end(p)
		}
	}
	if !e.Last {
		return
	}
	if task := z.orphans; task != nil {
		z.orphans = nil
		k.releaseTask(task)
	}
	// Nobody was left behind by those either whose start hasn't been told yet.
	for pid, early := range k.earlyExits {
		if early.Key == e.Key {
			early.Last = true
			k.earlyExits[pid] = early
		}
	}
}

// restartInit executes init anew, as the kernel does when one ends by itself. An
// init that can't be executed any more halts the zone.
func (k *Kernel) restartInit(t *thread, z *Zone, p *Proc) {
	init := &host.Init{Path: z.initName, Args: initArgs(z)}
	key := z.key()
	k.spawn(p, func(t *thread) {
		var (
			pid int32
			err error
		)
		k.outside(t, func() { pid, err = k.host.StartInit(key, init) })
		if err != nil {
			k.log("WARNING: init of zone " + z.name + " could not be restarted: " + err.Error())
			p.hosted = false
			k.kadmin(p, nil, adminShutdown, adminHalt, nil)
			return
		}
		k.adoptPid(z, p, pid)
	})
}
