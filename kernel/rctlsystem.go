package kernel

import (
	"slices"

	"github.com/gozones/zones/sys/errno"
	rc "github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/zone"
)

// Rctls are the resource controls of the zones that p sees. Only a process of the
// global zone that has sys_resource may change them: a zone's privileged values
// bound the zone and aren't for it to move.
func (p *Proc) Rctls() rc.System { return rctls{p} }

type rctls struct{ p *Proc }

var _ rc.System = rctls{}

const privSysResource = 66 // PRIV_SYS_RESOURCE

// RctlControls returns the dictionary.
func (s rctls) RctlControls() ([]rc.Control, error) {
	list := make([]rc.Control, 0, len(controls))
	for _, c := range slices.Backward(controls) {
		list = append(list, rc.Control{Name: c.name, Flags: rc.GlobalFlags(c.flags), Max: c.max})
	}
	return list, nil
}

// find returns a control of a zone. The kernel lock is held.
func (s rctls) find(op string, id int32, name string) (*Zone, *rctl, error) {
	z := s.p.k.find(zone.ID(id))
	if mine := s.p.zone.Load(); z != nil && mine != s.p.k.global && mine != z {
		z = nil // as if there were none
	}
	if z == nil {
		return nil, nil, &rc.Error{Op: op, Control: name, Reason: "no such zone", Err: errno.EINVAL}
	}
	r := z.rctl(name)
	if r == nil {
		return nil, nil, &rc.Error{Op: op, Control: name, Reason: "no such control", Err: errno.EINVAL}
	}
	return z, r, nil
}

// RctlValues returns the values, lowest first.
func (s rctls) RctlValues(id int32, name string) ([]rc.Value, error) {
	defer s.p.k.enterAs(nil)()
	_, r, err := s.find("getrctl", id, name)
	if err != nil {
		return nil, err
	}
	values := make([]rc.Value, len(r.values))
	for i, v := range r.values {
		values[i] = rc.Value{Privilege: rc.Privilege(v.privilege), Limit: v.limit, Recipient: -1,
			Action: rc.Action(v.action & (rctlDeny | rctlSignal)), Flags: rc.LocalFlags(v.action & (rctlMaximal | rctlProjDB)), Signal: v.signal}
	}
	return values, nil
}

// RctlUsage returns how much is in use.
func (s rctls) RctlUsage(id int32, name string) (uint64, error) {
	defer s.p.k.enterAs(nil)()
	z, r, err := s.find("getrctl", id, name)
	if err != nil {
		return 0, err
	}
	if r.usage == nil {
		return 0, &rc.Error{Op: "getrctl", Control: name, Err: errno.ENOTSUP}
	}
	return r.usage(z), nil
}

// RctlInsert adds a value.
func (s rctls) RctlInsert(id int32, name string, v rc.Value) error {
	return s.change(id, name, v, func(z *Zone, r *rctl) errno.Errno { return s.p.k.rctlInsert(z, r, valueOf(v)) })
}

// RctlDelete removes one.
func (s rctls) RctlDelete(id int32, name string, v rc.Value) error {
	return s.change(id, name, v, func(z *Zone, r *rctl) errno.Errno { return s.p.k.rctlDelete(z, r, valueOf(v)) })
}

// RctlReplace puts a value in the place of another; nothing changes when it can't.
func (s rctls) RctlReplace(id int32, name string, old, v rc.Value) error {
	return s.change(id, name, v, func(z *Zone, r *rctl) errno.Errno {
		was, is := valueOf(old), valueOf(v)
		if _, there := slices.BinarySearchFunc(r.values, was, rctlValue.compare); !there {
			return errno.ESRCH
		}
		if was.privilege == rctlSystem {
			return errno.EPERM
		}
		return s.p.k.rctlReplace(z, r, was, is)
	})
}

func valueOf(v rc.Value) rctlValue {
	return rctlValue{uint32(v.Privilege), v.Limit, uint32(v.Action) | uint32(v.Flags), v.Signal}
}

// change checks who asks and what for, changes, and has the host follow.
func (s rctls) change(id int32, name string, v rc.Value, do func(*Zone, *rctl) errno.Errno) error {
	k := s.p.k
	t := k.enter(nil)
	defer k.leave(t)
	z, r, err := s.find("setrctl", id, name)
	if err != nil {
		return err
	}
	e := errno.Errno(0)
	switch {
	case s.p.zone.Load() != k.global || !hasPriv(s.p.cred.effective, privSysResource):
		e = errno.EPERM
	case v.Privilege == rc.Systemic:
		e = errno.EPERM // the system's own value stays
	case r.invalid(valueOf(v)):
		e = errno.EINVAL
	default:
		e = do(z, r)
	}
	k.flushRctls(t, z)
	if e != 0 {
		return &rc.Error{Op: "setrctl", Control: name, Value: &v, Err: e}
	}
	return nil
}
