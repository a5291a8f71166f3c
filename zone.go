package zones

import (
	"context"

	"github.com/gozones/zones/kstat"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// Info is what is known of a zone.
type Info struct {
	Active bool    // the kernel has it
	ID     zone.ID // while it is active
	Name   string
	State  zonecfg.State
	Path   string       // its zonepath; "/" of the global zone
	UUID   zonecfg.UUID // zero: none
	Brand  string
	IPType zonecfg.IPType
}

// Zone is a zone, with what was known of it when it was looked up or last refreshed.
// Its verbs may be called from many goroutines: they take turns where they must, also
// with zoneadm in other processes.
type Zone struct {
	Info
	machine *Machine
}

// Refresh finds out anew what is known of the zone. It may not be called beside the
// other methods.
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

// SetConfig puts a changed configuration in the place of the zone's. A zone that is
// active gets it when it is booted next. [ErrVerify] when it can't work; what a zone
// can't have changed while it is installed is refused.
func (z *Zone) SetConfig(ctx context.Context, config *zonecfg.Zone) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	named := config.Clone()
	named.Name = z.Name
	return failed(z.on(Observer{}).SetConfig(named))
}

// Kstats reads the statistics that the kernel keeps of the zone, none while it isn't
// active.
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
