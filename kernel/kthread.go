package kernel

import "github.com/gozones/zones/sys/zone"

// KThread is a kernel thread of a zone.
type KThread struct{ zone *Zone }

// NewKThread starts a kernel thread in p's zone (zthread_create); it lasts until
// [Kernel.EndKThread].
func (p *Proc) NewKThread() *KThread {
	defer p.k.enterAs(nil)()
	z := p.zone.Load()
	z.hold()
	// The thread's credential is let go of by the reaper some time after its end,
	// in the recordings never: a zone that had a kernel thread stays on the death row.
	z.kcred.hold()
	z.kthreads++
	return &KThread{z}
}

// EndKThread ends it (zthread_exit). The last one of an empty zone moves that to
// DOWN: none can be made any more.
func (k *Kernel) EndKThread(kt *KThread) {
	defer k.enterAs(nil)()
	z := kt.zone
	z.kthreads--
	if z.kthreads == 0 && z.Status() == zone.StatusEmpty {
		z.setStatus(zone.StatusDown)
		z.cpuCap = noCap
	}
	z.release()
}

// StatusWait waits until a zone has at least the state s (zone_status_wait).
func (p *Proc) StatusWait(z *Zone, s zone.Status) {
	t := p.k.call(p)
	defer p.k.done(t)
	p.k.statusWait(t, z, s)
}

// StatusWaitSig does so until a signal comes; false then (zone_status_wait_sig).
func (p *Proc) StatusWaitSig(z *Zone, s zone.Status) bool {
	t := p.k.call(p)
	defer p.k.done(t)
	return p.k.statusWaitSig(t, z, s)
}

// StatusTimedWait waits for so many ticks at most. It returns the ticks left, 0
// when there was nothing to wait for, -1 when the time was up
// (zone_status_timedwait).
func (p *Proc) StatusTimedWait(z *Zone, ticks int64, s zone.Status) int64 {
	t := p.k.call(p)
	defer p.k.done(t)
	return p.k.statusTimedWait(t, z, p.k.clock.Ticks()+ticks, s)
}

// StatusTimedWaitSig does so until a signal comes; 0 then
// (zone_status_timedwait_sig).
func (p *Proc) StatusTimedWaitSig(z *Zone, ticks int64, s zone.Status) int64 {
	t := p.k.call(p)
	defer p.k.done(t)
	return p.k.statusTimedWaitSig(t, z, p.k.clock.Ticks()+ticks, s)
}
