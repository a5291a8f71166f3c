package zones

import (
	"context"
	"errors"
	"os"
	"sync"

	"github.com/gozones/zones/internal/zlogin"
	"github.com/gozones/zones/internal/zoneadm"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// Machine is the zones of a machine. Its methods may be called from many goroutines.
type Machine struct {
	// Observer hears what verbs tell that aren't given an observer of their own. Set it
	// before the first verb.
	Observer Observer

	admin  *zoneadm.Machine
	kernel zone.Kernel
	caller func() (zlogin.Caller, error) // who starts programs in zones
	close  func() error
}

// Open returns the zones of this machine. Close it when done: zones and programs in
// them go on.
func Open() (*Machine, error) {
	admin, kernel, err := zoneadm.Open()
	if err != nil {
		return nil, err
	}
	return &Machine{admin: admin, kernel: kernel, caller: sync.OnceValues(zlogin.CallerNow), close: kernel.Close}, nil
}

// Config says which zones [New] returns.
type Config struct {
	Kernel zone.Kernel    // stays open when the Machine is closed
	Store  *zonecfg.Store // their configurations
	RunDir string         // where the locks of zones are, and the doors of their daemons
	// Daemon boots and halts the zones. nil: each zone has a daemon in this process
	// while it is up, until the Machine is closed.
	Daemon Daemon
	Brands string // directory of the brands' files, "": the system's
}

// Daemon carries out requests to the daemons of zones (zoneadmd).
type Daemon interface {
	// Request passes a request on and returns the answer.
	Request(zone string, r zone.CommandRequest) (zone.CommandReply, error)
	// Notify passes on what nobody needs an answer to.
	Notify(zone string, r zone.CommandRequest)
}

// New returns the zones of a kernel, with the caller as one who may do everything: for
// tests with a kernel in the same process.
func New(c Config) *Machine {
	if c.Brands == "" {
		c.Brands = brand.Dir
	}
	admin := &zoneadm.Machine{
		Kernel: c.Kernel, Store: c.Store, RunDir: c.RunDir, Brands: c.Brands,
		Owner:  uint32(os.Geteuid()),
		Caller: zoneadm.Caller{Name: "root", Global: true, Privileged: true},
	}
	m := &Machine{admin: admin, kernel: c.Kernel,
		caller: func() (zlogin.Caller, error) { return zlogin.Caller{Name: "root"}, nil },
		close:  func() error { return nil }}
	if admin.Daemon = c.Daemon; c.Daemon == nil {
		local := newDaemons(c)
		admin.Daemon, m.close = local, local.close
	}
	return m
}

// Close closes the way to the zones.
func (m *Machine) Close() error { return m.close() }

// Kernel returns what answers for the zones, for everything else that it can do.
func (m *Machine) Kernel() zone.Kernel { return m.kernel }

// Report tells what answers for the zones, and what it makes true on this machine.
func (m *Machine) Report() (zone.Report, error) { return m.admin.Report() }

// Zones returns all zones that are configured or active, the global one first. A zone
// of which something can't be found out is left out, and the error says so of each:
// the others are returned beside it.
func (m *Machine) Zones() ([]*Zone, error) {
	infos, failures, err := m.admin.List(zoneadm.Selection{Configured: true})
	zones := make([]*Zone, len(infos))
	for i, info := range infos {
		zones[i] = &Zone{Info(*info), m}
	}
	return zones, errors.Join(append(failures, err)...)
}

// Zone returns a zone by its name; [ErrNotConfigured] when there is none.
func (m *Machine) Zone(name string) (*Zone, error) {
	info, err := m.admin.Zone(name)
	if err != nil {
		return nil, &Error{Zone: name, Verb: "list", Err: err}
	}
	return &Zone{Info(*info), m}, nil
}

// Create puts the configuration of a new zone on disk and returns the zone, which is
// configured then and can be installed. A brand that isn't named is the machine's
// default. A configuration that can't work is refused with [ErrVerify]; a zone of that
// name that is there is left alone.
func (m *Machine) Create(ctx context.Context, config *zonecfg.Zone) (*Zone, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := m.on(config.Name, Observer{}).Create(config, false); err != nil {
		return nil, failed(err)
	}
	return m.Zone(config.Name)
}

// Watch follows state changes of all zones until ctx is done; then the channel is
// closed. None is lost, none comes twice.
func (m *Machine) Watch(ctx context.Context) (<-chan zone.Event, error) { return m.kernel.Watch(ctx) }
