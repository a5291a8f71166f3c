package kernel

import (
	"strings"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/zone"
)

// newInit makes the process that becomes init, in the zone's scheduling class or
// the default one.
func (k *Kernel) newInit(t *thread, z *Zone) {
	k.pools.lock(t)
	defer k.pools.unlock(t)
	if e := k.faults.NewInit; e != 0 {
		k.faults.NewInit = 0
		z.init.err = e
		z.setStatus(zone.StatusShuttingDown)
		return
	}
	p := k.newProc(ProcSpec{LWPs: 1}, z)
	p.inExec = true
	p.cred = z.kcred.hold()
	p.secflags = z.zsched.secflags
	p.root = z.rootDir()
	if z.class > 0 {
		p.class = z.class
	}
	p.task = newTask(z)
	z.used.addProc(p)
	k.sched.spawn(func(t *thread) { k.startInit(t, z, p) })
	z.init.err = nil
	z.init.booted = k.sched.clock.Seconds()
}

// startInit executes init. The zone runs then, unless that failed, the zone is
// being shut down already, or the whole machine is.
func (k *Kernel) startInit(t *thread, z *Zone, p *Proc) {
	z.init.pid = p.pid
	pid, err := k.execInit(t, z)
	p.inExec = false
	if pid != 0 {
		k.adoptInit(z, p, pid)
	}
	z.init.err = err
	if err != nil || k.global.Status() >= zone.StatusShuttingDown {
		if z.Status() == zone.StatusBooting {
			z.setStatus(zone.StatusShuttingDown)
		}
		p.hosted = false
		p.end()
		return
	}
	if z.Status() == zone.StatusBooting {
		z.setStatus(zone.StatusRunning)
	}
}

// execInit has the host execute init, with its name and the boot arguments, and
// returns the number that it has there: 0 where nothing real runs.
func (k *Kernel) execInit(t *thread, z *Zone) (pid int32, err error) {
	path := z.init.path
	args := []string{path[strings.LastIndexByte(path, '/')+1:]}
	if z.init.args != nil {
		args = append(args, strings.Fields(*z.init.args)...)
	}
	err = k.insist(t, func() (err error) {
		pid, err = k.host.StartInit(z.key(), &host.Init{Path: path, Args: args})
		return err
	})
	if err != nil {
		return 0, err
	}
	return pid, nil
}

// adoptInit gives init the number that the host has for it.
func (k *Kernel) adoptInit(z *Zone, p *Proc, pid int32) {
	k.procs.rename(p, pid)
	z.init.pid = pid
	p.hosted = true
	if early, ok := k.procs.takeEarly(pid); ok {
		k.sched.spawn(func(t *thread) { k.hostExit(t, early) })
	}
}

// afterInit is what the exit of a zone's init leads to.
type afterInit int

const (
	haltZone afterInit = iota
	rebootZone
	restartInit
)

// after returns what follows an exit with a status, while the zone runs (zone_init_exit).
func (i *initProgram) after(status zone.ExitStatus) afterInit {
	switch {
	case !i.restart, i.restart0 && status != (zone.ExitStatus{}):
		return haltZone
	case i.reboot:
		return rebootZone
	}
	return restartInit
}

// restartInit executes init anew, as the kernel does when one exits by itself. An
// init that can't be executed any more halts the zone.
func (k *Kernel) restartInit(z *Zone, p *Proc) {
	k.sched.spawn(func(t *thread) {
		pid, err := k.execInit(t, z)
		if err != nil {
			k.log("WARNING: init of zone " + z.name + " could not be restarted: " + err.Error())
			p.hosted = false
			p.halt()
			return
		}
		k.adoptInit(z, p, pid)
	})
}
