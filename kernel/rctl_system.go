package kernel

import (
	"slices"

	"github.com/gozones/zones/sys/errno"
	rc "github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/zone"
)

// Rctls are the resource controls of the zones that p sees. Only a process of the
// global zone that has sys_resource may change them: a zone's privileged values
// bound the zone and aren't for it to change.
func (p *Proc) Rctls() rc.System { return rctls{p} }

type rctls struct{ p *Proc }

var _ rc.System = rctls{}

// RctlControls returns the dictionary.
func (s rctls) RctlControls() ([]rc.Control, error) {
	list := make([]rc.Control, 0, len(controls))
	for _, c := range slices.Backward(controls) {
		list = append(list, c.Control)
	}
	return list, nil
}

// find returns a control of a zone.
// Preconditions: the kernel lock is held.
func (s rctls) find(op string, id int32, name string) (*rctl, error) {
	z := s.p.k.table.visible(zone.ID(id))
	if z == nil || !s.p.canSee(z) {
		return nil, &rc.Error{Op: op, Control: name, Reason: "no such zone", Err: errno.EINVAL}
	}
	r := z.rctls.get(name)
	if r == nil {
		return nil, &rc.Error{Op: op, Control: name, Reason: "no such control", Err: errno.EINVAL}
	}
	return r, nil
}

// RctlValues returns the values, lowest first.
func (s rctls) RctlValues(id int32, name string) ([]rc.Value, error) {
	defer s.p.enter().leave()
	r, err := s.find("getrctl", id, name)
	if err != nil {
		return nil, err
	}
	return slices.Clone(r.values), nil
}

// RctlUsage returns how much is in use.
func (s rctls) RctlUsage(id int32, name string) (uint64, error) {
	defer s.p.enter().leave()
	r, err := s.find("getrctl", id, name)
	if err != nil {
		return 0, err
	}
	return r.usage(r.zone), nil
}

// RctlInsert adds a value.
func (s rctls) RctlInsert(id int32, name string, v rc.Value) error {
	return s.change(id, name, v, func(r *rctl) errno.Errno { return r.insert(v) })
}

// RctlDelete removes one.
func (s rctls) RctlDelete(id int32, name string, v rc.Value) error {
	return s.change(id, name, v, func(r *rctl) errno.Errno { return r.delete(v) })
}

// RctlReplace puts a value in the place of another; nothing changes when it can't.
func (s rctls) RctlReplace(id int32, name string, old, v rc.Value) error {
	return s.change(id, name, v, func(r *rctl) errno.Errno { return r.replace(old, v) })
}

// change checks who asks and what for, changes, and has the host follow.
func (s rctls) change(id int32, name string, v rc.Value, do func(*rctl) errno.Errno) error {
	t := s.p.enter()
	defer t.leave()
	r, err := s.find("setrctl", id, name)
	if err != nil {
		return err
	}
	e := errno.Errno(0)
	switch {
	case !s.p.mayRctl(), v.Privilege == rc.Systemic: // the system's own value stays
		e = errno.EPERM
	case r.invalid(v):
		e = errno.EINVAL
	default:
		e = do(r)
	}
	s.p.k.flushRctls(t, r.zone)
	if e != 0 {
		return &rc.Error{Op: "setrctl", Control: name, Value: &v, Err: e}
	}
	return nil
}
