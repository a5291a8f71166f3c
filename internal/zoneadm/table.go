package zoneadm

import (
	"fmt"

	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// ask asks the kernel for everything that it has, in one call where it can.
func (m *Machine) ask() (*zone.Table, error) {
	if k, ok := m.Kernel.(interface{ Table() (*zone.Table, error) }); ok {
		return k.Table()
	}
	return zone.TableOf(m.Kernel)
}

// find returns a zone of this machine in what the kernel has: under another root, its
// scratch zone. nil when it isn't active.
func (m *Machine) find(table *zone.Table, name string) (*zone.Info, error) {
	if m.Alternate == "" || name == zone.GlobalName {
		return table.ByName(name), nil
	}
	zones, err := readScratchMap(scratchMap)
	if err != nil {
		return nil, err
	}
	for _, z := range zones {
		if z.name == name && z.root == m.Alternate {
			return table.ByName(z.kernel), nil
		}
	}
	return nil, nil
}

// look returns what the kernel has: one call a verb.
func (t *Target) look() (*zone.Table, error) {
	if t.table != nil {
		return t.table, nil
	}
	table, err := t.ask()
	if err != nil {
		return nil, err
	}
	t.table = table
	return table, nil
}

// active returns what the kernel has of a zone, nil for nothing.
func (t *Target) active(name string) (*zone.Info, error) {
	table, err := t.look()
	if err != nil {
		return nil, err
	}
	return t.find(table, name)
}

// stateOf is the state of a zone, and whether the kernel has it.
func (t *Target) stateOf(name string) (state zonecfg.State, active bool, err error) {
	info, err := t.active(name)
	if err != nil {
		return 0, false, err
	}
	entry, entryErr := t.Store.Entry(name)
	state, err = stateWith(info, entry, entryErr)
	return state, info != nil, err
}

// stateWith is the state that the kernel says, else the index.
func stateWith(info *zone.Info, entry zonecfg.Entry, entryErr error) (zonecfg.State, error) {
	if info != nil {
		return zonecfg.KernelState(info.Status, info.Root), nil
	}
	return entry.State, entryErr
}

// exists is nil when there is such a zone: an active one, by its name or id, or one
// with a file that can be read.
func (t *Target) exists() error {
	if info, err := t.active(t.Name); err == nil && info != nil {
		return nil
	}
	if id, ok := cNumber(t.Name); ok && t.table != nil {
		for _, z := range t.table.Zones {
			if z.ID == zone.ID(id) {
				return nil
			}
		}
	}
	if t.Inside {
		return fmt.Errorf("zone %s: %w", t.Name, zonecfg.ErrNoZone)
	}
	_, err := t.read()
	return err
}
