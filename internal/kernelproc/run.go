package kernelproc

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/gozones/zones/internal/kernelrpc/server"
	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/internal/posix"
	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/door"
)

// Options of a kernel process.
type Options struct {
	RunDir string // for the door, the locks and the process ID
	Host   string // what runs the zones: HostLinux, HostSim or HostAuto
	Labels bool   // read zone_def of raw system calls as kernels with Trusted Extensions do
	// Idle is how long the process runs without zones and callers; 0 means forever.
	Idle time.Duration
	// Log receives the kernel's messages; nil discards them.
	Log io.Writer
	// Ready receives the outcome of the start, see [Outcome]; may be nil.
	Ready *os.File
}

// Run runs a kernel process until ctx is done or it was idle for Options.Idle. Then it
// destroys its zones. If the host needs other privileges it executes this program
// again.
func Run(ctx context.Context, o Options) (err error) {
	report := reporter(o.Ready)
	defer func() { report(err) }()
	noLinux, err := choose(o.Host)
	if err != nil {
		return err
	}
	keep(o.Ready)
	turn, err := takeTurn(o.RunDir)
	if err != nil {
		return err
	}
	defer turn.Close()
	h, detail, err := openHost(o, noLinux)
	if err != nil {
		return err
	}
	k, err := kernel.New(config(o, h))
	if err != nil {
		return err
	}
	defer k.Close()
	doors, err := door.Listen(locate.KernelDoor(o.RunDir), 0o600)
	if err != nil {
		return err
	}
	defer doors.Close()
	pidFile := filepath.Join(o.RunDir, "kernel.pid")
	if err := os.WriteFile(pidFile, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600); err != nil {
		return err
	}
	defer os.Remove(pidFile)
	s := server.New(k, uint32(os.Getuid()))
	s.Detail = detail
	return serve(ctx, o, k, doors, s, report)
}

// serve serves callers until the process should exit, and then destroys the zones.
func serve(ctx context.Context, o Options, k *kernel.Kernel, doors *door.Server, s *server.Server, report func(error)) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	served := make(chan error, 1)
	go func() { served <- doors.Serve(s.Serve) }()
	go loads(ctx, k)
	idle := make(chan struct{})
	go func() {
		waitIdle(ctx, o.Idle, k, doors)
		close(idle)
	}()
	report(nil)
	select {
	case err = <-served:
	case <-idle:
	}
	// A program that calls from now on starts the next kernel process, which waits
	// until this one's zones are destroyed. Calls that are waiting for a zone return
	// when it is.
	_ = doors.Shut()
	k.Close()
	return err
}

// takeTurn waits until no other kernel process uses the run directory. The lock is
// released when the process exits, for whatever reason.
func takeTurn(runDir string) (*os.File, error) {
	if err := locate.MakeRunDir(runDir); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(runDir, "kernel.turn"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := posix.LockExclusive(file); err != nil {
		file.Close()
		return nil, &os.PathError{Op: "lock", Path: file.Name(), Err: err}
	}
	return file, nil
}

// brands are the brands that zones may have here, besides native.
var brands = []string{"sparse", "tar", "lipkg", "ipkg", "sparse-ipkg", "pkgsrc", "lx", "bhyve", "kvm", "illumos", "emu"}

// pidsEnd is above every process id of Linux (PID_MAX_LIMIT).
const pidsEnd = 1 << 22

func config(o Options, h host.Host) kernel.Config {
	c := kernel.Config{Host: h, Labels: o.Labels, FirstPid: pidsEnd}
	if o.Log != nil {
		c.Log = func(line string) { fmt.Fprintln(o.Log, line) }
	}
	if name, err := os.Hostname(); err == nil {
		c.Nodename = name
	}
	for _, name := range brands {
		c.Brands = append(c.Brands, &kernel.Brand{Name: name})
	}
	return c
}

// waitIdle returns when ctx is done, or when there have been no zones and no callers
// for the duration idle.
func waitIdle(ctx context.Context, idle time.Duration, k *kernel.Kernel, doors *door.Server) {
	if idle <= 0 {
		<-ctx.Done()
		return
	}
	tick := time.NewTicker(min(idle, time.Second))
	defer tick.Stop()
	for since := time.Now(); time.Since(since) < idle; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if zones, _ := k.Global().List(nil); zones > 1 || doors.Callers() > 0 {
			since = time.Now()
		}
	}
}

// loads updates the zones' load averages once a second, as the illumos kernel's clock
// does.
func loads(ctx context.Context, k *kernel.Kernel) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		k.UpdateLoad()
	}
}
