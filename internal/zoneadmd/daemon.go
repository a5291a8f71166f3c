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

	"github.com/gozones/zones/internal/trace"
	"github.com/gozones/zones/internal/undo"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// Config configures a daemon.
type Config struct {
	Zone     string
	Kernel   zone.Kernel
	Store    *zonecfg.Store
	RunDir   string
	BrandDir string // files of the system's brands; "" is [brand.Dir]
	// Log gets the messages that have no caller: about requests of the kernel and about
	// what the daemon does by itself. nil discards them.
	Log func(text string)
	// Privileges returns those that this process has in effect. Without all of them the daemon
	// doesn't start; with the error ENOTSUP, or if it is nil, the kernel refuses what it has to.
	Privileges func() (priv.Set, error)
	// Caller is the connection of a caller that started the daemon to make a request
	// without waiting for the door: its request is answered as soon as this daemon is
	// the zone's. The daemon owns and closes it. nil for none.
	Caller *door.Conn
	// Recording has run since the daemon was started and is part of the first
	// request's. nil for none.
	Recording *trace.Recording
	// ShutdownTimeout limits a shutdown. 0 means 60 seconds.
	ShutdownTimeout time.Duration
}

// defaultShutdownTimeout applies unless the zones service sets another.
const defaultShutdownTimeout = 60 * time.Second

// Daemon is the daemon of one zone.
//
// Lock order, outermost first:
//
//	requests
//	  Console.mu
//	  queue.mu
//
// requests is the daemon lock: it is held by all code that changes the zone.
type Daemon struct {
	Config
	// Warnings are lines for the process that started the daemon.
	Warnings []string

	path         string // zonepath, as configured
	defaultBrand string
	// report returns the kernel's report about itself, read once.
	report func() (zone.Report, error)

	making     chan struct{} // closed by nowMaking
	makingOnce sync.Once

	terminal *terminal     // of the console; nil if the kernel has no terminals for zones
	opened   chan struct{} // closed when the next three are set, or openErr is
	openErr  error
	doors    *door.Server
	console  *Console
	stop     context.CancelFunc // stops following the kernel
	events   queue

	early     atomic.Pointer[trace.Recording] // Config.Recording until the first request
	seen      atomic.Pointer[sight]           // what the first request need not read again
	ended     atomic.Bool                     // the kernel has exited; set by kernelGone
	endedOnce sync.Once
	answering sync.WaitGroup // requests not yet answered

	requests sync.Mutex
	// The fields below are guarded by requests.
	dying        bool
	shuttingDown bool          // a shutdown waits for the zone
	made         zone.ID       // the zone that this daemon made ready, or -1
	reached      chan struct{} // closed and replaced after every request
}

// doorPath is the path of the door of a zone's daemon.
func doorPath(runDir, name string) string { return filepath.Join(runDir, name+".zoneadmd_door") }

// callerTime is how long the door waits for the request of the caller that started the
// daemon.
const callerTime = 100 * time.Millisecond

// ErrServed is the error of Start if another daemon serves the zone.
var ErrServed = errors.New("the zone has a daemon already")

// Start makes the checks of zoneadmd and returns once console and door are served. The
// error is a *CheckError if a check failed, and ErrServed if another daemon serves the
// zone. The daemon keeps the kernel open until Run returns.
func Start(c Config) (*Daemon, error) {
	d, err := start(c)
	if err != nil && c.Caller != nil {
		c.Caller.Close() // the caller sees the connection close
	}
	return d, err
}

func start(c Config) (*Daemon, error) {
	d := &Daemon{Config: c, made: -1, making: make(chan struct{}), opened: make(chan struct{}), reached: make(chan struct{})}
	if d.Log == nil {
		d.Log = func(string) {}
	}
	if d.BrandDir == "" {
		d.BrandDir = brand.Dir
	}
	if d.ShutdownTimeout <= 0 {
		d.ShutdownTimeout = defaultShutdownTimeout
	}
	d.early.Store(d.Recording)
	d.events.init()
	seen, err := d.check()
	if err != nil {
		return nil, err
	}
	d.report = sync.OnceValues(d.Kernel.Report)
	place, err := takePlace(d.RunDir, d.Zone)
	if err != nil {
		return nil, err
	}
	defer place.release()
	state, err := d.alone(seen.state)
	if err != nil {
		return nil, err
	}
	if d.terminal, err = d.openTerminal(); err != nil {
		d.say("could not make a terminal for the zone's console: %v", err)
	}
	if d.Caller != nil && state == zonecfg.Installed {
		// The caller that boots the zone waits for this. The rest is done while the
		// kernel makes the zone.
		seen.state = state
		d.seen.Store(seen)
		go d.answerCaller()
		select {
		case <-d.making:
		case <-time.After(callerTime): // others need the door, too
			d.seen.Store(nil)
		}
	}
	d.openErr = d.openUp(state)
	close(d.opened)
	if d.openErr != nil {
		d.giveUp()
		return nil, d.openErr
	}
	if d.Caller != nil && state != zonecfg.Installed {
		go d.answerCaller()
	}
	return d, nil
}

// alone checks that the zone has no other daemon and returns the zone's state. before
// is the state that was read before this daemon had its place: a daemon that exited
// cleanly since then left the zone installed, one that crashed left its door.
func (d *Daemon) alone(before zonecfg.State) (state zonecfg.State, err error) {
	old, absent := door.Dial(doorPath(d.RunDir, d.Zone))
	if absent == nil {
		old.Close()
		return 0, ErrServed
	}
	if errors.Is(absent, fs.ErrNotExist) {
		return before, nil
	}
	if state, err = d.state(); err != nil {
		return 0, err
	}
	if state > zonecfg.Installed {
		d.Warnings = append(d.Warnings, fmt.Sprintf("zone '%s': WARNING: zone is in state '%s', but zoneadmd does not appear to be available; restarted zoneadmd to recover.", d.Zone, state))
	}
	return state, nil
}

// openUp starts to watch the zone, makes the console, and opens the door last, so that
// a client that finds the door finds the rest too.
func (d *Daemon) openUp(state zonecfg.State) error {
	defer trace.Begin(trace.Step, "open console and door")()
	var undos undo.Stack
	defer undos.Run()
	ctx, cancel := context.WithCancel(context.Background())
	d.stop = cancel
	undos.Add(cancel)
	watching := make(chan error, 1)
	go func() {
		changes, err := d.Kernel.WatchZone(ctx, d.Zone)
		if err == nil {
			go d.follow(ctx, changes)
		}
		watching <- err
	}()
	var err error
	if d.console, err = openConsole(d.RunDir, d.Zone, d.terminal, &d.events, d.say); err != nil {
		return err
	}
	undos.Add(d.console.Close)
	if state > zonecfg.Installed {
		d.rebindConsole()
	}
	if err := <-watching; err != nil {
		return err
	}
	if err := d.openDoor(); err != nil {
		return err
	}
	undos.Drop()
	return nil
}

func (d *Daemon) openDoor() error {
	doors, err := door.Listen(doorPath(d.RunDir, d.Zone), 0o600)
	if err != nil {
		return fmt.Errorf("door_create failed: %s", reason(err))
	}
	d.doors = doors
	go func() {
		if err := doors.Serve(d.answer); err != nil {
			d.say("serving the door failed: %v", err)
		}
	}()
	return nil
}

// nowMaking signals that the kernel is about to make a zone, or that none will be
// made: the daemon can do its other work.
func (d *Daemon) nowMaking() { d.makingOnce.Do(func() { close(d.making) }) }

// answerCaller serves the caller that started the daemon. If it closes the connection
// without a request, the daemon isn't needed.
func (d *Daemon) answerCaller() {
	d.answer(d.Caller)
	d.nowMaking()
	d.Caller.Close()
	d.events.put(event{kind: eventNone})
}

// giveUp accepts no more requests and waits until the request of the caller that
// started the daemon is finished.
func (d *Daemon) giveUp() {
	d.requests.Lock()
	d.dying = true
	d.requests.Unlock()
	d.answering.Wait()
}

// Run serves until the zone is installed and the daemon is no longer needed, or the
// kernel exits. It removes all that the daemon made before it returns.
func (d *Daemon) Run() {
	for {
		d.console.serve()
		if d.mayLeave() {
			break
		}
	}
	d.leave()
}

// mayLeave reports whether the daemon is no longer needed. From then on, requests are
// sent to its successor.
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
	// A kernel that is exiting may still answer.
	d.dying = d.dying || d.ended.Load() || err != nil || state < zonecfg.Ready
	return d.dying
}

// leave removes what the daemon made. A successor that starts meanwhile waits.
func (d *Daemon) leave() {
	d.stop()
	place, err := takePlace(d.RunDir, d.Zone)
	if err == nil {
		defer place.leave()
	}
	d.answering.Wait()
	if d.Caller != nil {
		d.Caller.Close()
	}
	d.doors.Close()
	d.console.Close()
	if d.terminal != nil && d.terminal.own() {
		if err := d.terminal.remove(); err != nil {
			d.say("%v", err)
		}
	}
	_ = d.Store.RemoveSnapshot(d.Zone)
}

// follow wakes Run when the zone halts by itself and when the kernel exits.
func (d *Daemon) follow(ctx context.Context, changes <-chan zone.Event) {
	for e := range changes {
		if e.Lost || e.New == "uninitialized" {
			d.events.put(event{kind: eventNone})
		}
	}
	if ctx.Err() == nil {
		d.kernelGone()
	}
}

// kernelGone logs once that the kernel has exited, and then lets the daemon exit.
func (d *Daemon) kernelGone() {
	d.endedOnce.Do(func() {
		d.say("the kernel process has exited, and the zone with it")
		d.ended.Store(true)
		d.events.put(event{kind: eventKernelGone})
	})
}

// state returns the zone's state, as every command sees it.
func (d *Daemon) state() (zonecfg.State, error) {
	e, err := d.Store.Entry(d.Zone)
	return d.stateWith(e, err)
}

// stateWith is state with the zone's index entry already read.
func (d *Daemon) stateWith(e zonecfg.Entry, entryErr error) (zonecfg.State, error) {
	if _, state, err := d.active(); err != nil || state != 0 {
		return state, err
	}
	return e.State, entryErr
}

// active returns the kernel's information about the zone and its state. If the kernel
// has no such zone, the state is 0 and the ID -1.
func (d *Daemon) active() (zone.Info, zonecfg.State, error) {
	info, err := d.Kernel.Inspect(d.Zone)
	if err != nil {
		return zone.Info{ID: -1}, 0, unlessGone(err)
	}
	return info, zonecfg.KernelState(info.Status, info.Root), nil
}
