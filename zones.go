package zones

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/internal/zoneadm"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// Machine is the zones of a machine. Its methods may be called from many
// goroutines.
type Machine struct {
	admin  *zoneadm.Machine
	kernel zone.Kernel
	daemon zoneadm.Requester
}

// Open returns the zones of this machine. Close it when done: zones and programs
// in them go on.
func Open() (*Machine, error) {
	admin, kernel, err := zoneadm.Open()
	if err != nil {
		return nil, err
	}
	return &Machine{admin, kernel, zoneadm.NewDoors(locate.RunDir(), os.Stderr)}, nil
}

// New returns the zones of a kernel and a configuration, with daemon to boot and
// halt them: for tests with a kernel in the same process.
func New(kernel zone.Kernel, store *zonecfg.Store, daemon zoneadm.Requester) *Machine {
	return &Machine{&zoneadm.Machine{Kernel: kernel, Store: store}, kernel, daemon}
}

// Close lets go of the machine.
func (m *Machine) Close() error { return m.kernel.Close() }

// Kernel returns what answers for the zones, for everything else that it can do.
func (m *Machine) Kernel() zone.Kernel { return m.kernel }

// Zones returns all zones that are configured or active, the global one first.
// failures are about zones of which something can't be found out; they are left
// out.
func (m *Machine) Zones() (zones []*Zone, failures []error, err error) {
	infos, failures, err := m.admin.List(zoneadm.Selection{Configured: true})
	for _, info := range infos {
		zones = append(zones, &Zone{*info, m})
	}
	return zones, failures, err
}

// Zone returns a zone by its name. An error for which zoneadm.NotConfigured is
// true when there is none.
func (m *Machine) Zone(name string) (*Zone, error) {
	info, err := m.admin.Zone(name)
	if err != nil {
		return nil, err
	}
	return &Zone{*info, m}, nil
}

// Watch follows state changes of all zones until ctx is done; then the channel is
// closed. None is lost, none comes twice.
func (m *Machine) Watch(ctx context.Context) (<-chan zone.Event, error) { return m.kernel.Watch(ctx) }

// Zone is a zone and what was known of it when it was looked up.
type Zone struct {
	zoneadm.Zone
	machine *Machine
}

// Config returns the zone's configuration.
func (z *Zone) Config() (*zonecfg.Zone, error) { return z.machine.admin.Store.Load(z.Name) }

// Boot makes the zone ready, if it isn't, and starts its init with the arguments.
// It returns when init has been executed. A zone that runs is left alone.
func (z *Zone) Boot(arguments ...string) error {
	return z.request(zone.CommandBoot, strings.Join(arguments, " "))
}

// Reboot halts the zone and boots it again.
func (z *Zone) Reboot(arguments ...string) error {
	return z.request(zone.CommandReboot, strings.Join(arguments, " "))
}

// Halt ends everything in the zone and takes it down to installed.
func (z *Zone) Halt() error { return z.request(zone.CommandHalt, "") }

// Shutdown has the zone's init end in good order, and returns when the zone is
// down, or with an error when that takes too long: then it still runs.
func (z *Zone) Shutdown() error { return z.request(zone.CommandShutdown, "") }

// Start runs a program in the zone, which must be running; see [zone.Executor] for
// the errors.
func (z *Zone) Start(cmd *zone.Cmd) (zone.Process, error) {
	id, err := z.machine.kernel.Lookup(z.Name)
	if err != nil {
		return nil, fmt.Errorf("zone %s isn't active, boot it first: %w", z.Name, err)
	}
	return z.machine.kernel.Start(id, cmd)
}

// Run is Start and then waits for the program's end.
func (z *Zone) Run(cmd *zone.Cmd) (zone.ExitStatus, error) {
	p, err := z.Start(cmd)
	if err != nil {
		return zone.ExitStatus{}, err
	}
	defer p.Close()
	return p.Wait()
}

// RequestError is a request that a zone's daemon has refused, or could not fulfil.
type RequestError struct {
	Zone    string
	Command zone.Command
	Text    string // what the daemon says, in lines
}

// Error is one line: the zone, the request and the daemon's words.
func (e *RequestError) Error() string {
	text := strings.ReplaceAll(strings.TrimSpace(e.Text), "\n", "; ")
	if text == "" {
		text = "it gives no reason"
	}
	return fmt.Sprintf("zone %s: %s: %s", e.Zone, e.Command, text)
}

// request asks the zone's daemon.
func (z *Zone) request(command zone.Command, arguments string) error {
	r := zone.CommandRequest{Command: command, Locale: "C", BootArgs: arguments}
	if id, err := z.machine.kernel.Lookup(z.Name); err == nil {
		if unique, err := zone.UniqIDOf(z.machine.kernel, id); err == nil {
			r.UniqID = unique
		}
	}
	reply, err := z.machine.daemon.Request(z.Name, r)
	if err != nil {
		return fmt.Errorf("zone %s: %s: %w", z.Name, command, err)
	}
	if reply.Result != 0 {
		return &RequestError{z.Name, command, reply.Text}
	}
	return nil
}
