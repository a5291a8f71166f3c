// Command zones-kernel is the kernel process: it answers for the zones of a
// machine that isn't illumos. Other programs start it when they need it.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/gozones/zones/internal/kernelrpc/client"
	"github.com/gozones/zones/internal/kernelrpc/server"
	"github.com/gozones/zones/internal/linuxhost"
	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/internal/reclock"
	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/kernel/host/sim"
	"github.com/gozones/zones/sys/door"
)

func main() {
	if linuxhost.IsZsched() {
		os.Exit(linuxhost.ZschedMain())
	}
	if err := command().Execute(); err != nil {
		fmt.Fprintln(os.Stderr, "zones-kernel:", err)
		os.Exit(1)
	}
}

type options struct {
	runDir  string
	host    string
	readyFD int
	labels  bool
	start   bool
	idle    time.Duration
}

func command() *cobra.Command {
	var o options
	c := &cobra.Command{
		Use:   "zones-kernel",
		Short: "The kernel process of zones on systems that aren't illumos",
		Long: `zones-kernel answers for the zones of this machine. The commands start it on
first use and find it again by its door in the run folder; it ends by itself when
no zone is there and nobody has asked for a while. When it ends, every zone ends.`,
		Example:       "  zones-kernel --run-dir /tmp/zones --host sim",
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(*cobra.Command, []string) error {
			if o.start {
				return start()
			}
			tell := teller(o.readyFD)
			err := run(o, tell)
			if err != nil {
				tell(err.Error())
			}
			return err
		},
	}
	c.Flags().StringVar(&o.runDir, "run-dir", locate.RunDir(), "folder for the door, the log and the lock")
	c.Flags().StringVar(&o.host, "host", "auto", "what runs the zones: linux, sim (in memory), or auto: the best that works here")
	c.Flags().BoolVar(&o.labels, "labels", false, "read zone_def as kernels with Trusted Extensions do, from programs that make system calls")
	c.Flags().DurationVar(&o.idle, "idle", time.Minute, "end after this long without zones and callers; 0: never")
	c.Flags().BoolVar(&o.start, "start", false, "start a kernel process in the run folder where none runs, and return when it answers")
	c.Flags().IntVar(&o.readyFD, "ready-fd", -1, "descriptor to write \"ready\" to, or what went wrong")
	c.Flags().MarkHidden("ready-fd")
	return c
}

// start is for programs in other languages: that a kernel process runs.
func start() error {
	k, err := client.Open()
	if err != nil {
		return err
	}
	return k.Close()
}

// teller tells whoever started this process, once, how that went.
func teller(fd int) func(string) {
	if fd < 0 {
		return func(string) {}
	}
	file := os.NewFile(uintptr(fd), "ready")
	told := false
	return func(text string) {
		if !told {
			fmt.Fprintln(file, text)
			file.Close()
			told = true
		}
	}
}

// brands that zones may have here.
var brands = []string{"sparse", "tar", "native", "lipkg", "ipkg", "sparse-ipkg", "pkgsrc", "lx", "bhyve", "kvm", "illumos", "emu"}

// pidsEnd is above every process id of Linux (PID_MAX_LIMIT).
const pidsEnd = 1 << 22

func run(o options, tell func(string)) error {
	var noLinux error // why zones are no processes here
	switch o.host {
	case "sim":
		noLinux = errAskedFor
	case "linux", "auto":
		noLinux = linuxhost.Isolate()
	default:
		return fmt.Errorf("unknown host %q: linux, sim or auto", o.host)
	}
	if o.readyFD >= 0 {
		// Only now: a user's kernel process has just been executed anew with it.
		syscall.CloseOnExec(o.readyFD)
	}
	turn, err := takeTurn(o.runDir)
	if err != nil {
		return err
	}
	defer turn.Close()
	h, why, err := openHost(o, noLinux)
	if err != nil {
		return err
	}
	config := kernel.Config{
		Host: h, Labels: o.labels, FirstPid: pidsEnd,
		Log: func(line string) { fmt.Fprintln(os.Stderr, line) },
	}
	if name, err := os.Hostname(); err == nil {
		config.Nodename = name
	}
	for _, name := range brands {
		if name != "native" {
			config.Brands = append(config.Brands, &kernel.Brand{Name: name})
		}
	}
	k, err := kernel.New(config)
	if err != nil {
		return err
	}
	defer k.Close()
	doors, err := door.Listen(locate.KernelDoor(o.runDir), 0o600)
	if err != nil {
		return err
	}
	pidFile := filepath.Join(o.runDir, "kernel.pid")
	if err := os.WriteFile(pidFile, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600); err != nil {
		return err
	}
	defer os.Remove(pidFile)
	s := server.New(k, uint32(os.Getuid()))
	s.Detail = why
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	go endWhenIdle(k, doors, o.idle, stop)
	go loads(k)
	served := make(chan error, 1)
	go func() { served <- doors.Serve(s.Serve) }()
	tell("ready")
	select {
	case err = <-served:
	case <-stop:
	}
	signal.Ignore(syscall.SIGTERM, syscall.SIGINT)
	// Whoever comes now starts the next one, which waits for its turn: first the zones
	// of this one end. Calls that wait for something in a zone end with it.
	doors.Shut()
	k.Close()
	doors.Close()
	return err
}

// takeTurn waits until no other kernel process has the run folder. The lock goes with
// this process, however it ends.
func takeTurn(runDir string) (*os.File, error) {
	if err := locate.MakeRunDir(runDir); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(runDir, "kernel.turn"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := reclock.Exclusive(file); err != nil {
		file.Close()
		return nil, fmt.Errorf("%s: %w", file.Name(), err)
	}
	return file, nil
}

var errAskedFor = errors.New("asked for")

// openHost returns what runs the zones, and why that isn't Linux where it isn't.
func openHost(o options, noLinux error) (host.Host, string, error) {
	if noLinux == nil {
		var h host.Host
		if h, noLinux = linuxhost.New(linuxhost.Options{RunDir: o.runDir}); noLinux == nil {
			return h, "", nil
		}
	}
	if o.host == "linux" {
		return nil, "", noLinux
	}
	return sim.New(), noLinux.Error(), nil
}

// endWhenIdle ends the process when there has been neither a zone nor a caller for
// so long.
func endWhenIdle(k *kernel.Kernel, doors *door.Server, idle time.Duration, stop chan<- os.Signal) {
	if idle <= 0 {
		return
	}
	since := time.Now()
	for range time.Tick(min(idle, time.Second)) {
		n, _ := k.Global().List(nil)
		if n > 1 || doors.Callers() > 0 {
			since = time.Now()
		}
		if time.Since(since) >= idle {
			stop <- syscall.SIGTERM
			return
		}
	}
}

// loads keeps the zones' load averages, once a second as the kernel's clock does.
func loads(k *kernel.Kernel) {
	for range time.Tick(time.Second) {
		k.RefreshUsage()
		k.UpdateLoad()
	}
}
