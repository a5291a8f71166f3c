package zlogin

import (
	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/internal/machine"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// Complete returns what may follow the arguments of a command line: the names of the
// running zones or, with -C, of those with a console. Nothing follows a zone's name.
func Complete(args []string) ([]string, error) {
	o := &Options{}
	operands, err := o.options(args)
	if err != nil || len(operands) > 0 {
		return nil, nil
	}
	kernel, err := machine.Open()
	if err != nil {
		return nil, err
	}
	defer kernel.Close()
	return names(kernel, zonecfg.Open(locate.Root(), locate.RunDir()), o.Console)
}

func names(kernel zone.System, store *zonecfg.Store, consoles bool) ([]string, error) {
	ids, err := zone.IDs(kernel)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, id := range ids {
		if id == zone.GlobalID {
			continue
		}
		name, err := zone.NameOf(kernel, id)
		status, statusErr := zone.StatusOf(kernel, id)
		if err == nil && statusErr == nil && !consoles && zonecfg.KernelState(status, "") == zonecfg.Running {
			found = append(found, name)
		}
	}
	if !consoles {
		return found, nil
	}
	entries, err := store.Entries()
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.State >= zonecfg.Installed && e.Name != zone.GlobalName {
			found = append(found, e.Name)
		}
	}
	return found, nil
}
