package kernel

import (
	"cmp"
	"slices"

	"github.com/gozones/zones/sys/errno"
)

// Privilege levels and actions of resource control values (<sys/rctl.h>).
const (
	rctlBasic      = 0x01000000 // RCPRIV_BASIC
	rctlPrivileged = 0x04000000 // RCPRIV_PRIVILEGED
	rctlSystem     = 0x07000000 // RCPRIV_SYSTEM

	rctlNoAction = 0          // RCTL_LOCAL_NOACTION
	rctlSignal   = 0x1        // RCTL_LOCAL_SIGNAL
	rctlDeny     = 0x2        // RCTL_LOCAL_DENY
	rctlMaximal  = 0x80000000 // RCTL_LOCAL_MAXIMAL
	rctlProjDB   = 0x40000000 // RCTL_LOCAL_PROJDB
	rctlMask     = rctlMaximal | rctlProjDB | rctlDeny | rctlSignal

	globalNoBasic    = 0x80000000 // RCTL_GLOBAL_NOBASIC
	globalDenyAlways = 0x20000000 // RCTL_GLOBAL_DENY_ALWAYS
	globalDenyNever  = 0x10000000 // RCTL_GLOBAL_DENY_NEVER
	globalFileSize   = 0x08000000 // RCTL_GLOBAL_FILE_SIZE
	globalCPUTime    = 0x04000000 // RCTL_GLOBAL_CPU_TIME
	globalNoSignal   = 0x02000000 // RCTL_GLOBAL_SIGNAL_NEVER
	globalInfinite   = 0x01000000 // RCTL_GLOBAL_INFINITE
)

// control is an entry of the resource control dictionary.
type control struct {
	name  string
	flags uint32 // RCTL_GLOBAL_*
	max   uint64
	// first is a value that every zone begins with before the system's maximum.
	first *rctlValue
	set   func(z *Zone, limit uint64) // makes the value in force known
	usage func(z *Zone) uint64
	test  func(z *Zone, incr uint64, limit uint64) bool // true: too much
}

// rctlValue is a value of a control in one zone.
type rctlValue struct {
	privilege uint32
	limit     uint64
	action    uint32 // local action and flags
	signal    int32  // with rctlSignal: illumos's number
}

// rctl is a control in one zone: its values in order and the one in force.
type rctl struct {
	*control
	values []rctlValue
	cursor rctlValue
}

// controls is the dictionary, the one registered last first.
var controls = []*control{
	{name: "zone.max-lofi", flags: 0xa0100000, max: maxUint64,
		set:   func(z *Zone, n uint64) { z.maxLofiCtl = n },
		usage: func(z *Zone) uint64 { return z.maxLofi }, test: over(func(z *Zone) uint64 { return z.maxLofi })},
	{name: "zone.max-swap", flags: 0xa0400000, max: maxUint64,
		set:   func(z *Zone, n uint64) { z.maxSwapCtl = n },
		usage: func(z *Zone) uint64 { return z.maxSwap }, test: over(func(z *Zone) uint64 { return z.maxSwap })},
	{name: "zone.max-locked-memory", flags: 0xa0400000, max: maxUint64,
		set:   func(z *Zone, n uint64) { z.lockedMemCtl = n },
		usage: func(z *Zone) uint64 { return z.lockedMem }, test: over(func(z *Zone) uint64 { return z.lockedMem })},
	{name: "zone.max-shm-memory", flags: 0xa0400000, max: maxUint64,
		usage: func(z *Zone) uint64 { return z.shmMemory }, test: over(func(z *Zone) uint64 { return z.shmMemory })},
	{name: "zone.max-shm-ids", flags: 0xa0100000, max: ipcIDsMax,
		usage: func(z *Zone) uint64 { return z.shmIDs }, test: over(func(z *Zone) uint64 { return z.shmIDs })},
	{name: "zone.max-sem-ids", flags: 0xa0100000, max: ipcIDsMax,
		usage: func(z *Zone) uint64 { return z.semIDs }, test: over(func(z *Zone) uint64 { return z.semIDs })},
	{name: "zone.max-msg-ids", flags: 0xa0100000, max: ipcIDsMax,
		usage: func(z *Zone) uint64 { return z.msgIDs }, test: over(func(z *Zone) uint64 { return z.msgIDs })},
	{name: "zone.max-processes", flags: 0x80100000, max: maxInt32,
		set:   func(z *Zone, n uint64) { z.nprocsCtl = n },
		usage: func(z *Zone) uint64 { return uint64(z.nprocs) }, test: over(func(z *Zone) uint64 { return uint64(z.nprocs) })},
	{name: "zone.max-lwps", flags: 0x80100000, max: maxInt32,
		set:   func(z *Zone, n uint64) { z.nlwpsCtl = n },
		usage: func(z *Zone) uint64 { return uint64(z.nlwps) }, test: over(func(z *Zone) uint64 { return uint64(z.nlwps) })},
	{name: "zone.cpu-cap", flags: 0xa3180000, max: noCap,
		set:   func(z *Zone, n uint64) { z.cpuCap = n },
		usage: func(z *Zone) uint64 { return z.cpuCap }},
	{name: "zone.cpu-shares", flags: 0x92180000, max: 65535,
		first: &rctlValue{privilege: rctlPrivileged, limit: 1, action: rctlNoAction},
		set:   func(z *Zone, n uint64) { z.shares = uint32(n) },
		usage: func(z *Zone) uint64 { return uint64(z.shares) }},
}

const ipcIDsMax = 1 << 24 // IPC_IDS_MAX

func over(usage func(*Zone) uint64) func(*Zone, uint64, uint64) bool {
	return func(z *Zone, incr, limit uint64) bool { return usage(z)+incr > limit }
}

func controlByName(name string) *control {
	for _, c := range controls {
		if c.name == name {
			return c
		}
	}
	return nil
}

// compare orders values: the maximal one last, the others by limit, privilege and
// action. Two that are equal in all four are the same value.
func (v rctlValue) compare(o rctlValue) int {
	return cmp.Or(cmp.Compare(v.action&rctlMaximal, o.action&rctlMaximal), cmp.Compare(v.limit, o.limit),
		cmp.Compare(v.privilege, o.privilege), cmp.Compare(v.action, o.action))
}

// system returns the value that can't be removed.
func (c *control) system() rctlValue {
	v := rctlValue{privilege: rctlSystem, limit: c.max, action: rctlMaximal}
	if c.flags&globalDenyNever == 0 {
		v.action |= rctlDeny
	}
	return v
}

// invalid reports that a value can't be set for the control (rctl_invalid_value).
func (c *control) invalid(v rctlValue) bool {
	switch {
	case v.privilege != rctlBasic && v.privilege != rctlPrivileged && v.privilege != rctlSystem,
		v.action&^rctlMask != 0,
		v.privilege == rctlBasic && c.flags&globalNoBasic != 0,
		v.action&rctlDeny == 0 && c.flags&globalDenyAlways != 0,
		v.action&rctlDeny != 0 && c.flags&globalDenyNever != 0,
		v.action&rctlSignal != 0 && (c.flags&globalNoSignal != 0 || v.signal == 0),
		v.limit > c.max:
		return true
	}
	return !c.takesSignal(v.signal)
}

// Signals that a control may send, by illumos's numbers (<sys/iso/signal_iso.h>).
const (
	sigHUP  = 1
	sigABRT = 6
	sigKILL = 9
	sigTERM = 15
	sigSTOP = 23
	sigXCPU = 30
	sigXFSZ = 31
	sigXRES = 38
)

func (c *control) takesSignal(signal int32) bool {
	switch signal {
	case 0, sigHUP, sigABRT, sigKILL, sigTERM, sigSTOP, sigXRES:
		return true
	case sigXCPU:
		return c.flags&globalCPUTime != 0
	case sigXFSZ:
		return c.flags&globalFileSize != 0
	}
	return false
}

// rctlInit gives a zone every control with its default values.
func (k *Kernel) rctlInit(z *Zone) {
	z.rctls = make([]*rctl, len(controls))
	all := make([]rctl, len(controls))
	values := make([]rctlValue, 0, len(controls)+1)
	for i, c := range controls {
		r := &all[i]
		from := len(values)
		if c.first != nil {
			values = append(values, *c.first)
		}
		values = append(values, c.system())
		r.control, r.values = c, values[from:len(values):len(values)]
		r.cursor = r.values[0]
		z.rctls[i] = r
		k.rctlSet(z, r)
	}
}

// rctlSet makes the value in force of a control true.
func (k *Kernel) rctlSet(z *Zone, r *rctl) {
	if r.set != nil {
		r.set(z, min(r.cursor.limit, r.max))
	}
	if z.hosted {
		z.rctlDirty = append(z.rctlDirty, r)
	}
}

func (z *Zone) rctl(name string) *rctl {
	for _, r := range z.rctls {
		if r.name == name {
			return r
		}
	}
	return nil
}

// rctlInsert adds a value; EINVAL when it is there already.
func (k *Kernel) rctlInsert(z *Zone, r *rctl, v rctlValue) errno.Errno {
	i, found := slices.BinarySearchFunc(r.values, v, rctlValue.compare)
	if found {
		return errno.EINVAL
	}
	r.values = slices.Insert(r.values, i, v)
	if v.compare(r.cursor) < 0 {
		r.cursor = v
		k.rctlSet(z, r)
	}
	return 0
}

// rctlDelete removes a value; ESRCH when there is none.
func (k *Kernel) rctlDelete(z *Zone, r *rctl, v rctlValue) errno.Errno {
	i, found := slices.BinarySearchFunc(r.values, v, rctlValue.compare)
	if !found {
		return errno.ESRCH
	}
	if r.values[i].compare(r.cursor) == 0 && i+1 < len(r.values) {
		r.cursor = r.values[i+1]
		k.rctlSet(z, r)
	}
	r.values = slices.Delete(r.values, i, i+1)
	return 0
}

// rctlTest asks whether incr more would be too much, as a process of the zone
// would find it. Values without denial are passed over for good. It returns the
// actions taken (RCT_*).
func (k *Kernel) rctlTest(z *Zone, r *rctl, incr uint64) uint32 {
	const deny = 0x1 // RCT_DENY
	if r.flags&globalInfinite != 0 && r.cursor.action&rctlMaximal != 0 || r.test == nil {
		return 0
	}
	var actions uint32
	for r.test(z, incr, r.cursor.limit) {
		if r.cursor.action&rctlDeny != 0 {
			actions |= deny
		}
		i, _ := slices.BinarySearchFunc(r.values, r.cursor, rctlValue.compare)
		if actions&deny != 0 || i+1 == len(r.values) {
			return actions | deny
		}
		r.cursor = r.values[i+1]
		k.rctlSet(z, r)
	}
	return actions
}
