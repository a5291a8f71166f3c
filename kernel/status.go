package kernel

import "github.com/gozones/zones/sys/zone"

// Event tells of a zone that went to another state: what the kernel publishes on
// the channel com.sun:zones:status.
type Event struct {
	ID       zone.ID
	Name     string
	Old, New string // public names of the states, see PublicState
	Status   zone.Status
	Ticks    int64 // when
}

// publicStates are the names that events use: fewer than there are states.
var publicStates = [...]string{
	"uninitialized", "initialized", "ready", "ready", "running",
	"shutting_down", "shutting_down", "shutting_down", "shutting_down", "uninitialized",
}

// PublicState returns the name that events have for a state.
func PublicState(s zone.Status) string { return publicStates[s] }

// setStatus moves a zone on, publishes that and wakes who waits for it.
// Preconditions: the kernel lock is held; the new state is not before the old one.
func (z *Zone) setStatus(s zone.Status) {
	old := z.Status()
	if s < old {
		panic("kernel: zone " + z.name + " would go back from " + old.String() + " to " + s.String())
	}
	z.k.publish(Event{ID: z.id, Name: z.name, Old: publicStates[old], New: publicStates[s], Status: s, Ticks: z.k.clock.Ticks()})
	z.status.Store(uint32(s))
	z.k.broadcast(&z.statusCV)
}

// visible tells that the zone exists for the rest of the kernel: fully made and
// not yet being destroyed.
func (z *Zone) visible() bool {
	s := z.Status()
	return s >= zone.StatusReady && s <= zone.StatusDown
}

func (k *Kernel) statusWait(t *thread, z *Zone, s zone.Status) {
	for z.Status() < s {
		k.wait(t, &z.statusCV)
	}
}

// statusWaitSig reports false when a signal came first.
func (k *Kernel) statusWaitSig(t *thread, z *Zone, s zone.Status) bool {
	for z.Status() < s {
		if !k.waitSig(t, &z.statusCV) {
			return false
		}
	}
	return true
}

// statusTimedWait returns -1 when the deadline came first, otherwise the ticks
// left; 0 when there was nothing to wait for.
func (k *Kernel) statusTimedWait(t *thread, z *Zone, deadline int64, s zone.Status) int64 {
	var left int64
	for z.Status() < s && left != -1 {
		left = k.waitUntil(t, &z.statusCV, deadline, false)
	}
	return left
}

// statusTimedWaitSig returns -1 when the deadline came first, 0 when a signal
// did, otherwise the ticks left.
func (k *Kernel) statusTimedWaitSig(t *thread, z *Zone, deadline int64, s zone.Status) int64 {
	left := deadline - k.clock.Ticks()
	for z.Status() < s {
		if left = k.waitUntil(t, &z.statusCV, deadline, true); left <= 0 {
			break
		}
	}
	return left
}
