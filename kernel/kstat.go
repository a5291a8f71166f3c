package kernel

import (
	"fmt"
	"slices"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/zone"
)

// Kstat is a kernel statistic as it reads at one moment.
type Kstat struct {
	Module   string
	Instance int32
	Name     string
	Class    string
	// Extra is the size of the data behind the named values: the zone's name.
	Extra int
	// Zones are those in which it can be seen.
	Zones []zone.ID
	Data  []KstatValue
}

// KstatValue is a named value: a string, a uint32 or a uint64.
type KstatValue struct {
	Name  string
	Value any
}

// readKstats reads the statistics of a zone.
func (z *Zone) readKstats(in []zone.ID) []Kstat {
	id, extra := int32(z.id), len(z.name)+1
	caps := func(what string, usage, limit uint64) Kstat {
		return Kstat{"caps", id, fmt.Sprintf("%s_zone_%d", what, id), "zone_caps", extra, in,
			[]KstatValue{{"zonename", z.name}, {"usage", usage}, {"value", limit}}}
	}
	return []Kstat{
		caps("lockedmem", z.lockedMem, z.lockedMemCtl),
		caps("swapresv", z.maxSwap, z.maxSwapCtl),
		caps("nprocs", max(uint64(z.nprocs), z.hostProcs), z.nprocsCtl),
		{"memory_cap", id, z.name, "zone_memory_cap", extra, in, z.memoryCap()},
		{"zones", id, z.name, "zone_misc", extra, in, z.misc()},
	}
}

func (z *Zone) count(name string) uint64 { return z.counter[name] }

func (z *Zone) memoryCap() []KstatValue {
	values := []KstatValue{{"zonename", z.name}}
	for _, name := range []string{"pgpgin", "anonpgin", "execpgin", "fspgin", "anon_alloc_fail"} {
		values = append(values, KstatValue{name, z.count(name)})
	}
	return values
}

func (z *Zone) misc() []KstatValue {
	values := []KstatValue{
		{"zonename", z.name},
		{"nsec_user", z.usage[0]},
		{"nsec_sys", z.usage[1]},
		{"nsec_waitrq", z.usage[2]},
		{"avenrun_1min", uint32(z.load.shown[0])},
		{"avenrun_5min", uint32(z.load.shown[1])},
		{"avenrun_15min", uint32(z.load.shown[2])},
	}
	for _, name := range []string{"forkfail_cap", "forkfail_noproc", "forkfail_nomem", "forkfail_misc", "nested_interp"} {
		values = append(values, KstatValue{name, uint32(z.count(name))})
	}
	return append(values, KstatValue{"init_pid", uint32(z.initPid)}, KstatValue{"boot_time", uint64(z.bootTime)})
}

// SetCounter sets what a zone has used of something that other parts of the
// kernel count: a control by its name, a counter of memory_cap or zone_misc by
// the name that its kstat has.
func (k *Kernel) SetCounter(z *Zone, name string, value uint64) {
	defer k.enterAs(nil)()
	switch name {
	case "zone.max-shm-memory":
		z.shmMemory = value
	case "zone.max-shm-ids":
		z.shmIDs = value
	case "zone.max-sem-ids":
		z.semIDs = value
	case "zone.max-msg-ids":
		z.msgIDs = value
	case "zone.max-lofi":
		z.maxLofi = value
	case "zone.max-locked-memory":
		z.lockedMem = value
	case "zone.max-swap":
		z.maxSwap = value
	}
	if z.counter == nil {
		z.counter = map[string]uint64{}
	}
	z.counter[name] = value
}

// Kstats reads the statistics that can be seen in a zone; all with zone.AllZones.
func (k *Kernel) Kstats(viewer zone.ID) []Kstat {
	t := k.enter(nil)
	defer k.leave(t)
	k.refreshUsage(t)
	var read []Kstat
	for z := range k.all {
		in := []zone.ID{z.id}
		if z != k.global {
			in = append(in, zone.GlobalID)
		}
		if z.kstats && (viewer == zone.AllZones || slices.Contains(in, viewer)) {
			read = append(read, z.readKstats(in)...)
		}
	}
	return read
}

// RefreshUsage takes over what the host has counted for its zones.
func (k *Kernel) RefreshUsage() {
	t := k.enter(nil)
	defer k.leave(t)
	k.refreshUsage(t)
}

func (k *Kernel) refreshUsage(t *thread) {
	type counted struct {
		zone  *Zone
		usage host.Usage
		err   error
	}
	var all []counted
	for z := range k.all {
		if z.hosted && z.visible() {
			z.hold() // the lock is given up below
			all = append(all, counted{zone: z})
		}
	}
	if all == nil {
		return
	}
	k.outside(t, func() {
		for i := range all {
			all[i].usage, all[i].err = k.host.Usage(all[i].zone.key())
		}
	})
	for _, c := range all {
		if c.err == nil {
			c.zone.takeUsage(c.usage)
		}
		c.zone.release()
	}
}

// takeUsage keeps the numbers that the host knows.
func (z *Zone) takeUsage(usage host.Usage) {
	if usage.NsecUser >= 0 {
		z.usage[0] = uint64(usage.NsecUser)
	}
	if usage.NsecSys >= 0 {
		z.usage[1] = uint64(usage.NsecSys)
	}
	if usage.Processes >= 0 {
		z.hostProcs = uint64(usage.Processes)
	}
}
