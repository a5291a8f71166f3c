package kernel

import (
	"strings"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/nvlist"
	rc "github.com/gozones/zones/sys/rctl"
)

// rctlList is what zone_create is given for one control.
type rctlList struct {
	control *control
	values  []rc.Value
}

// parseRctls reads the packed list of zone_create: control name to array of
// lists, each with privilege, limit and action. Of an array only the last value is
// checked against the dictionary; for an array without values the value checked before
// it is checked again.
func parseRctls(in buffer, size uint64) ([]rctlList, errno.Errno) {
	if size == 0 {
		return nil, 0
	}
	if size > maxCopy {
		return nil, errno.ENOMEM
	}
	raw := make([]byte, size)
	if !in.in(0, raw) {
		return nil, errno.EFAULT
	}
	// The kernel doesn't convert the bytes of the other native order.
	if size >= 2 && raw[0] == byte(nvlist.Native) && raw[1] != 1 {
		return nil, errno.EINVAL
	}
	list, err := nvlist.Unpack(raw)
	if err != nil {
		return nil, errno.EINVAL
	}
	var (
		lists []rctlList
		last  rc.Value
	)
	for pair := range list.Pairs() {
		c := controlByName(pair.Name())
		if !strings.HasPrefix(pair.Name(), "zone.") || pair.Type() != nvlist.TypeListArray || c == nil {
			return nil, errno.EINVAL
		}
		values, err := pair.Lists()
		if err != nil {
			return nil, errno.EINVAL
		}
		of := rctlList{control: c}
		for _, value := range values {
			v, ok := parseRctlValue(value)
			if !ok {
				return nil, errno.EINVAL
			}
			last = v
			of.values = append(of.values, v)
		}
		if c.invalid(last) {
			return nil, errno.EINVAL
		}
		lists = append(lists, of)
	}
	return lists, 0
}

// parseRctlValue reads one value: all three members must be there, nothing else,
// each a uint64.
func parseRctlValue(list *nvlist.List) (v rc.Value, ok bool) {
	var privilege, limit, action bool
	for pair := range list.Pairs() {
		n, err := pair.Uint64()
		if pair.Type() != nvlist.TypeUint64 || err != nil {
			return v, false
		}
		switch pair.Name() {
		case "privilege":
			if n != uint64(rc.Privileged) {
				return v, false
			}
			v.Privilege, privilege = rc.Privileged, true
		case "limit":
			v.Limit, limit = n, true
		case "action":
			if n != uint64(rc.None) && n != uint64(rc.Deny) {
				return v, false
			}
			v.Action, action = rc.Action(n), true
		default:
			return v, false
		}
	}
	return v, privilege && limit && action
}

// applyRctls assigns the lists: of each control in them all values but the
// system's are replaced. A value given twice counts once.
func (z *Zone) applyRctls(lists []rctlList) {
	for _, l := range lists {
		r := z.rctls.get(l.control.Name)
		for r.values[0].Privilege != rc.Systemic {
			_ = r.delete(r.values[0])
		}
		for _, v := range l.values {
			_ = r.insert(v)
		}
	}
}
