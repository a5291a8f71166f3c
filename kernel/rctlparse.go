package kernel

import (
	"strings"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/nvlist"
)

// rctlList is what zone_create is given for one control.
type rctlList struct {
	control *control
	values  []rctlValue
}

// parseRctls reads the packed list of zone_create: control name to array of
// lists, each with privilege, limit and action. Of an array only the last value is
// held against the dictionary; an array without values is held to the value
// checked before it.
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
	// The kernel doesn't turn the bytes of the other native order round.
	if size >= 2 && raw[0] == byte(nvlist.Native) && raw[1] != 1 {
		return nil, errno.EINVAL
	}
	list, err := nvlist.Unpack(raw)
	if err != nil {
		return nil, errno.EINVAL
	}
	var (
		lists []rctlList
		last  rctlValue
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
func parseRctlValue(list *nvlist.List) (v rctlValue, ok bool) {
	var privilege, limit, action bool
	for pair := range list.Pairs() {
		n, err := pair.Uint64()
		if pair.Type() != nvlist.TypeUint64 || err != nil {
			return v, false
		}
		switch pair.Name() {
		case "privilege":
			if n != rctlPrivileged {
				return v, false
			}
			v.privilege, privilege = uint32(n), true
		case "limit":
			v.limit, limit = n, true
		case "action":
			if n != rctlNoAction && n != rctlDeny {
				return v, false
			}
			v.action, action = uint32(n), true
		default:
			return v, false
		}
	}
	return v, privilege && limit && action
}

// applyRctls assigns the lists: of each control that is named all values but the
// system's are replaced. A value given twice counts once.
func (k *Kernel) applyRctls(z *Zone, lists []rctlList) {
	for _, l := range lists {
		r := z.rctl(l.control.name)
		for r.values[0].privilege != rctlSystem {
			k.rctlDelete(z, r, r.values[0])
		}
		for _, v := range l.values {
			k.rctlInsert(z, r, v)
		}
	}
}

// flushRctls makes changed values true for the processes of a zone that the host
// runs. What it can't is logged: the value stays as it was asked for.
func (k *Kernel) flushRctls(t *thread, z *Zone) {
	dirty := z.rctlDirty
	z.rctlDirty = nil
	if len(dirty) == 0 {
		return
	}
	key := z.key()
	limits := make(map[string]uint64, len(dirty))
	for _, r := range dirty {
		if r.cursor.privilege == rctlSystem {
			limits[r.name] = host.NoLimit
		} else {
			limits[r.name] = min(r.cursor.limit, r.max)
		}
	}
	k.outside(t, func() {
		for name, limit := range limits {
			if err := k.host.SetRctl(key, name, limit); err != nil {
				k.log("WARNING: zone " + z.name + ": " + name + " is not enforced: " + err.Error())
			}
		}
	})
}
