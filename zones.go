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

// Machine gives access to the zones of a machine. Its methods may be called
// concurrently.
type Machine struct {
	// Observer is used by every verb that isn't given one of its own. It must be set
	// before the first verb is called.
	Observer Observer

	admin  *zoneadm.Machine
	kernel zone.Kernel
	caller func() (zlogin.Caller, error) // who starts programs in zones
	close  func() error
}

// Open opens the zones of this machine. Closing the Machine doesn't affect zones, nor
// programs that run in them.
func Open() (*Machine, error) {
	admin, kernel, err := zoneadm.Open()
	if err != nil {
		return nil, err
	}
	return &Machine{admin: admin, kernel: kernel, caller: sync.OnceValues(zlogin.CallerNow), close: kernel.Close}, nil
}

// Config configures [New].
type Config struct {
	Kernel zone.Kernel    // not closed with the Machine
	Store  *zonecfg.Store // the configurations of the zones
	RunDir string         // directory for the locks of zones and the doors of their daemons
	// Daemon boots and halts the zones. If it is nil, the daemon of each zone runs in
	// this process while the zone is up, until the Machine is closed.
	Daemon Daemon
	Brands string // directory of brand definitions; "" means the system's
}

// Daemon handles requests to the daemons of zones (zoneadmd).
type Daemon interface {
	// Request sends a request to the daemon of a zone and returns the reply.
	Request(zone string, r zone.CommandRequest) (zone.CommandReply, error)
	// Notify sends a request that needs no reply.
	Notify(zone string, r zone.CommandRequest)
}

// New returns the zones of a kernel, usually one in this process, for tests. The caller
// has every privilege.
//
//	k, err := kernel.New(kernel.Config{Host: sim.New()})
//	…
//	m := zones.New(zones.Config{
//		Kernel: k.Global().Local(),
//		Store:  zonecfg.Open(dir, "/run"),
//		RunDir: filepath.Join(dir, "run"),
//	})
//
// The packages are kernel and kernel/host/sim. Such zones go through all states, but have
// no programs: [Zone.Command] fails with errno.ENOENT. A test that needs programs wraps the
// kernel and implements its Start.
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

// Close closes the connection to the kernel.
func (m *Machine) Close() error { return m.close() }

// Kernel returns the kernel of the zones, for operations that Machine doesn't have.
func (m *Machine) Kernel() zone.Kernel { return m.kernel }

// Report describes the kernel and what it enforces on this machine.
func (m *Machine) Report() (zone.Report, error) { return m.admin.Report() }

// Zones returns all zones that are configured or active, the global zone first. If some
// zones can't be described, it returns the others and an error that names each of those.
func (m *Machine) Zones() ([]*Zone, error) {
	infos, failures, err := m.admin.List(zoneadm.Selection{Configured: true})
	zones := make([]*Zone, len(infos))
	for i, info := range infos {
		zones[i] = &Zone{Info(*info), m}
	}
	return zones, errors.Join(append(failures, err)...)
}

// Zone returns a zone by its name, or [ErrNotConfigured] if there is none.
func (m *Machine) Zone(name string) (*Zone, error) {
	info, err := m.admin.Zone(name)
	if err != nil {
		failed := &Error{Zone: name, Verb: "list", Err: err}
		var f *zoneadm.Failure
		if errors.As(err, &f) { // its text begins with the name
			failed.Reason = f.What + ": " + f.Err.Error()
		}
		return nil, failed
	}
	return &Zone{Info(*info), m}, nil
}

// Create saves the configuration of a new zone and returns the zone, in state
// configured. If the configuration names no brand, the zone gets the machine's default
// brand. Create returns [ErrVerify] for an invalid configuration, and
// [zonecfg.ErrNameInUse] if there is a zone of that name already.
func (m *Machine) Create(ctx context.Context, config *zonecfg.Zone) (*Zone, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := m.on(config.Name, Observer{}).Create(config, false); err != nil {
		return nil, failed(err)
	}
	return m.Zone(config.Name)
}

// Watch reports every state change of every zone, exactly once, until ctx is done; then
// the channel is closed. An event with Lost set tells a reader that was too slow that it has
// missed some.
func (m *Machine) Watch(ctx context.Context) (<-chan zone.Event, error) { return m.kernel.Watch(ctx) }
