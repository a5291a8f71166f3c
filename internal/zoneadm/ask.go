package zoneadm

import (
	"errors"
	"fmt"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// globalInfo is what an idle machine has.
var globalInfo = zone.Info{ID: zone.GlobalID, Name: zone.GlobalName, Status: zone.StatusRunning, Root: "/"}

// table returns all zones that the kernel has, with one call if the kernel can do that.
func (m *Machine) table() (*zone.Table, error) {
	if m.Idle {
		return &zone.Table{Zones: []zone.Info{globalInfo}}, nil
	}
	if k, ok := m.Kernel.(interface{ Table() (*zone.Table, error) }); ok {
		return k.Table()
	}
	return zone.TableOf(m.Kernel)
}

// inspect asks the kernel about a zone, by the kernel's name for it. It returns nil if
// the zone isn't active.
func (m *Machine) inspect(name string) (*zone.Info, error) {
	if m.Idle {
		if name == zone.GlobalName {
			return &globalInfo, nil
		}
		return nil, nil
	}
	ask := func(name string) (zone.Info, error) { return zone.InspectZone(m.Kernel, name) }
	if k, ok := m.Kernel.(interface {
		Inspect(name string) (zone.Info, error)
	}); ok {
		ask = k.Inspect
	}
	info, err := ask(name)
	if errors.Is(err, errno.EINVAL) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &info, nil
}

// active returns the kernel's information about a zone, or nil if the zone isn't active.
// It asks the kernel once per verb and zone.
func (t *Target) active(name string) (*zone.Info, error) {
	if info, known := t.infos[name]; known {
		return info, nil
	}
	kernelName, err := t.kernelName(name)
	var info *zone.Info
	if err == nil && kernelName != "" {
		info, err = t.inspect(kernelName)
	}
	if err != nil {
		return nil, err
	}
	if t.infos == nil {
		t.infos = map[string]*zone.Info{}
	}
	t.infos[name] = info
	return info, nil
}

// kernelName returns the kernel's name for a zone. With an alternate root that is the name
// of the scratch zone, or "" if there is none.
func (m *Machine) kernelName(name string) (string, error) {
	if m.Alternate == "" || name == zone.GlobalName {
		return name, nil
	}
	zones, err := readScratchMap(scratchMap)
	for _, z := range zones {
		if z.name == name && z.root == m.Alternate {
			return z.kernel, nil
		}
	}
	return "", err
}

// stateOf returns the state of a zone, and whether it is active.
func (t *Target) stateOf(name string) (state zonecfg.State, active bool, err error) {
	info, err := t.active(name)
	if err != nil {
		return 0, false, err
	}
	entry, entryErr := t.Store.Entry(name)
	state, err = stateWith(info, entry, entryErr)
	return state, info != nil, err
}

// stateWith returns the kernel's state of an active zone, and that of the index otherwise.
func stateWith(info *zone.Info, entry zonecfg.Entry, entryErr error) (zonecfg.State, error) {
	if info != nil {
		return zonecfg.KernelState(info.Status, info.Root), nil
	}
	return entry.State, entryErr
}

// exists returns nil if the zone exists: it is active, by name or by id, or has a readable
// configuration.
func (t *Target) exists() error {
	if info, err := t.active(t.Name); err == nil && info != nil {
		return nil
	}
	if id, ok := cNumber(t.Name); ok && t.Idle {
		if zone.ID(id) == zone.GlobalID {
			return nil
		}
	} else if ok {
		if _, err := zone.StatusOf(t.Kernel, zone.ID(id)); err == nil {
			return nil
		}
	}
	if t.Inside {
		return ErrNotConfigured
	}
	_, err := t.read()
	return err
}

// whyNot returns why a zone isn't there by its configuration, in parentheses.
func (t *Target) whyNot(err error) string {
	if _, missing := t.Store.Entry(t.Name); errors.Is(err, ErrNotConfigured) && !t.Inside && missing == nil {
		return fmt.Sprintf(" (the index has it, but there is no file %s.xml)", t.Name)
	}
	return detail(err)
}
