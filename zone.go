package zones

import (
	"context"

	"github.com/gozones/zones/kstat"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// Info describes a zone.
type Info struct {
	Active bool    // the kernel has the zone: it is ready, running or shutting down
	ID     zone.ID // valid while the zone is active
	Name   string
	State  zonecfg.State
	Path   string       // zonepath; "/" for the global zone
	UUID   zonecfg.UUID // zero if the zone has none
	Brand  string
	IPType zonecfg.IPType
}

// Zone is a zone. Its Info describes it at the time of the lookup or of the last
// Refresh: the verbs don't change it, so call Refresh before you read the State after one.
//
// The verbs may be called concurrently. Like zoneadm in other processes, they take the
// lock of the zone where they need to exclude each other.
type Zone struct {
	Info
	machine *Machine
}

// Refresh updates the zone's Info. It must not be called concurrently with other
// methods of the Zone.
func (z *Zone) Refresh() error {
	now, err := z.machine.Zone(z.Name)
	if err != nil {
		return err
	}
	z.Info = now.Info
	return nil
}

// Config returns the zone's configuration.
func (z *Zone) Config() (*zonecfg.Zone, error) {
	config, err := z.machine.admin.Store.Load(z.Name)
	if err != nil {
		return nil, &Error{Zone: z.Name, Verb: "configure", Err: err}
	}
	return config, nil
}

// SetConfig replaces the zone's configuration. An active zone uses it from its next
// boot on. SetConfig returns [ErrVerify] for an invalid configuration. The zonepath and
// the brand of an installed zone can't be changed.
func (z *Zone) SetConfig(ctx context.Context, config *zonecfg.Zone) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	named := config.Clone()
	named.Name = z.Name
	return failed(z.on(Observer{}).SetConfig(named))
}

// Kstats reads the kernel statistics of the zone. A zone that isn't active has none.
func (z *Zone) Kstats() ([]*kstat.Stat, error) {
	all, err := kstat.Of(z.machine.kernel).Read(kstat.Filter{})
	if err != nil {
		return nil, err
	}
	var mine []*kstat.Stat
	for _, s := range all {
		if name, _ := s.Text("zonename"); name == z.Name {
			mine = append(mine, s)
		}
	}
	return mine, nil
}
