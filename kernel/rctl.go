package kernel

import (
	"cmp"
	"slices"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/errno"
	rc "github.com/gozones/zones/sys/rctl"
)

// rctlSet are the controls of a zone, in the dictionary's order.
type rctlSet []rctl

// rctl is a control in one zone: its values in order, the last of which is the
// system's, and which one is in force.
type rctl struct {
	*control
	zone   *Zone
	values []rc.Value
	cursor int
}

func (s rctlSet) get(name string) *rctl {
	for i := range s {
		if s[i].Name == name {
			return &s[i]
		}
	}
	return nil
}

// initRctls gives a zone every control with its default values.
func (z *Zone) initRctls() {
	z.rctls = make(rctlSet, len(controls))
	values := make([]rc.Value, 0, len(controls)+1)
	for i, c := range controls {
		from := len(values)
		values = append(values, c.values...)
		r := &z.rctls[i]
		r.control, r.zone, r.values = c, z, values[from:len(values):len(values)]
		r.enforce()
	}
}

// order is that of the values of a control: the maximal one last, the others by
// limit, privilege and action. Two that are equal in all four are the same value.
func order(v, o rc.Value) int {
	return cmp.Or(cmp.Compare(v.Flags&rc.Maximal, o.Flags&rc.Maximal), v.Compare(o))
}

// find returns where a value is, or would be.
func (r *rctl) find(v rc.Value) (int, bool) { return slices.BinarySearchFunc(r.values, v, order) }

// inForce is the value in force.
func (r *rctl) inForce() rc.Value { return r.values[r.cursor] }

// enforce makes the value in force known to the kernel and, later, to the host.
func (r *rctl) enforce() {
	if r.set != nil {
		r.set(r.zone, min(r.values[r.cursor].Limit, r.Max))
	}
	if r.zone.hosted {
		r.zone.rctlDirty = append(r.zone.rctlDirty, r)
	}
}

// insert adds a value; EINVAL when it is there already.
func (r *rctl) insert(v rc.Value) errno.Errno {
	i, found := r.find(v)
	if found {
		return errno.EINVAL
	}
	v.Recipient, v.Fired = -1, 0 // a zone's values have none
	r.values = slices.Insert(r.values, i, v)
	if i <= r.cursor {
		r.cursor = i
		r.enforce()
	}
	return 0
}

// removable reports whether a value may be removed or replaced: ESRCH when there is
// none, EPERM for the system's.
func (r *rctl) removable(v rc.Value) errno.Errno {
	i, found := r.find(v)
	if !found {
		return errno.ESRCH
	}
	if r.values[i].Privilege == rc.Systemic {
		return errno.EPERM
	}
	return 0
}

// delete removes a value.
func (r *rctl) delete(v rc.Value) errno.Errno {
	if e := r.removable(v); e != 0 {
		return e
	}
	i, _ := r.find(v)
	r.values = slices.Delete(r.values, i, i+1)
	switch {
	case i < r.cursor:
		r.cursor--
	case i == r.cursor: // the next one is in force now
		r.enforce()
	}
	return 0
}

// replace puts a value in the place of another. Nothing changes when it can't.
func (r *rctl) replace(was, is rc.Value) errno.Errno {
	if e := r.removable(was); e != 0 {
		return e
	}
	if order(was, is) == 0 {
		i, _ := r.find(was)
		r.values[i].Signal = is.Signal
		return 0
	}
	// First the new one, so that there is no moment without a limit.
	if e := r.insert(is); e != 0 {
		return e
	}
	return r.delete(was)
}

// exceeded tests whether incr more would exceed the value in force, as a process of the
// zone would find it (rctl_test). An exceeded value that doesn't deny is not in force
// any more. It returns the actions taken (RCT_*).
func (r *rctl) exceeded(incr uint64) uint32 {
	const deny = 0x1 // RCT_DENY
	if r.Flags&rc.GlobalInfinite != 0 && r.inForce().Flags&rc.Maximal != 0 || !r.test {
		return 0
	}
	for r.usage(r.zone)+incr > r.inForce().Limit {
		if r.inForce().Action&rc.Deny != 0 || r.cursor+1 == len(r.values) {
			return deny
		}
		r.cursor++
		r.enforce()
	}
	return 0
}

// flushRctls has the host enforce the values that have changed. Where it can't, that
// is logged: the value stays as it was set.
func (k *Kernel) flushRctls(t *thread, z *Zone) {
	dirty := z.rctlDirty
	z.rctlDirty = nil
	if len(dirty) == 0 {
		return
	}
	limits := make(map[string]uint64, len(dirty))
	for _, r := range dirty {
		if v := r.inForce(); v.Privilege == rc.Systemic {
			limits[r.Name] = host.NoLimit
		} else {
			limits[r.Name] = min(v.Limit, r.Max)
		}
	}
	_ = t.outside(func() error {
		for name, limit := range limits {
			if err := k.host.SetRctl(z.key(), name, limit); err != nil {
				k.log("WARNING: zone " + z.name + ": " + name + " is not enforced: " + err.Error())
			}
		}
		return nil
	})
}
