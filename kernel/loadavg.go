package kernel

import "github.com/gozones/zones/sys/zone"

// loadavg is what a zone's load averages are computed from: the processor time of
// the last seconds, and the averages as fixed-point numbers with 16 bits after the
// point.
type loadavg struct {
	loads   [loadSeconds]int64
	current int
	filled  int
	total   int64
	precise [3]uint64 // zone_hp_avenrun
	shown   [3]int32  // zone_avenrun, 8 bits behind the point
}

const (
	loadSeconds   = 11            // S_LOADAVG_SZ
	loadThreadMax = 128           // LGRP_LOADAVG_IN_THREAD_MAX
	nanosecond    = 1_000_000_000 // NANOSEC
	fshift        = 8             // FSHIFT
)

// UpdateLoad computes every zone's load averages from the time that it has run; it is
// called once a second (zone_loadavg_update).
func (k *Kernel) UpdateLoad() {
	t := k.enter()
	defer t.leave()
	k.refreshUsage(t, false)
	for z := range k.table.all {
		if s := z.Status(); s >= zone.StatusReady && s < zone.StatusDown {
			z.stats.load.update(z.stats.cpuTime())
		}
	}
}

// cpuTime is the zone's processor time of all kinds, in nanoseconds. A C hrtime_t
// is signed, so a total that doesn't fit is negative.
func (s *stats) cpuTime() int64 { return int64(s.time[0] + s.time[1] + s.time[2]) }

func (l *loadavg) update(total int64) {
	l.loads[l.current] = max(total-l.total, 0)
	l.current = (l.current + 1) % loadSeconds
	l.total = total
	if l.filled+1 < loadSeconds {
		l.filled++
		return
	}
	var sum int64
	for _, n := range l.loads {
		sum += n
	}
	// The number of runnable threads is a C int: more than that wraps.
	running := int64(int32(sum / loadSeconds / (nanosecond / loadThreadMax)))
	for i, f := range [3]int64{135, 27, 9} {
		q := int64(l.precise[i]>>16) << 7
		r := int64(l.precise[i]&0xffff) << 7
		l.precise[i] += uint64(((running-q)*f - (r*f)>>16) >> 4)
		if l.precise[i] < 1<<(31+16-fshift) {
			l.shown[i] = int32(l.precise[i] >> (16 - fshift))
		} else {
			l.shown[i] = 0x7fffffff
		}
	}
}
