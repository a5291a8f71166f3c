package kernel

import (
	"github.com/gozones/zones/internal/kernelseam"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/uadmin"
	"github.com/gozones/zones/sys/zone"
)

// seam is the kernel as the tests of this module see it, through
// internal/kernelseam: the functions of zone.c that only other parts of the illumos
// kernel call, and faults.
type seam struct{ k *Kernel }

func init() { kernelseam.Of = func(k any) any { return seam{k.(*Kernel)} } }

// SetFaults changes what fails from now on.
func (s seam) SetFaults(change func(*kernelseam.Faults)) {
	defer s.k.enter().leave()
	change(&s.k.faults)
}

// Retry makes the kernel repeat the calls that returned kernelseam.ErrNotYet.
func (s seam) Retry() {
	defer s.k.enter().leave()
	s.k.sched.broadcast(&s.k.retry)
}

// Abandon ends every thread and call that sleeps in the kernel, now or later. The
// kernel may not be used afterwards.
func (s seam) Abandon() { s.k.sched.abandon(true) }

// SetPools turns resource pools on or off.
func (s seam) SetPools(enabled bool) {
	defer s.k.enter().leave()
	s.k.pools.enabled = enabled
}

// HoldPools takes the pool lock on behalf of another part of the kernel; the
// returned function gives it back.
func (s seam) HoldPools() (release func()) {
	t := s.k.enter()
	defer t.leave()
	s.k.pools.lock(t)
	return func() {
		t := s.k.enter()
		defer t.leave()
		s.k.pools.unlock(t)
	}
}

// SetMaxZones changes how many zones there may be, the global one included.
func (s seam) SetMaxZones(n int) {
	defer s.k.enter().leave()
	s.k.table.max = n
}

// SetWaitForCred makes zone_destroy wait for references from credentials too.
func (s seam) SetWaitForCred(on bool) {
	defer s.k.enter().leave()
	s.k.dead.waitForCred = on
}

// SetSerial changes the machine's hardware serial number.
func (s seam) SetSerial(serial string) {
	defer s.k.enter().leave()
	s.k.machine.serial = serial
}

// SetNetstackInUse says whether the network stack of an id is still in use, so that no
// new zone gets the id; of every id with zone.AllZones.
func (s seam) SetNetstackInUse(id zone.ID, inUse bool) {
	defer s.k.enter().leave()
	s.k.netstacks.set(id, inUse)
}

// AddMount enters a file system into the mount table (vfs_list_add).
func (s seam) AddMount(z *Zone, point, resource, fstype string) {
	defer s.k.enter().leave()
	s.k.mounts.add(mount{point, resource, fstype, z})
}

// RemoveMount removes what was mounted last at point (vfs_list_remove).
func (s seam) RemoveMount(point string) {
	defer s.k.enter().leave()
	s.k.mounts.remove(point)
}

// SetUsage sets the processor time that a zone has used, in nanoseconds.
func (s seam) SetUsage(z *Zone, user, system, wait uint64) {
	defer s.k.enter().leave()
	z.stats.time = [3]uint64{user, system, wait}
}

// SetCounter sets what a zone has used of something that other parts of the
// kernel count: a control by its name, a counter of memory_cap or zone_misc by
// the name that its kstat has.
func (s seam) SetCounter(z *Zone, name string, value uint64) {
	defer s.k.enter().leave()
	for control, used := range map[string]*uint64{
		"zone.max-shm-memory":    &z.used.shmMemory,
		"zone.max-shm-ids":       &z.used.shmIDs,
		"zone.max-sem-ids":       &z.used.semIDs,
		"zone.max-msg-ids":       &z.used.msgIDs,
		"zone.max-lofi":          &z.used.lofi,
		"zone.max-locked-memory": &z.used.lockedMem,
		"zone.max-swap":          &z.used.swap,
	} {
		if control == name {
			*used = value
			return
		}
	}
	if z.stats.counters == nil {
		z.stats.counters = map[string]uint64{}
	}
	z.stats.counters[name] = value
}

// Fork makes a child of p with one lwp of the default class, in p's task or in a
// new one of its zone.
func (s seam) Fork(p *Proc, pid int32, inNewTask bool) *Proc {
	defer p.enter().leave()
	z := p.zone.Load()
	child := s.k.newProc(ProcSpec{Pid: pid, UID: p.spec.UID, Model32: p.spec.Model32}, z)
	child.cred = p.cred.hold()
	child.ctZone, child.secflags, child.root = p.ctZone, p.secflags, p.root
	if inNewTask {
		child.task = newTask(z)
	} else {
		child.task = p.task
		child.task.members++
	}
	z.used.addProc(child)
	return child
}

// SetUnkillable says whether killing its zone leaves p alone.
func (s seam) SetUnkillable(p *Proc, on bool) {
	defer s.k.enter().leave()
	p.spec.Unkillable = on
}

// SetModel32 says whether p is a 32-bit process.
func (s seam) SetModel32(p *Proc, on bool) {
	defer s.k.enter().leave()
	p.spec.Model32 = on
}

// Kadmin is uadmin(2) made inside a zone (zone_kadmin): when it halts or reboots the
// zone, the caller has ended and noreturn is true.
func (s seam) Kadmin(p *Proc, cmd uadmin.Cmd, fcn uadmin.Fcn, bootArgs *string) (e errno.Errno, noreturn bool) {
	defer p.enter().leave()
	return p.uadmin(p.cred, cmd, fcn, bootArgs)
}

// ShutdownGlobal is the machine going down: no zone boots any more and running
// ones begin to shut down (zone_shutdown_global).
func (s seam) ShutdownGlobal() {
	defer s.k.enter().leave()
	s.k.global.setStatus(zone.StatusShuttingDown)
	for z := range s.k.table.all {
		if z.Status() == zone.StatusRunning {
			z.setStatus(zone.StatusShuttingDown)
		}
	}
}

// DatasetVisible reports whether p sees a ZFS dataset, and may write to it.
func (s seam) DatasetVisible(p *Proc, dataset string) (visible, writable bool) {
	defer p.enter().leave()
	return p.datasetVisible(dataset)
}
