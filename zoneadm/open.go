package zoneadm

import (
	"errors"
	"os"
	"os/user"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/machine"
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
	return &Machine{Kernel: kernel, Store: zonecfg.Open(machine.Root(), machine.RunDir())}, kernel, nil
}

// NewTool returns the command for the process that it is called in, under the name
// that it was started with.
func NewTool(m *Machine, kernel zone.Kernel) *Tool {
	t := &Tool{
		Machine: m,
		Prog:    filepath.Base(strings.TrimRight(os.Args[0], "/")),
		Caller:  caller(m.Kernel),
		RunDir:  machine.RunDir(),
		Brands:  brand.Dir,
		Owner:   uint32(os.Geteuid()),
		In:      os.Stdin, Terminal: term.IsTerminal(int(os.Stdin.Fd())),
		Out: os.Stdout, Err: os.Stderr,
		Report: kernel.Report,
	}
	t.Daemon = &Doors{RunDir: t.RunDir, Lock: func(string) (func(), bool) { return t.lock() }, Err: t.Err}
	return t
}

// caller finds out who runs this process. Where the system has no privilege sets,
// whoever reaches the kernel is root or owns it, and may do everything.
func caller(kernel zone.System) Caller {
	c := Caller{Authorized: func(string) bool { return true }}
	if u, err := user.Current(); err == nil {
		c.Name = u.Username
	}
	id, err := kernel.Lookup("")
	c.Global = err != nil || id == zone.GlobalID
	set, err := priv.Own(priv.Effective)
	c.Privileged = set.IsFull() || errors.Is(err, errno.ENOTSUP)
	return c
}
