package zoneadm

import (
	"errors"
	"fmt"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// Machine is where zones are: a kernel and a store of configurations.
type Machine struct {
	Kernel zone.System
	Store  *zonecfg.Store
	// Alternate is the root directory of another system whose zones these are (-R),
	// "" for this system's own. The kernel has of those only scratch zones.
	Alternate string
	// Inside tells that the caller is in a zone, which is all that it sees.
	Inside bool
}

// Zone is what is known of a zone.
type Zone struct {
	Active bool // the kernel has it
	ID     zone.ID
	Name   string
	State  zonecfg.State
	Path   string
	UUID   zonecfg.UUID // zero: none
	Brand  string
	IPType zonecfg.IPType
}

// Failure is something that could not be found out of a zone.
type Failure struct {
	Zone string
	What string // "could not get state"
	Err  error
}

// Error is the system's diagnostic: "web: could not get state: No such zone configured".
func (f *Failure) Error() string { return fmt.Sprintf("%s: %s: %v", f.Zone, f.What, f.Err) }

// Unwrap returns the reason.
func (f *Failure) Unwrap() error { return f.Err }

// defaultBrand is the brand of the global zone, and of zones whose configuration
// names none; native where the template that says so can't be read.
func (m *Machine) defaultBrand() string {
	if name, err := m.Store.DefaultBrand(); err == nil {
		return name
	}
	return "native"
}

// Zone returns what is known of a zone. The kernel decides on the state of one
// that it has; otherwise the index does.
func (m *Machine) Zone(name string) (*Zone, error) {
	id, err := m.lookup(name)
	if err != nil {
		if zone.ErrnoOf(err) != errno.EINVAL {
			return nil, &Failure{name, "could not get state", err}
		}
		return m.describe(name, nil)
	}
	return m.describe(name, &id)
}

// describe puts together what the kernel, the index and the zone's file say. id is
// nil for a zone that the kernel hasn't got.
func (m *Machine) describe(name string, id *zone.ID) (*Zone, error) {
	if m.Inside && id != nil {
		return m.describeInside(name, *id)
	}
	z := &Zone{Name: name, IPType: zonecfg.SharedIP}
	global := name == zone.GlobalName
	entry, entryErr := m.Store.Entry(name)
	if entryErr == nil {
		z.UUID = entry.UUID
	}
	if err := m.state(z, id, entry, entryErr); err != nil {
		return nil, &Failure{name, "could not get state", err}
	}
	if global {
		z.Path, z.Brand = "/", m.defaultBrand()
		if m.Alternate != "" {
			z.Path = m.Alternate
		}
		return z, nil
	}
	config, configErr := m.Store.Load(name)
	switch {
	case entryErr == nil && entry.Zonepath != "":
		z.Path = m.Store.Root() + entry.Zonepath
	case configErr == nil:
		z.Path = config.Zonepath
	default:
		return nil, &Failure{name, "could not get zone path.", configErr}
	}
	if configErr != nil {
		return nil, &Failure{name, "could not get brand name", configErr}
	}
	if z.Brand = config.Brand; z.Brand == "" {
		z.Brand = m.defaultBrand()
	}
	z.IPType = config.IPType
	if z.Active && z.State == zonecfg.Running {
		// Of a running zone the kernel knows what it really has.
		flags, err := zone.FlagsOf(m.Kernel, z.ID)
		if err != nil {
			return nil, &Failure{name, "could not get ip-type", err}
		}
		z.IPType = zonecfg.SharedIP
		if flags&zone.FlagNetExcl != 0 {
			z.IPType = zonecfg.ExclusiveIP
		}
	}
	return z, nil
}

// describeInside is what a program inside a zone can find out of that zone: what
// the kernel says, and the UUID from the line that zoneadmd leaves in the zone.
func (m *Machine) describeInside(name string, id zone.ID) (*Zone, error) {
	z := &Zone{Active: true, ID: id, Name: name, State: zonecfg.Running, Path: "/", IPType: zonecfg.SharedIP}
	var err error
	if z.Brand, err = zone.BrandOf(m.Kernel, id); err != nil {
		return nil, &Failure{name, "could not get brand name", err}
	}
	flags, err := zone.FlagsOf(m.Kernel, id)
	if err != nil {
		return nil, &Failure{name, "could not get ip-type", err}
	}
	if flags&zone.FlagNetExcl != 0 {
		z.IPType = zonecfg.ExclusiveIP
	}
	if entry, err := m.Store.Entry(name); err == nil {
		z.UUID = entry.UUID
	}
	return z, nil
}

// state fills in the state and, for a zone that the kernel has, the id. One that
// goes away while it is looked at counts as one that the kernel hasn't got.
func (m *Machine) state(z *Zone, id *zone.ID, entry zonecfg.Entry, entryErr error) error {
	if id != nil {
		status, err := zone.StatusOf(m.Kernel, *id)
		root := ""
		if err == nil && status == zone.StatusReady {
			root, err = zone.RootOf(m.Kernel, *id)
		}
		if err == nil {
			z.Active, z.ID, z.State = true, *id, zonecfg.KernelState(status, root)
			return nil
		}
		if zone.ErrnoOf(err) != errno.EINVAL {
			return err
		}
	}
	if entryErr != nil {
		return entryErr
	}
	z.State = entry.State
	return nil
}

// Selection says which zones a list is about.
type Selection struct {
	Configured bool // also those that are only configured, or incomplete
	Installed  bool // also those that are installed and not running
	NoGlobal   bool // not the global zone
}

// least is the state that a zone which the kernel hasn't got must have; ok is
// false when none of them is wanted.
func (s Selection) least() (state zonecfg.State, ok bool) {
	switch {
	case s.Configured:
		return zonecfg.Configured, true
	case s.Installed:
		return zonecfg.Installed, true
	}
	return 0, false
}

// List returns the zones that the kernel has, in its order, and then those of the
// index that are selected, in the index's order. What can't be described is left
// out and told in failures.
func (m *Machine) List(selection Selection) (zones []*Zone, failures []error, err error) {
	ids, err := zone.IDs(m.Kernel)
	if err != nil {
		return nil, nil, err
	}
	seen := map[string]bool{}
	for _, id := range ids {
		name, err := zone.NameOf(m.Kernel, id)
		if zone.ErrnoOf(err) == errno.EINVAL {
			continue // it has gone meanwhile
		}
		if err != nil {
			return nil, nil, err
		}
		name, shown := m.shown(name)
		if !shown {
			continue
		}
		seen[name] = true
		if selection.NoGlobal && id == zone.GlobalID {
			continue
		}
		z, err := m.describe(name, &id)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		zones = append(zones, z)
	}
	least, ok := selection.least()
	if !ok || m.Inside {
		return zones, failures, nil
	}
	entries, err := m.Store.Entries()
	if err != nil {
		return nil, nil, err
	}
	for _, e := range entries {
		if seen[e.Name] || e.State < least || e.Name == zone.GlobalName {
			continue
		}
		z, err := m.describe(e.Name, nil)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		zones = append(zones, z)
	}
	return zones, failures, nil
}

// NotConfigured reports that an error is about a zone that doesn't exist.
func NotConfigured(err error) bool { return errors.Is(err, zonecfg.ErrNoZone) }
