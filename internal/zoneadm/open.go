package zoneadm

import (
	"errors"
	"os"
	"os/signal"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/internal/machine"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// Open returns the zones of this machine. Close the kernel when done.
func Open() (*Machine, zone.Kernel, error) {
	kernel, err := machine.Open()
	if err != nil {
		return nil, nil, err
	}
	return &Machine{Kernel: kernel, Store: zonecfg.Open(locate.Root(), locate.RunDir())}, kernel, nil
}

// NewTool returns the command for the process that it is called in, under the name
// that it was started with. Close it when done.
func NewTool() *Tool {
	t := &Tool{
		Machine: &Machine{Store: zonecfg.Open(locate.Root(), locate.RunDir())},
		Prog:    filepath.Base(strings.TrimRight(os.Args[0], "/")),
		Caller:  caller(),
		RunDir:  locate.RunDir(),
		Brands:  brand.Dir,
		Owner:   uint32(os.Geteuid()),
		In:      os.Stdin, Terminal: term.IsTerminal(int(os.Stdin.Fd())),
		Out: os.Stdout, Err: os.Stderr, Watched: term.IsTerminal(int(os.Stderr.Fd())),
		Connect: machine.Open,
	}
	t.Daemon = &Doors{RunDir: t.RunDir, Lock: func(string) (func(), bool) { return t.lock() }, Err: t.Err}
	t.process = func() (err error) {
		// A terminal that goes away ends nothing half done, and no directory is kept
		// busy: zoneadmd is started from here.
		signal.Ignore(syscall.SIGHUP)
		if t.Dir, err = os.Getwd(); err != nil {
			t.Dir = "/"
		}
		unix.Umask(0o022)
		if t.held = os.Getenv(lockHeld) == "1"; !t.held {
			os.Setenv(lockHeld, "0")
		}
		return os.Chdir("/")
	}
	return t
}

// CallerOf finds out who runs this process, and whether it is in the global zone of
// a kernel.
func CallerOf(kernel zone.System) Caller {
	c := caller()
	c.Global = inGlobal(kernel)
	return c
}

// inGlobal tells that the caller of a kernel is in the global zone.
func inGlobal(kernel zone.System) bool {
	id, err := kernel.Lookup("")
	return err != nil || id == zone.GlobalID
}

// caller is the part of CallerOf for which no kernel is needed. Where the system has no privilege sets,
// whoever reaches the kernel is root or owns it, and may do everything.
func caller() Caller {
	c := Caller{Global: true, Authorized: func(string) bool { return true }}
	if u, err := user.Current(); err == nil {
		c.Name = u.Username
	}
	set, err := priv.Own(priv.Effective)
	c.Privileged = set.IsFull() || errors.Is(err, errno.ENOTSUP)
	return c
}
