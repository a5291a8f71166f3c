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

// stats are the counters of a zone's statistics that aren't its controls.
type stats struct {
	kstats    bool      // they could be made
	time      [3]uint64 // user, system and waiting time, nanoseconds
	load      loadavg
	counters  map[string]uint64 // of memory_cap and zone_misc
	hostProcs uint64            // processes that the host counts, also those the kernel doesn't know
}

// readKstats reads the statistics of a zone.
func (z *Zone) readKstats(in []zone.ID) []Kstat {
	id, extra := int32(z.id), len(z.name)+1
	caps := func(what string, usage, limit uint64) Kstat {
		return Kstat{"caps", id, fmt.Sprintf("%s_zone_%d", what, id), "zone_caps", extra, in,
			[]KstatValue{{"zonename", z.name}, {"usage", usage}, {"value", limit}}}
	}
	return []Kstat{
		caps("lockedmem", z.used.lockedMem, z.limits.lockedMem),
		caps("swapresv", z.used.swap, z.limits.swap),
		caps("nprocs", max(uint64(z.used.procs), z.stats.hostProcs), z.limits.procs),
		{"memory_cap", id, z.name, "zone_memory_cap", extra, in, z.memoryCap()},
		{"zones", id, z.name, "zone_misc", extra, in, z.misc()},
	}
}

func (z *Zone) memoryCap() []KstatValue {
	values := []KstatValue{{"zonename", z.name}}
	for _, name := range []string{"pgpgin", "anonpgin", "execpgin", "fspgin", "anon_alloc_fail"} {
		values = append(values, KstatValue{name, z.stats.counters[name]})
	}
	return values
}

func (z *Zone) misc() []KstatValue {
	values := []KstatValue{
		{"zonename", z.name},
		{"nsec_user", z.stats.time[0]},
		{"nsec_sys", z.stats.time[1]},
		{"nsec_waitrq", z.stats.time[2]},
		{"avenrun_1min", uint32(z.stats.load.shown[0])},
		{"avenrun_5min", uint32(z.stats.load.shown[1])},
		{"avenrun_15min", uint32(z.stats.load.shown[2])},
	}
	for _, name := range []string{"forkfail_cap", "forkfail_noproc", "forkfail_nomem", "forkfail_misc", "nested_interp"} {
		values = append(values, KstatValue{name, uint32(z.stats.counters[name])})
	}
	return append(values, KstatValue{"init_pid", uint32(z.init.pid)}, KstatValue{"boot_time", uint64(z.init.booted)})
}

// Kstats reads the statistics that can be seen in a zone; all with zone.AllZones.
func (k *Kernel) Kstats(viewer zone.ID) []Kstat {
	t := k.enter()
	defer t.leave()
	k.refreshUsage(t, true)
	var read []Kstat
	for z := range k.table.all {
		in := []zone.ID{z.id}
		if z != k.global {
			in = append(in, zone.GlobalID)
		}
		if z.stats.kstats && (viewer == zone.AllZones || slices.Contains(in, viewer)) {
			read = append(read, z.readKstats(in)...)
		}
	}
	return read
}

// hostUsage is what the host has counted for a zone; a negative number is unknown.
type hostUsage struct {
	zone                    *Zone
	processes, user, system int64
}

// refreshUsage takes over what the host has counted for its zones: the time that they
// have run, and with all also the rest.
func (k *Kernel) refreshUsage(t *thread, all bool) {
	var zones []hostUsage
	for z := range k.table.all {
		if z.hosted && z.visible() {
			z.hold() // the lock is given up below
			zones = append(zones, hostUsage{z, -1, -1, -1})
		}
	}
	if zones == nil {
		return
	}
	_ = t.outside(func() error {
		for i := range zones {
			zones[i].ask(k.host, all)
		}
		return nil
	})
	for _, c := range zones {
		c.zone.stats.take(c)
		c.zone.release()
	}
}

// ask asks the host. What the host doesn't know, for example of a zone that is being
// destroyed, stays unknown.
func (c *hostUsage) ask(h host.Host, all bool) {
	if user, system, err := h.CPUTime(c.zone.key()); err == nil {
		c.user, c.system = user, system
	}
	if !all {
		return
	}
	if n, err := h.Processes(c.zone.key()); err == nil {
		c.processes = n
	}
}

// take keeps the numbers that the host knows.
func (s *stats) take(c hostUsage) {
	if c.user >= 0 {
		s.time[0] = uint64(c.user)
	}
	if c.system >= 0 {
		s.time[1] = uint64(c.system)
	}
	if c.processes >= 0 {
		s.hostProcs = uint64(c.processes)
	}
}
