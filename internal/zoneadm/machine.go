package zoneadm

import (
	"fmt"

	"github.com/gozones/zones/sys/mount"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// Machine is what verbs need: a kernel, the configurations of its zones, and the caller.
type Machine struct {
	Kernel zone.System
	// Idle is set instead of Kernel if no kernel process runs and none is needed: only the
	// global zone is active then.
	Idle  bool
	Store *zonecfg.Store
	// Alternate is the root directory of another system whose zones are managed (-R), or
	// "". Of that system's zones the kernel has only scratch zones.
	Alternate string
	// Inside is set if the caller is inside a zone. It then sees only that zone.
	Inside bool
	Caller Caller
	// Daemon sends requests to the daemons of zones. If it is nil, requests go to each
	// zone's own daemon in RunDir, which is started if it doesn't run.
	Daemon Requester
	RunDir string // directory of locks and doors
	Owner  uint32 // owner of zonepaths and their parents: root, or the owner of the kernel process
	Brands string // directory of brand definitions, usually brand.Dir
	// Mounts returns the host's mounts; nil means mount.Table.
	Mounts func() ([]mount.Entry, error)
	// LockHeld is set if a parent process holds the lock of the zone.
	LockHeld bool
}

// Caller is the user of the verbs.
type Caller struct {
	Name       string // name of the real user
	Global     bool   // in the global zone
	Privileged bool   // has every privilege
	// Authorized reports whether the user has an authorization such as
	// "solaris.zone.manage/web". If it is nil, the user has all of them.
	Authorized func(authorization string) bool
}

func (c *Caller) may(authorization string) bool {
	return c.Authorized == nil || c.Authorized(authorization)
}

// Zone describes a zone.
type Zone struct {
	Active bool // the kernel has the zone
	ID     zone.ID
	Name   string
	State  zonecfg.State
	Path   string
	UUID   zonecfg.UUID // zero: none
	Brand  string
	IPType zonecfg.IPType
}

// Failure is an error about a zone, in the format of the original.
type Failure struct {
	Zone string
	What string // "could not get state"
	Err  error
}

// Error returns the original's message: "web: could not get state: No such zone configured".
func (f *Failure) Error() string { return fmt.Sprintf("%s: %s: %v", f.Zone, f.What, f.Err) }

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Err }

// defaultBrand returns the brand of the global zone, and of zones whose configuration names
// none. It is native if the template that defines it can't be read.
func (m *Machine) defaultBrand() string {
	if name, err := m.Store.DefaultBrand(); err == nil {
		return name
	}
	return "native"
}

// Zone describes a zone. The state of an active zone is the kernel's, that of others is in
// the index.
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

// describeAs combines the kernel's information with the index and the configuration. info
// is nil if the zone isn't active.
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
		// Inside a zone there is only the kernel's information, and the zone's line of
		// the index, which zoneadmd leaves there.
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
		z.IPType = ipTypeOf(info) // the configuration may have changed since the boot
	}
	return z, nil
}

// ipTypeOf returns the IP type of an active zone.
func ipTypeOf(info *zone.Info) zonecfg.IPType {
	if info.Flags&zone.FlagNetExcl != 0 {
		return zonecfg.ExclusiveIP
	}
	return zonecfg.SharedIP
}

// Selection selects zones besides the active ones.
type Selection struct {
	Configured bool // all zones
	Installed  bool // installed zones
	NoGlobal   bool // not the global zone
}

// least returns the lowest state of the inactive zones that are selected; ok is false if
// none are.
func (s Selection) least() (state zonecfg.State, ok bool) {
	switch {
	case s.Configured:
		return zonecfg.Configured, true
	case s.Installed:
		return zonecfg.Installed, true
	}
	return 0, false
}

// List returns the active zones, in the order of the kernel, and then the selected zones of
// the index, in its order. failures has an error for each zone that can't be described.
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

// Report describes the kernel and what it enforces on this host.
func (m *Machine) Report() (zone.Report, error) {
	known, ok := m.Kernel.(interface{ Report() (zone.Report, error) })
	if !ok {
		return zone.Report{}, fmt.Errorf("the kernel has no report about the host: %w", zone.ErrNotSupported)
	}
	report, err := known.Report()
	if err != nil {
		return report, fmt.Errorf("could not read the kernel's report: %w", err)
	}
	return report, nil
}
