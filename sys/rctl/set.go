package rctl

import (
	"fmt"
	"slices"
	"sync"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/nvlist"
)

// Entry is one control of a [Set] with its values.
type Entry struct {
	Name   string  `json:"name"`
	Values []Value `json:"values"`
}

// Set has the controls of a zone, in the order in which they were added.
type Set []Entry

// Values returns the values of a control, nil if the set doesn't have it.
func (s Set) Values(name string) []Value {
	for _, e := range s {
		if e.Name == name {
			return e.Values
		}
	}
	return nil
}

// Put replaces the values of a control, or adds it at the end.
func (s *Set) Put(name string, values ...Value) {
	for i := range *s {
		if (*s)[i].Name == name {
			(*s)[i].Values = values
			return
		}
	}
	*s = append(*s, Entry{Name: name, Values: values})
}

// Remove removes a control and reports whether it was in the set.
func (s *Set) Remove(name string) bool {
	n := len(*s)
	*s = slices.DeleteFunc(*s, func(e Entry) bool { return e.Name == name })
	return len(*s) != n
}

// Check checks the set against the dictionary of zones' controls: every name is known
// and there once, and [Control.Check] accepts every value. Otherwise it returns an
// [*Error] with EINVAL that names the control and the value.
func (s Set) Check() error { return s.CheckAgainst(controls[:]) }

// CheckAgainst is [Set.Check] with another kernel's dictionary.
func (s Set) CheckAgainst(dictionary []Control) error {
	seen := make(map[string]bool, len(s))
	for _, e := range s {
		i := slices.IndexFunc(dictionary, func(c Control) bool { return c.Name == e.Name })
		switch {
		case i < 0:
			return &Error{Control: e.Name, Reason: "no such control of zones", Err: errno.EINVAL}
		case seen[e.Name]:
			return &Error{Control: e.Name, Reason: "given twice", Err: errno.EINVAL}
		}
		seen[e.Name] = true
		for _, v := range e.Values {
			if err := dictionary[i].Check(v); err != nil {
				return err
			}
		}
	}
	return nil
}

// Check checks whether a zone's control accepts the value: the rules of
// [Value.CheckZone], the maximum, and the actions that the flags allow. Otherwise it
// returns an [*Error] with EINVAL.
func (c Control) Check(v Value) error {
	if err := v.CheckZone(); err != nil {
		err.(*Error).Control = c.Name
		return err
	}
	reason := ""
	switch {
	case v.Limit > c.Max:
		reason = fmt.Sprintf("the largest limit is %d", c.Max)
	case c.Flags&GlobalDenyNever != 0 && v.Action == Deny:
		reason = "the control can't deny: use action none"
	case c.Flags&GlobalDenyAlways != 0 && v.Action == None:
		reason = "the control always denies: use action deny"
	default:
		return nil
	}
	return &Error{Control: c.Name, Value: &v, Reason: reason, Err: errno.EINVAL}
}

// The names in the list of one value.
const (
	nvPrivilege = "privilege"
	nvLimit     = "limit"
	nvAction    = "action"
)

// List returns the set as the nvlist that zone_create takes: for each control an array of
// lists with privilege, limit and action.
func (s Set) List() *nvlist.List {
	var p packer
	p.list = nvlist.New(nvlist.UniqueName)
	p.add(s)
	return p.list
}

// packer has the lists of one set, which the next one reuses.
type packer struct {
	list   *nvlist.List
	values []*nvlist.List // of one control
}

var packers = sync.Pool{New: func() any { return &packer{list: nvlist.New(nvlist.UniqueName)} }}

func (p *packer) add(s Set) {
	for _, e := range s {
		for len(p.values) < len(e.Values) {
			p.values = append(p.values, nvlist.New(nvlist.UniqueName))
		}
		for i, v := range e.Values {
			l := p.values[i]
			l.Reset()
			l.AddUint64(nvPrivilege, uint64(v.Privilege))
			l.AddUint64(nvLimit, v.Limit)
			l.AddUint64(nvAction, uint64(v.flagAction()))
		}
		p.list.AddListArray(e.Name, p.values[:len(e.Values)]...)
	}
}

// Pack returns the set as the packed nvlist that zone_create takes, nil for an empty
// set.
func (s Set) Pack() ([]byte, error) {
	if len(s) == 0 {
		return nil, nil
	}
	p := packers.Get().(*packer)
	defer packers.Put(p)
	p.list.Reset()
	p.add(s)
	return p.list.Pack(nvlist.Native)
}

// Unpack reads a packed set as zone_create does: every pair must be an array of lists,
// every list must have exactly privilege, limit and action, and [Value.CheckZone] must
// accept every value. It doesn't check names and limits, as [Set.Check] does. EINVAL, or
// the [*nvlist.DecodeError] of the list.
func Unpack(b []byte) (Set, error) {
	if len(b) == 0 {
		return nil, nil
	}
	l, err := nvlist.Unpack(b)
	if err != nil {
		return nil, fmt.Errorf("rctl: unpack: %w", err)
	}
	return FromList(l)
}

// FromList is [Unpack] for an unpacked list.
func FromList(l *nvlist.List) (Set, error) {
	var s Set
	for p := range l.Pairs() {
		values, err := p.Lists()
		if err != nil {
			return nil, &Error{Op: "unpack", Control: p.Name(), Reason: "not an array of lists", Err: errno.EINVAL}
		}
		e := Entry{Name: p.Name(), Values: make([]Value, 0, len(values))}
		for _, l := range values {
			v, err := FromValueList(l)
			if err != nil {
				if re, ok := err.(*Error); ok {
					re.Control = e.Name
				}
				return nil, err
			}
			e.Values = append(e.Values, v)
		}
		s = append(s, e)
	}
	return s, nil
}

// FromValueList returns the value of one of the inner lists, which must have exactly
// privilege, limit and action as uint64, in any order. If one is there twice, the last
// counts. Otherwise, and for a value that a zone can't have, it returns an [*Error] with
// EINVAL.
func FromValueList(l *nvlist.List) (Value, error) {
	v := Value{Recipient: -1}
	var seen [3]bool
	for p := range l.Pairs() {
		n, err := p.Uint64()
		i := -1
		if err == nil {
			switch p.Name() {
			case nvPrivilege:
				i, v.Privilege = 0, Privilege(n)
			case nvLimit:
				i, v.Limit = 1, n
			case nvAction:
				i, v.Action, v.Flags = 2, Action(n&actionMask), LocalFlags(n&^actionMask)
			}
		}
		switch {
		case i < 0:
			return Value{}, &Error{Op: "unpack", Reason: fmt.Sprintf("%q of type %s is not part of a value", p.Name(), p.Type()), Err: errno.EINVAL}
		case n>>32 != 0 && i != 1:
			return Value{}, &Error{Op: "unpack", Reason: fmt.Sprintf("%s %#x has more than 32 bits", p.Name(), n), Err: errno.EINVAL}
		case i == 2 && v.Flags != 0:
			return Value{}, &Error{Op: "unpack", Reason: fmt.Sprintf("action %#x is not one of a zone's", n), Err: errno.EINVAL}
		}
		seen[i] = true
	}
	for i, name := range []string{nvPrivilege, nvLimit, nvAction} {
		if !seen[i] {
			return Value{}, &Error{Op: "unpack", Reason: name + " is missing", Err: errno.EINVAL}
		}
	}
	if err := v.CheckZone(); err != nil {
		return Value{}, err
	}
	return v, nil
}
