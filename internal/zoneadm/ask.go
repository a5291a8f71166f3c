package zoneadm

import (
	"errors"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// table is everything that the kernel has, asked for in one call where it can be.
func (m *Machine) table() (*zone.Table, error) {
	if k, ok := m.Kernel.(interface{ Table() (*zone.Table, error) }); ok {
		return k.Table()
	}
	return zone.TableOf(m.Kernel)
}

// inspect is what the kernel has of a zone, by the kernel's name for it. nil when it
// isn't active.
func (m *Machine) inspect(name string) (*zone.Info, error) {
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

// active returns what the kernel has of a zone of this machine, nil for nothing. A verb
// asks for each zone once.
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

// kernelName is the name that the kernel has for a zone: under another root, that of
// its scratch zone, "" where it has none.
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
	if id, ok := cNumber(t.Name); ok {
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
