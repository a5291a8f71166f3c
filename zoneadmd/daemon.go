package zoneadmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// Config says what a daemon works with.
type Config struct {
	Zone     string
	Kernel   zone.Kernel
	Store    *zonecfg.Store
	RunDir   string
	BrandDir string // files of the system's brands; "" is [brand.Dir]
	// Log gets what isn't told to a caller: messages about requests of the kernel
	// and about what the daemon does by itself. nil: nobody.
	Log func(text string)
	// ShutdownTimeout is how long a shutdown may take. 0: 60 seconds.
	ShutdownTimeout time.Duration
}

// defaultShutdownTimeout holds where the service of zones says nothing else.
const defaultShutdownTimeout = 60 * time.Second

// Daemon is the daemon of one zone.
//
// Lock order, outermost first:
//
//	requests
//	  Console.mu
//	  queue.mu
//
// requests is the daemon lock: whoever changes the zone has it.
type Daemon struct {
	Config
	// Warnings are lines for whoever has started the daemon.
	Warnings []string

	path         string // zonepath, as configured
	defaultBrand string
	host         string // what the kernel runs zones on
	kernelPid    int32  // of the embedded kernel's process

	doors   *door.Server
	console *Console
	events  queue
	stop    context.CancelFunc // ends following the kernel

	ended     atomic.Bool    // the kernel has
	answering sync.WaitGroup // requests that haven't been answered yet

	requests sync.Mutex
	// What follows belongs to requests.
	dying        bool
	shuttingDown bool          // a shutdown waits for the zone
	bootArgs     string        // what the events of the zone's boots say
	unsure       bool          // the zone is ready by a daemon that died, maybe half
	bound        string        // the path of the console that the zone has
	reached      chan struct{} // closed and made anew after every request
}

// doorPath is where the daemon of a zone answers.
func doorPath(runDir, name string) string { return filepath.Join(runDir, name+".zoneadmd_door") }

// ErrServed is the error of Start when the zone has a daemon already.
var ErrServed = errors.New("the zone has a daemon already")

// Start makes the checks of zoneadmd and returns when the console and the door are
// served. A failed check is a *CheckError; ErrServed when another daemon serves the
// zone. The daemon keeps the kernel open until Run returns.
func Start(c Config) (*Daemon, error) {
	d := &Daemon{Config: c, reached: make(chan struct{})}
	if d.Log == nil {
		d.Log = func(string) {}
	}
	if d.BrandDir == "" {
		d.BrandDir = brand.Dir
	}
	if d.ShutdownTimeout <= 0 {
		d.ShutdownTimeout = defaultShutdownTimeout
	}
	d.events.init()
	if err := d.check(); err != nil {
		return nil, err
	}
	report, err := d.Kernel.Report()
	if err != nil {
		return nil, err
	}
	d.host, d.kernelPid = report.Host, int32(report.PID)
	ctx, cancel := context.WithCancel(context.Background())
	d.stop = cancel
	changes, err := d.Kernel.Watch(ctx)
	if err != nil {
		cancel()
		return nil, err
	}
	go d.follow(ctx, changes)
	if err := d.serve(); err != nil {
		cancel()
		return nil, err
	}
	return d, nil
}

// serve takes the place of the zone's only daemon: console first, so that whoever
// finds the door finds the console too.
func (d *Daemon) serve() error {
	place, err := takePlace(d.RunDir, d.Zone)
	if err != nil {
		return err
	}
	defer place.release()
	path := doorPath(d.RunDir, d.Zone)
	old, absent := door.Dial(path)
	if absent == nil {
		old.Close()
		return ErrServed
	}
	state, err := d.state()
	if err != nil {
		return err
	}
	if state > zonecfg.Installed && !errors.Is(absent, fs.ErrNotExist) {
		// There was one, and it has died.
		d.unsure = state == zonecfg.Ready
		d.Warnings = append(d.Warnings, fmt.Sprintf("zone '%s': WARNING: zone is in state '%s', but zoneadmd does not appear to be available; restarted zoneadmd to recover.", d.Zone, state))
	}
	console, err := openConsole(d.RunDir, d.Zone, &d.events, d.say)
	if err != nil {
		return err
	}
	d.console = console
	if state > zonecfg.Installed {
		d.rebindConsole()
	}
	doors, err := door.Listen(path, 0o600)
	if err != nil {
		console.Close()
		return fmt.Errorf("door_create failed: %s", reason(err))
	}
	d.doors = doors
	go func() {
		if err := doors.Serve(d.answer); err != nil {
			d.say("the door of the zone's daemon is lost: %v", err)
		}
	}()
	return nil
}

// Run serves until the zone is installed and nobody needs the daemon any more, or
// the kernel is gone. Nothing of the daemon is left then.
func (d *Daemon) Run() {
	for {
		d.console.serve()
		if d.mayLeave() {
			break
		}
	}
	d.leave()
}

// mayLeave looks whether the daemon is still needed; when it isn't, requests that
// come from now on are sent to its successor.
func (d *Daemon) mayLeave() bool {
	d.requests.Lock()
	defer d.requests.Unlock()
	state, err := d.state()
	switch {
	case zone.ErrnoOf(err) == errno.EIO:
		d.kernelGone()
	case err != nil:
		d.say("unable to determine state of zone: %s", reason(err))
	}
	// A kernel that is just ending still answers.
	d.dying = d.dying || d.ended.Load() || err != nil || state < zonecfg.Ready
	return d.dying
}

// leave removes what the daemon has made. A successor that starts meanwhile waits.
func (d *Daemon) leave() {
	d.stop()
	place, err := takePlace(d.RunDir, d.Zone)
	if err == nil {
		defer place.leave()
	}
	d.answering.Wait()
	d.doors.Close()
	d.console.Close()
	d.Store.RemoveSnapshot(d.Zone)
}

// follow wakes Run when the zone has gone without the daemon's doing, and when the
// kernel has gone with everything.
func (d *Daemon) follow(ctx context.Context, changes <-chan zone.Event) {
	for e := range changes {
		if e.Name == d.Zone && e.New == "uninitialized" {
			d.events.put(event{kind: eventNone})
		}
	}
	if ctx.Err() == nil {
		d.kernelGone()
	}
}

// kernelGone tells, once, that the kernel has ended, and has the daemon leave.
func (d *Daemon) kernelGone() {
	if !d.ended.Swap(true) {
		d.say("the kernel of this machine's zones has ended, and the zone with it")
		d.events.put(event{kind: eventKernelGone})
	}
}

// state is the zone's, as every command sees it.
func (d *Daemon) state() (zonecfg.State, error) {
	if _, state, err := d.active(); err != nil || state != 0 {
		return state, err
	}
	e, err := d.Store.Entry(d.Zone)
	return e.State, err
}

// active returns the id and state of a zone that the kernel has; state 0 for one
// that it hasn't got.
func (d *Daemon) active() (zone.ID, zonecfg.State, error) {
	id, err := d.Kernel.Lookup(d.Zone)
	if err != nil {
		return -1, 0, unlessGone(err)
	}
	status, err := zone.StatusOf(d.Kernel, id)
	root := ""
	if err == nil && status == zone.StatusReady {
		root, err = zone.RootOf(d.Kernel, id)
	}
	if err != nil {
		return -1, 0, unlessGone(err)
	}
	return id, zonecfg.KernelState(status, root), nil
}
