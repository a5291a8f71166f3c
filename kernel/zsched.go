package kernel

import (
	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// A zone's zsched is the first process in it. It sets the zone up, waits to be
// told to start init, and then until the zone is to go: its end is the zone's.

// startZsched makes the process and lets it begin. rctls are what zone_create was
// given.
// Preconditions: the kernel lock is held; z is in the table.
func (k *Kernel) startZsched(t *thread, z *Zone, rctls []rctlList) errno.Errno {
	if e := k.faults.NewZsched; e != 0 {
		k.faults.NewZsched = 0
		return e
	}
	var (
		pid int32
		err error
	)
	spec := z.spec()
	k.outside(t, func() { pid, err = k.host.CreateZone(spec) })
	if err != nil {
		return errnoOf(err)
	}
	z.hosted = pid != 0
	if pid == 0 {
		pid = k.allocPid()
	}
	p := &Proc{k: k, pid: pid, spec: ProcSpec{Pid: pid, LWPs: 1}, system: true, hosted: z.hosted, secflags: defaultSecFlags}
	p.zone.Store(z)
	k.procs[pid] = p
	z.list(p)
	k.spawn(p, func(t *thread) { k.zsched(t, z, p, rctls) })
	return 0
}

// zsched is the life of that process.
func (k *Kernel) zsched(t *thread, z *Zone, p *Proc, rctls []rctlList) {
	z.hold() // zone_destroy drops it
	z.zsched = p
	p.task = k.newTask(z)
	z.addProc(p)
	p.cred = z.kcred.hold()
	p.root = trimRoot(z)
	k.rctlInit(z)
	k.applyRctls(z, rctls)
	k.flushRctls(t, z)

	k.poolLock(t)
	z.uniqid.Store(k.uniqid)
	k.uniqid++
	z.zsdConfigure()
	if k.poolsEnabled {
		z.setPset(k.pools[0].Pset)
	}
	z.setStatus(zone.StatusInitialized)
	k.poolUnlock()
	k.zsdApplyKeys(t, z, zsdCreate)
	z.setStatus(zone.StatusReady)

	k.statusWait(t, z, zone.StatusBooting)
	if z.Status() == zone.StatusBooting {
		k.newInit(t, z)
	}
	k.statusWait(t, z, zone.StatusDying)
	cred := z.kcred
	z.kcred = nil
	cred.release()
	if z.hosted {
		key := z.key()
		k.outside(t, func() {
			if err := k.host.DestroyZone(key); err != nil {
				k.log("WARNING: zone " + z.name + " could not be taken down completely: " + err.Error())
			}
		})
	}
	k.end(p)
}

// newInit makes the process that becomes init, in the zone's scheduling class or
// the default one.
func (k *Kernel) newInit(t *thread, z *Zone) {
	k.poolLock(t)
	defer k.poolUnlock()
	if e := k.faults.NewInit; e != 0 {
		k.faults.NewInit = 0
		z.bootErr = int32(e)
		z.setStatus(zone.StatusShuttingDown)
		return
	}
	p := k.newProc(ProcSpec{LWPs: 1}, z)
	p.inExec = true
	p.cred = z.kcred.hold()
	p.secflags = z.zsched.secflags
	p.root = trimRoot(z)
	p.ctZone = z.UniqID()
	if z.class > 0 {
		p.class = z.class
	}
	p.task = k.newTask(z)
	z.addProc(p)
	k.spawn(p, func(t *thread) { k.startInit(t, z, p) })
	z.bootErr = 0
	z.bootTime = k.clock.Seconds()
}

// startInit executes init. The zone runs then, unless that failed, the zone is
// being shut down already, or the whole machine is.
func (k *Kernel) startInit(t *thread, z *Zone, p *Proc) {
	z.initPid = p.pid
	init := &host.Init{Path: z.initName, Args: initArgs(z)}
	key := z.key()
	var pid int32
	err := k.insist(t, func() (err error) {
		pid, err = k.host.StartInit(key, init)
		return err
	})
	p.inExec = false
	if pid != 0 && err == nil {
		k.adoptPid(z, p, pid)
	}
	z.bootErr = int32(errnoOf(err))
	if z.bootErr != 0 || k.global.Status() >= zone.StatusShuttingDown {
		if z.Status() == zone.StatusBooting {
			z.setStatus(zone.StatusShuttingDown)
		}
		p.hosted = false
		k.end(p)
		return
	}
	if z.Status() == zone.StatusBooting {
		z.setStatus(zone.StatusRunning)
	}
}

// adoptPid gives a process the number that the host has for it.
func (k *Kernel) adoptPid(z *Zone, p *Proc, pid int32) {
	delete(k.procs, p.pid)
	p.pid, p.spec.Pid = pid, pid
	k.procs[pid] = p
	z.initPid = pid
	p.hosted = true
	if early, ok := k.earlyExits[pid]; ok {
		delete(k.earlyExits, pid)
		k.spawn(nil, func(t *thread) { k.hostExit(t, early) })
	}
}

func trimRoot(z *Zone) string { return z.root[:len(z.root)-1] }

// className returns a scheduling class by its number.
func (k *Kernel) className(class int) string {
	if class < 0 || class >= len(k.classes) {
		return ""
	}
	return k.classes[class].Name
}

func (k *Kernel) classByName(name string) int {
	for i, c := range k.classes {
		if c.Name == name {
			return i
		}
	}
	return -1
}
