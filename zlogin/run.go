package zlogin

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/machine"
	"github.com/gozones/zones/sys/pty"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zoneadm"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// Tool is zlogin(1) in one process. [Tool.Run] is its command line.
type Tool struct {
	*zoneadm.Machine
	Kernel zone.Kernel
	Prog   string // the command's name in diagnostics
	Caller zoneadm.Caller
	Brands string // folder of the brands' files
	RunDir string // where zones' consoles are
	Daemon interface {
		// Start makes sure that the zone's zoneadmd runs.
		Start(name string) error
	}
	In, Out, Err *os.File
}

// NewTool returns the command for the process that it is called in.
func NewTool(m *zoneadm.Machine, kernel zone.Kernel) *Tool {
	return &Tool{
		Machine: m, Kernel: kernel,
		Prog:   filepath.Base(strings.TrimRight(os.Args[0], "/")),
		Caller: zoneadm.CallerOf(kernel), Brands: brand.Dir, RunDir: machine.RunDir(),
		Daemon: zoneadm.NewDoors(machine.RunDir(), os.Stderr),
		In:     os.Stdin, Out: os.Stdout, Err: os.Stderr,
	}
}

func (t *Tool) say(format string, args ...any) {
	fmt.Fprintf(t.Err, "%s: %s\n", t.Prog, fmt.Sprintf(format, args...))
}

// sayOf is a diagnostic with the system's text for an error.
func (t *Tool) sayOf(what string, err error) { t.say("%s: %s", what, reason(err)) }

// reason is the system's text of an error where it has one.
func reason(err error) string {
	if n, ok := errno.Of(err); ok {
		return n.Error()
	}
	return err.Error()
}

// Run is the command line after the command's name. It returns the exit status:
// the program's own where one was run in the zone without a terminal.
func (t *Tool) Run(args []string) int {
	if t.Caller.Name == "" {
		t.say("could not get user name.")
		return ExitFailed
	}
	o, err := parse(args, func(text string) { t.say("%s", text) })
	if err != nil {
		return t.misused(err)
	}
	if o.root != "" {
		if status := t.setRoot(o.root); status != ExitOK {
			return status
		}
	}
	state, ok := t.may(o)
	if !ok {
		return ExitFailed
	}
	if o.console {
		return t.console(o)
	}
	if state != zonecfg.Running && state != zonecfg.Mounted {
		t.say("login allowed only to running zones (%s is '%s').", o.zone, state)
		return ExitFailed
	}
	id, err := t.Kernel.Lookup(o.zone)
	if err != nil {
		t.say("failed to get zoneid for zone '%s'", o.zone)
		return ExitFailed
	}
	return t.login(o, id)
}

func (t *Tool) misused(err error) int {
	var m *misuse
	if !errors.As(err, &m) {
		t.say("%v", err)
		return ExitUsage
	}
	if m.text != "" {
		t.say("%s", m.text)
	}
	if m.usage {
		fmt.Fprintln(t.Err, usageLine)
	}
	return ExitUsage
}

// setRoot has the command look for the zone below another root.
func (t *Tool) setRoot(root string) int {
	if !strings.HasPrefix(root, "/") {
		t.say("root path must be absolute.")
		return ExitUsage
	}
	if info, err := os.Stat(root); err != nil || !info.IsDir() {
		t.say("root path must be a directory.")
		return ExitUsage
	}
	if len(root) > 1 {
		t.Store = zonecfg.Open(root, t.RunDir)
	}
	return ExitOK
}

// interactive tells that a session on a terminal is asked for.
func (t *Tool) interactive(o *options) bool {
	if o.console || len(o.command) > 0 {
		return false
	}
	_, err := pty.ModeOf(t.In)
	return err == nil
}

// may holds the zone, its state and the caller against each other, in the order of
// the original, and returns the state.
func (t *Tool) may(o *options) (state zonecfg.State, ok bool) {
	switch {
	case !t.Caller.Global:
		t.say("'zlogin' may only be used from the global zone")
		return 0, false
	case o.zone == zone.GlobalName:
		t.say("'zlogin' not applicable to the global zone")
		return 0, false
	}
	z, err := t.Zone(o.zone)
	if err != nil {
		t.say("zone '%s' unknown", o.zone)
		return 0, false
	}
	if z.State < zonecfg.Installed {
		t.say("cannot login to a zone which is '%s'", z.State)
		return 0, false
	}
	if !t.Caller.Privileged {
		t.say("You lack sufficient privilege to run this command (all privs required)")
		return 0, false
	}
	manage := t.Caller.Authorized("solaris.zone.manage/" + o.zone)
	switch {
	case o.console && !manage:
		t.say("%s is not authorized for console access to  %s zone.", t.Caller.Name, o.zone)
		return 0, false
	case o.console || manage:
	case o.safe || !t.interactive(o):
		t.say("%s is not authorized for  failsafe or non-interactive login to  %s zone.", t.Caller.Name, o.zone)
		return 0, false
	case !t.Caller.Authorized("solaris.zone.login/" + o.zone):
		t.say("%s is not authorized  to login to %s zone.", t.Caller.Name, o.zone)
		return 0, false
	}
	return z.State, true
}

// login runs a program in the zone.
func (t *Tool) login(o *options, id zone.ID) int {
	config, err := t.Store.Load(o.zone)
	if err != nil {
		t.say("could not get brand for zone %s", o.zone)
		return ExitFailed
	}
	name := config.Brand
	if name == "" {
		if name, err = t.Store.DefaultBrand(); err != nil {
			t.say("unable to determine default brand")
			return ExitFailed
		}
	}
	b, err := brand.Open(t.Brands, name)
	if err != nil {
		t.say("could not open brand for zone %s", o.zone)
		return ExitFailed
	}
	interactive := t.interactive(o)
	if interactive && o.root != "" {
		t.say("cannot use interactive login with scratch zone")
		return ExitFailed
	}
	u, ok := t.account(o, id, b, config.Zonepath, interactive)
	if !ok {
		return ExitFailed
	}
	p, err := programOf(o, b, u, t.Caller.Authorized("solaris.zone.manage/"+o.zone))
	if err != nil {
		t.sayOf("could not assemble new arguments", errno.EINVAL)
		return ExitFailed
	}
	cmd := &zone.Cmd{Args: p.argv, Env: environment(o, b, u, interactive)}
	if b.Direct && u != nil && !o.safe {
		cmd.UID, cmd.GID, cmd.Groups = u.uid, u.gid, u.groups
	}
	if u != nil && !o.safe && (b.Direct || !interactive) {
		cmd.Dir = u.home
	}
	s := &session{t: t, o: o, id: id, cmd: cmd, paths: []string{p.argv[0]}}
	if p.search && !strings.Contains(p.argv[0], "/") {
		s.paths = nil
		for _, dir := range strings.Split(searchPath(b), ":") {
			s.paths = append(s.paths, dir+"/"+p.argv[0])
		}
	}
	if b.Direct && len(o.command) == 0 && !o.safe {
		cmd.Args = p.argv[1:] // a login shell is called by its name and a dash
	}
	if interactive {
		return s.terminal()
	}
	return s.pipes()
}

// account finds the user that is to be logged in. ok is false when there is none
// and that was said; a zone that has its own login or su says so itself, and then
// the account is nil.
func (t *Tool) account(o *options, id zone.ID, b *brand.Brand, zonepath string, interactive bool) (u *account, ok bool) {
	switch {
	case b.Direct:
		root, err := zone.RootOf(t.Kernel, id)
		if err != nil {
			root = filepath.Join(zonepath, "root")
		}
		u, err := accountIn(root, o.user)
		if err != nil {
			t.say("%v", err)
			return nil, false
		}
		return u, true
	case interactive || o.safe:
		return nil, true
	case b.UserCmd == "":
		t.say("could not get user_cmd for zone %s", o.zone)
		return nil, false
	}
	u, _ = asked(t.Kernel, id, brand.Subst{User: o.user}.In(b.UserCmd))
	return u, true
}
