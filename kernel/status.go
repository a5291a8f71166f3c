package kernel

import "github.com/gozones/zones/sys/zone"

// publicStates are the names that events use: fewer than there are states.
var publicStates = [...]string{
	"uninitialized", "initialized", "ready", "ready", "running",
	"shutting_down", "shutting_down", "shutting_down", "shutting_down", "uninitialized",
}

// setStatus moves a zone to a state, publishes that and wakes the threads that wait
// for it.
// Preconditions: the kernel lock is held; the new state is not before the old one.
func (z *Zone) setStatus(s zone.Status) {
	old, k := z.Status(), z.k
	if s < old {
		panic("kernel: zone " + z.name + " would go back from " + old.String() + " to " + s.String())
	}
	k.watchers.publish(Event{zone.Event{ID: z.id, Name: z.name, Old: publicStates[old], New: publicStates[s], Status: s}, k.sched.clock.Ticks()})
	z.status.Store(uint32(s))
	k.sched.broadcast(&z.statusCV)
}

// visible reports whether the zone exists for the rest of the kernel: fully made and
// not yet being destroyed.
func (z *Zone) visible() bool {
	s := z.Status()
	return s >= zone.StatusReady && s <= zone.StatusDown
}

// await waits until the zone has at least the state s (zone_status_wait).
func (z *Zone) await(t *thread, s zone.Status) {
	for z.Status() < s {
		t.wait(&z.statusCV)
	}
}

// awaitSig reports false when a signal came first (zone_status_wait_sig).
func (z *Zone) awaitSig(t *thread, s zone.Status) bool {
	for z.Status() < s {
		if !t.waitSig(&z.statusCV) {
			return false
		}
	}
	return true
}

// awaitUntil returns -1 when the deadline came first, otherwise the ticks left; 0
// when there was nothing to wait for (zone_status_timedwait).
func (z *Zone) awaitUntil(t *thread, deadline int64, s zone.Status) int64 {
	var left int64
	for z.Status() < s && left != -1 {
		left = t.waitUntil(&z.statusCV, deadline, false)
	}
	return left
}

// awaitUntilSig returns -1 when the deadline came first, 0 when a signal did,
// otherwise the ticks left (zone_status_timedwait_sig).
func (z *Zone) awaitUntilSig(t *thread, deadline int64, s zone.Status) int64 {
	left := deadline - z.k.sched.clock.Ticks()
	for z.Status() < s {
		if left = t.waitUntil(&z.statusCV, deadline, true); left <= 0 {
			break
		}
	}
	return left
}
