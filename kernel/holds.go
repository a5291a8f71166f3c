package kernel

import (
	"slices"

	"github.com/gozones/zones/internal/kernelseam"
	"github.com/gozones/zones/sys/zone"
)

var _ zone.Holder = (*Local)(nil)

// Holds says what keeps a zone from being destroyed.
func (p *Proc) Holds(id zone.ID) (zone.Holds, error) {
	defer p.k.enter().leave()
	z, err := p.managed(id)
	if err != nil {
		return zone.Holds{}, &zone.Error{Op: "zone_holds", ID: id, Errno: errnoOf(err)}
	}
	h := zone.Holds{References: z.refs.general, Credentials: z.refs.creds, Mounts: max(0, z.mounting.count)}
	for _, other := range p.k.procs.byPid {
		if other.hosted && !other.exited && other.zone.Load() == z {
			h.Processes = append(h.Processes, other.pid)
		}
	}
	slices.Sort(h.Processes)
	for i, n := range z.refs.subsys {
		if n == 0 {
			continue
		}
		if h.Subsystems == nil {
			h.Subsystems = map[string]uint32{}
		}
		h.Subsystems[kernelseam.Subsys[i]] = n
	}
	return h, nil
}
