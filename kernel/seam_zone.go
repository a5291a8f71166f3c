package kernel

import (
	"github.com/gozones/zones/internal/kernelseam"
	"github.com/gozones/zones/sys/errno"
	rc "github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/zone"
)

// Hold adds a reference to a zone for a short time (zone_hold).
func (s seam) Hold(z *Zone) { defer s.k.enter().leave(); z.hold() }

// Release drops what Hold added (zone_rele).
func (s seam) Release(z *Zone) { defer s.k.enter().leave(); z.release() }

// CredHold adds a reference as a credential does (zone_cred_hold).
func (s seam) CredHold(z *Zone) { defer s.k.enter().leave(); z.credHold() }

// CredRelease drops what CredHold added (zone_cred_rele).
func (s seam) CredRelease(z *Zone) { defer s.k.enter().leave(); z.credRelease() }

// HoldRef adds a reference on behalf of a subsystem, an index into
// kernelseam.Subsys (zone_hold_ref). It panics when ref is in use.
func (s seam) HoldRef(z *Zone, ref *kernelseam.Ref, subsys int) {
	defer s.k.enter().leave()
	if ref.Zone != nil {
		panic("kernel: a zone reference in use was used again for zone " + z.name)
	}
	z.hold()
	z.refs.subsys[subsys]++
	ref.Zone, ref.Subsys = z, subsys
}

// ReleaseRef drops what HoldRef added (zone_rele_ref). It panics when ref holds
// nothing.
func (s seam) ReleaseRef(ref *kernelseam.Ref) {
	defer s.k.enter().leave()
	z, ok := ref.Zone.(*Zone)
	if !ok {
		panic("kernel: a zone reference was released twice")
	}
	ref.Zone = nil
	z.refs.subsys[ref.Subsys]--
	z.release()
}

// KeyCreate registers callbacks and returns the key of their data (zone_key_create).
func (s seam) KeyCreate(callbacks kernelseam.ZSD) kernelseam.Key {
	t := s.k.enter()
	defer t.leave()
	return s.k.zsdCreateKey(t, callbacks)
}

// KeyDelete unregisters a key; false when there is no such key (zone_key_delete).
func (s seam) KeyDelete(key kernelseam.Key) bool {
	t := s.k.enter()
	defer t.leave()
	return s.k.zsdDeleteKey(t, key)
}

// GetSpecific returns a zone's data of a key, nil when there is none
// (zone_getspecific).
func (s seam) GetSpecific(key kernelseam.Key, z *Zone) any {
	defer s.k.enter().leave()
	if e := z.zsd.touch(key); e != nil {
		return e.data
	}
	return nil
}

// SetSpecific replaces it; false when the key isn't registered (zone_setspecific).
func (s seam) SetSpecific(key kernelseam.Key, z *Zone, data any) bool {
	defer s.k.enter().leave()
	e := z.zsd.touch(key)
	if e == nil {
		return false
	}
	e.data = data
	return true
}

// StartKThread starts a kernel thread in p's zone, which it returns
// (zthread_create).
func (s seam) StartKThread(p *Proc) *Zone {
	defer s.k.enter().leave()
	z := p.zone.Load()
	z.hold()
	// The reaper releases the credential of a thread some time after its exit, in the
	// recordings never: a zone that had a kernel thread stays on the death row.
	z.kcred.hold()
	z.kthreads++
	return z
}

// EndKThread ends one (zthread_exit). The last one of an empty zone moves that to
// DOWN: none can be made any more.
func (s seam) EndKThread(z *Zone) {
	defer s.k.enter().leave()
	z.kthreads--
	if z.kthreads == 0 && z.Status() == zone.StatusEmpty {
		z.setStatus(zone.StatusDown)
		z.limits.cpuCap = noCap
	}
	z.release()
}

// StatusWait waits until a zone has at least a state.
func (s seam) StatusWait(p *Proc, z *Zone, status zone.Status) {
	t := p.enter()
	defer t.leave()
	z.await(t, status)
}

// StatusWaitSig does so until a signal comes; false then.
func (s seam) StatusWaitSig(p *Proc, z *Zone, status zone.Status) bool {
	t := p.enter()
	defer t.leave()
	return z.awaitSig(t, status)
}

// StatusTimedWait waits for so many ticks at most and returns the ticks left, 0
// when there was nothing to wait for, -1 when the time was up.
func (s seam) StatusTimedWait(p *Proc, z *Zone, ticks int64, status zone.Status) int64 {
	t := p.enter()
	defer t.leave()
	return z.awaitUntil(t, s.k.sched.clock.Ticks()+ticks, status)
}

// StatusTimedWaitSig does so until a signal comes; 0 then.
func (s seam) StatusTimedWaitSig(p *Proc, z *Zone, ticks int64, status zone.Status) int64 {
	t := p.enter()
	defer t.leave()
	return z.awaitUntilSig(t, s.k.sched.clock.Ticks()+ticks, status)
}

// MountInProgress waits until the zone isn't changing its state and keeps it from
// doing so until MountCompleted.
func (s seam) MountInProgress(p *Proc, z *Zone) {
	t := p.enter()
	defer t.leave()
	z.mounting.begin(t)
}

// MountCompleted ends it.
func (s seam) MountCompleted(z *Zone) {
	t := s.k.enter()
	defer t.leave()
	z.mounting.done(t)
}

// SetPool binds a zone to a pool by name; false when there is no such pool.
func (s seam) SetPool(z *Zone, name string) bool {
	defer s.k.enter().leave()
	p := s.k.pools.byName(name)
	if p == nil {
		return false
	}
	z.setPool(p)
	return true
}

// SetPset changes a zone's processor set.
func (s seam) SetPset(z *Zone, pset int32) { defer s.k.enter().leave(); z.setPset(pset) }

// Pset returns the processor set that a zone's processes see (zone_pset_get).
func (s seam) Pset(z *Zone) int32 { defer s.k.enter().leave(); return z.psetID }

// CPUs returns how many processors a zone sees (zone_ncpus_get); nil stands for
// the machine.
func (s seam) CPUs(z *Zone) int {
	defer s.k.enter().leave()
	if z == nil || z.ncpus == 0 {
		return s.k.machine.cpus
	}
	return z.ncpus
}

// HostID returns a zone's 32-bit host id, the machine's when it has none or z is
// nil (zone_get_hostid).
func (s seam) HostID(z *Zone) uint32 {
	defer s.k.enter().leave()
	if z != nil && z.hostid != noHostID {
		return z.hostid
	}
	return s.k.machine.hostID()
}

// WalkLinks calls f for the links of a zone until it returns something else than
// 0, and returns that; ENOENT when there is no such zone (zone_datalink_walk).
func (s seam) WalkLinks(id zone.ID, f func(zone.LinkID) int) int {
	t := s.k.enter()
	z := s.k.table.visible(id)
	if z == nil {
		t.leave()
		return int(errno.ENOENT)
	}
	ids := make([]zone.LinkID, len(z.links))
	for i, l := range z.links {
		ids[i] = l.id
	}
	t.leave()
	for _, id := range ids {
		if ret := f(id); ret != 0 {
			return ret
		}
	}
	return 0
}

// RctlUsage returns how much of a control p's zone uses; ESRCH for a name that is
// no control.
func (s seam) RctlUsage(p *Proc, name string) (used uint64, e errno.Errno) {
	e = s.onRctl(p, name, func(r *rctl) errno.Errno { used = r.usage(r.zone); return 0 })
	return used, e
}

// RctlTest asks whether incr more would be denied to p's zone; it returns the
// actions taken.
func (s seam) RctlTest(p *Proc, name string, incr uint64) (actions uint32, e errno.Errno) {
	e = s.onRctl(p, name, func(r *rctl) errno.Errno { actions = r.exceeded(incr); return 0 })
	return actions, e
}

// RctlInsert adds a value to a control of p's zone (rctl_local_insert): EINVAL
// when it has it.
func (s seam) RctlInsert(p *Proc, name string, v rc.Value) errno.Errno {
	return s.onRctl(p, name, func(r *rctl) errno.Errno { return r.insert(v) })
}

// RctlDelete removes one (rctl_local_delete): ESRCH when it doesn't have it.
func (s seam) RctlDelete(p *Proc, name string, v rc.Value) errno.Errno {
	return s.onRctl(p, name, func(r *rctl) errno.Errno { return r.delete(v) })
}

func (s seam) onRctl(p *Proc, name string, do func(*rctl) errno.Errno) errno.Errno {
	t := p.enter()
	defer t.leave()
	r := p.zone.Load().rctls.get(name)
	if r == nil {
		return errno.ESRCH
	}
	e := do(r)
	s.k.flushRctls(t, r.zone)
	return e
}
