package kernel

import (
	"strings"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/secflags"
	"github.com/gozones/zones/sys/zone"
)

// A zone's zsched is the first process in it. It sets the zone up, starts init when the
// zone boots, and exits when the zone is destroyed: with it the zone is dead.

// startZsched makes the process and starts it. rctls are the arguments of
// zone_create.
// Preconditions: the kernel lock is held; z is in the table.
func (k *Kernel) startZsched(t *thread, z *Zone, rctls []rctlList) error {
	var pid int32
	err := t.outside(func() (err error) {
		pid, err = k.host.CreateZone(&host.Spec{
			Key:      z.key(),
			Name:     z.name,
			Root:     strings.TrimSuffix(z.root, "/"),
			Nodename: z.nodename,
			Privs:    z.privset,
			NetExcl:  z.hasFlag(zone.FlagNetExcl),
		})
		return err
	})
	if err != nil {
		return err
	}
	z.hosted = pid != 0
	if pid == 0 {
		pid = k.procs.free()
	}
	p := &Proc{k: k, pid: pid, spec: ProcSpec{Pid: pid, LWPs: 1}, system: true, hosted: z.hosted, secflags: secflags.Default()}
	k.procs.add(p, z)
	k.sched.spawn(func(t *thread) { k.zsched(t, z, p, rctls) })
	return nil
}

// zsched is the life of that process.
func (k *Kernel) zsched(t *thread, z *Zone, p *Proc, rctls []rctlList) {
	z.hold() // zone_destroy drops it
	z.zsched = p
	p.task = newTask(z)
	z.used.addProc(p)
	p.cred = z.kcred.hold()
	p.root = z.rootDir()
	z.initRctls()
	z.applyRctls(rctls)
	k.flushRctls(t, z)

	k.pools.lock(t)
	k.table.number(z)
	z.zsd.add(k.zsd.keys...)
	if k.pools.enabled {
		z.setPset(k.pools.list[0].Pset)
	}
	z.setStatus(zone.StatusInitialized)
	k.pools.unlock(t)
	k.zsdApplyKeys(t, z, zsdCreate)
	z.setStatus(zone.StatusReady)

	z.await(t, zone.StatusBooting)
	if z.Status() == zone.StatusBooting {
		k.newInit(t, z)
	}
	z.await(t, zone.StatusDying)
	z.dropKcred()
	if z.hosted {
		if err := t.outside(func() error { return k.host.DestroyZone(z.key()) }); err != nil {
			k.log("WARNING: zone " + z.name + " could not be taken down completely: " + err.Error())
		}
	}
	p.end()
}
