package kernel

import (
	"math"

	rc "github.com/gozones/zones/sys/rctl"
)

// control is an entry of the resource control dictionary: what the kernel does for a
// control that sys/rctl describes.
type control struct {
	rc.Control
	values []rc.Value // those that every zone starts with
	usage  func(z *Zone) uint64
	set    func(z *Zone, limit uint64) // stores the value in force
	test   bool                        // usage can exceed the value in force
}

// usage is what the controls of a zone count.
type usage struct {
	procs, lwps            uint32
	lockedMem, swap, lofi  uint64
	shmMemory              uint64
	shmIDs, semIDs, msgIDs uint64
}

// limits are the values in force that other parts of the kernel read.
type limits struct {
	procs, lwps           uint64
	lockedMem, swap, lofi uint64
	cpuCap                uint64
	shares                uint32
}

const noCap = math.MaxUint32 // cpu_cap of a zone without one

// noLimits are those of a zone that has no controls yet.
var noLimits = limits{math.MaxInt32, math.MaxInt32, math.MaxUint64, math.MaxUint64, math.MaxUint64, noCap, 1}

// addProc counts a process in; removeProc out.
func (u *usage) addProc(p *Proc) {
	u.lwps += p.spec.LWPs
	u.procs++
	u.lockedMem += p.spec.Locked
	u.swap += p.spec.Swap
}

func (u *usage) removeProc(p *Proc) {
	u.lwps -= p.spec.LWPs
	u.procs--
	u.lockedMem -= p.spec.Locked
	u.swap -= p.spec.Swap
}

// controls is the dictionary, the one registered last first.
var controls = []*control{
	counted("zone.max-lofi", func(z *Zone) uint64 { return z.used.lofi }, func(z *Zone, n uint64) { z.limits.lofi = n }),
	counted("zone.max-swap", func(z *Zone) uint64 { return z.used.swap }, func(z *Zone, n uint64) { z.limits.swap = n }),
	counted("zone.max-locked-memory", func(z *Zone) uint64 { return z.used.lockedMem }, func(z *Zone, n uint64) { z.limits.lockedMem = n }),
	counted("zone.max-shm-memory", func(z *Zone) uint64 { return z.used.shmMemory }, nil),
	counted("zone.max-shm-ids", func(z *Zone) uint64 { return z.used.shmIDs }, nil),
	counted("zone.max-sem-ids", func(z *Zone) uint64 { return z.used.semIDs }, nil),
	counted("zone.max-msg-ids", func(z *Zone) uint64 { return z.used.msgIDs }, nil),
	counted("zone.max-processes", func(z *Zone) uint64 { return uint64(z.used.procs) }, func(z *Zone, n uint64) { z.limits.procs = n }),
	counted("zone.max-lwps", func(z *Zone) uint64 { return uint64(z.used.lwps) }, func(z *Zone, n uint64) { z.limits.lwps = n }),
	newControl("zone.cpu-cap", func(z *Zone) uint64 { return z.limits.cpuCap }, func(z *Zone, n uint64) { z.limits.cpuCap = n }),
	newControl("zone.cpu-shares", func(z *Zone) uint64 { return uint64(z.limits.shares) }, func(z *Zone, n uint64) { z.limits.shares = uint32(n) }, rc.Limited(1, rc.None)),
}

// newControl is a control of sys/rctl's dictionary. values come before the system's own.
func newControl(name string, usage func(*Zone) uint64, set func(*Zone, uint64), values ...rc.Value) *control {
	c, ok := rc.Lookup(name)
	if !ok {
		panic("kernel: no control " + name)
	}
	return &control{Control: c, values: append(values, c.System()), usage: usage, set: set}
}

// counted is a control that limits what a zone uses.
func counted(name string, usage func(*Zone) uint64, set func(*Zone, uint64)) *control {
	c := newControl(name, usage, set)
	c.test = true
	return c
}

func controlByName(name string) *control {
	for _, c := range controls {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// invalid reports that a value can't be set for the control (rctl_invalid_value).
func (c *control) invalid(v rc.Value) bool {
	switch {
	case v.Privilege != rc.Basic && v.Privilege != rc.Privileged && v.Privilege != rc.Systemic,
		v.Flags&^(rc.Maximal|rc.ProjectDB) != 0,
		v.Action&^(rc.Deny|rc.Signal) != 0,
		v.Privilege == rc.Basic && c.Flags&rc.GlobalNoBasic != 0,
		v.Action&rc.Deny == 0 && c.Flags&rc.GlobalDenyAlways != 0,
		v.Action&rc.Deny != 0 && c.Flags&rc.GlobalDenyNever != 0,
		v.Action&rc.Signal != 0 && (c.Flags&rc.GlobalSignalNever != 0 || v.Signal == 0),
		v.Limit > c.Max:
		return true
	}
	return !c.takesSignal(v.Signal)
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
		return c.Flags&rc.GlobalCPUTime != 0
	case sigXFSZ:
		return c.Flags&rc.GlobalFileSize != 0
	}
	return false
}

// rctlGlobals are the controls that rctladm(8) has changed, for the whole machine.
type rctlGlobals map[string]rctlGlobal

type rctlGlobal struct {
	flags  rc.GlobalFlags
	syslog int32
}

func (g rctlGlobals) of(c *control) rctlGlobal {
	if changed, ok := g[c.Name]; ok {
		return changed
	}
	return rctlGlobal{flags: c.Flags}
}
