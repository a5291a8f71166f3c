package zoneadm

import (
	"fmt"

	"github.com/gozones/zones/sys/mount"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// Machine is where zones are: a kernel, a store of configurations, and what the verbs
// need to know of the system and of who calls.
type Machine struct {
	Kernel zone.System
	Store  *zonecfg.Store
	// Alternate is the root directory of another system whose zones these are (-R),
	// "" for this system's own. The kernel has of those only scratch zones.
	Alternate string
	// Inside tells that the caller is in a zone, which is all that it sees.
	Inside bool
	Caller Caller
	// Daemon takes the requests to the zones' daemons. nil: each zone's own, by its
	// door in RunDir, is started where it doesn't answer.
	Daemon Requester
	RunDir string // for locks and doors
	Owner  uint32 // of zonepaths and what they are in: root, or who has the kernel
	Brands string // directory of the brands' files, brand.Dir on the system
	// Mounts is what is mounted on this machine, nil for mount.Table.
	Mounts func() ([]mount.Entry, error)
	// LockHeld: a parent process holds the locks of zones, for this one too.
	LockHeld bool
}

// Caller is who carries out verbs.
type Caller struct {
	Name       string // of the real user
	Global     bool   // in the global zone
	Privileged bool   // has every privilege
	// Authorized tells whether the user has an authorization such as
	// "solaris.zone.manage/web". nil: every one.
	Authorized func(authorization string) bool
}

func (c *Caller) may(authorization string) bool {
	return c.Authorized == nil || c.Authorized(authorization)
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

// Failure is something that could not be found out of a zone, or done to it.
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

// Zone returns what is known of a zone. The kernel decides on the state of one that
// it has; otherwise the index does.
func (m *Machine) Zone(name string) (*Zone, error) {
	return m.On(name, Observer{}).describe()
}

// describe is Zone for a target.
func (t *Target) describe() (*Zone, error) {
	info, err := t.active(t.Name)
	if err != nil {
		return nil, &Failure{t.Name, "could not get state", err}
	}
	return t.describeAs(t.Name, info)
}

// describeAs puts together what the kernel, the index and the zone's file say. info is
// nil for a zone that the kernel hasn't got.
func (m *Machine) describeAs(name string, info *zone.Info) (*Zone, error) {
	entry, entryErr := m.Store.Entry(name)
	z := &Zone{Name: name, IPType: zonecfg.SharedIP}
	if entryErr == nil {
		z.UUID = entry.UUID
	}
	var err error
	if z.State, err = stateWith(info, entry, entryErr); err != nil {
		return nil, &Failure{name, "could not get state", err}
	}
	if info != nil {
		z.Active, z.ID = true, info.ID
	}
	if m.Inside && info != nil {
		// A program inside a zone finds no more out than the kernel says, and the
		// zone's line of the index, which zoneadmd leaves there.
		z.State, z.Path, z.Brand, z.IPType = zonecfg.Running, "/", info.Brand, ipTypeOf(info)
		return z, nil
	}
	if name == zone.GlobalName {
		z.Path, z.Brand = "/", m.defaultBrand()
		if m.Alternate != "" {
			z.Path = m.Alternate
		}
		return z, nil
	}
	config, err := m.Store.Load(name)
	switch {
	case entryErr == nil && entry.Zonepath != "":
		z.Path = m.Store.Root() + entry.Zonepath
	case err == nil:
		z.Path = config.Zonepath
	default:
		return nil, &Failure{name, "could not get zone path.", err}
	}
	if err != nil {
		return nil, &Failure{name, "could not get brand name", err}
	}
	if z.Brand = config.Brand; z.Brand == "" {
		z.Brand = m.defaultBrand()
	}
	z.IPType = config.IPType
	if z.State == zonecfg.Running {
		z.IPType = ipTypeOf(info) // what it really has
	}
	return z, nil
}

// ipTypeOf tells whether an active zone has a network stack of its own.
func ipTypeOf(info *zone.Info) zonecfg.IPType {
	if info.Flags&zone.FlagNetExcl != 0 {
		return zonecfg.ExclusiveIP
	}
	return zonecfg.SharedIP
}

// Selection says which zones a list is about.
type Selection struct {
	Configured bool // also those that are only configured, or incomplete
	Installed  bool // also those that are installed and not running
	NoGlobal   bool // not the global zone
}

// least is the state that a zone which the kernel hasn't got must have; ok is false
// when none of them is wanted.
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
// index that are selected, in the index's order. What can't be described is left out
// and told in failures.
func (m *Machine) List(selection Selection) (zones []*Zone, failures []error, err error) {
	table, err := m.table()
	if err != nil {
		return nil, nil, err
	}
	add := func(name string, info *zone.Info) {
		z, err := m.describeAs(name, info)
		if err != nil {
			failures = append(failures, err)
			return
		}
		zones = append(zones, z)
	}
	seen := map[string]bool{}
	for i := range table.Zones {
		info := &table.Zones[i]
		name, shown := m.shown(info.Name)
		if !shown {
			continue
		}
		seen[name] = true
		if selection.NoGlobal && info.ID == zone.GlobalID {
			continue
		}
		add(name, info)
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
		add(e.Name, nil)
	}
	return zones, failures, nil
}

// Report tells what answers for the zones of this machine, and what it makes true.
func (m *Machine) Report() (zone.Report, error) {
	known, ok := m.Kernel.(interface{ Report() (zone.Report, error) })
	if !ok {
		return zone.Report{}, fmt.Errorf("the kernel tells nothing of the machine: %w", zone.ErrNotSupported)
	}
	report, err := known.Report()
	if err != nil {
		return report, fmt.Errorf("could not ask the kernel: %w", err)
	}
	return report, nil
}
