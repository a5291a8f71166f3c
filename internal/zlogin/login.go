package zlogin

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/internal/zoneadm"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// Kernel is the part of a [zone.Kernel] that a login needs.
type Kernel interface {
	zone.System
	zone.Executor
}

// Login opens sessions: it has a kernel, the configurations of its zones, and the
// caller.
type Login struct {
	Kernel Kernel // nil: Main opens the machine's once the command line is checked
	Store  *zonecfg.Store
	Brands string // directory of the brands' files, brand.Dir on the system
	RunDir string // directory of the consoles

	Prog   string // the command's name in diagnostics
	Caller Caller
	Term   string // the caller's TERM, "" for none

	In, Out, Err *os.File

	// StartDaemon makes sure that the zoneadmd of a zone runs; it serves the console.
	StartDaemon func(zone string) error
	// ScratchMap is the file that maps zones mounted under an alternate root to kernel names.
	ScratchMap string

	// Drop gives up the privileges, of the whole process, that a session doesn't need.
	Drop bool

	json bool
}

// New returns a Login for the zones of this machine. The caller is the user of this
// process, found by [CallerNow].
func New(kernel Kernel) *Login {
	store := zonecfg.Open(locate.Root(), locate.RunDir())
	l := &Login{
		Kernel: kernel, Store: store, Brands: brand.Dir, RunDir: locate.RunDir(),
		Prog: filepath.Base(strings.TrimRight(os.Args[0], "/")),
		Term: os.Getenv("TERM"),
		In:   os.Stdin, Out: os.Stdout, Err: os.Stderr,
		ScratchMap: scratchMap,
	}
	l.StartDaemon = l.startDaemon
	return l
}

// Caller is the user who wants to log in.
type Caller struct {
	Name string // of the real user
	// Missing are the privileges that the caller doesn't have in effect.
	Missing priv.Set
	// Authorized reports whether the caller has an authorization such as
	// "solaris.zone.login/web".
	Authorized func(authorization string) bool
}

// The authorizations of solaris.zone; a slash and the zone's name follow.
const (
	authManage = "solaris.zone.manage"
	authLogin  = "solaris.zone.login"
)

// mode is the kind of a session.
type mode int

const (
	pipes       mode = iota // with the caller's standard files
	interactive             // on a terminal of the zone
	console                 // on the zone's console
)

func (l *Login) modeOf(o *Options) mode {
	switch {
	case o.Console:
		return console
	case len(o.Words) == 0 && isTerminal(l.In):
		return interactive
	}
	return pipes
}

// target is the zone of a session.
type target struct {
	name   string
	id     zone.ID
	forced bool // the user needs no password in the zone
}

// admit makes the checks of zlogin(1) on the zone and the user, in its order.
func (l *Login) admit(o *Options, m mode) (*target, error) {
	own, err := l.Kernel.Lookup("")
	if err == nil && own != zone.GlobalID {
		return nil, refused("'zlogin' may only be used from the global zone").of(zoneadm.ErrPermission)
	}
	if o.Zone == zone.GlobalName {
		return nil, refused("'zlogin' not applicable to the global zone").of(zoneadm.ErrState)
	}
	kernelName, scratch := o.Zone, false
	if o.Root != "" {
		kernelName, scratch = l.scratch(o.Zone, o.Root)
	}
	store := l.Store
	if o.Root != "" {
		store = zonecfg.Open(o.Root, l.RunDir)
	}
	id, state, err := l.state(store, o.Zone, kernelName, o.Root == "" || scratch)
	if err != nil {
		return nil, err
	}
	if state < zonecfg.Installed {
		return nil, refused("cannot login to a zone which is '" + state.String() + "'").of(&zoneadm.StateError{State: state})
	}
	if !l.Caller.Missing.Empty() {
		return nil, &Error{Text: errPrivilege, Status: ExitFailed, Missing: l.Caller.Missing, kind: zoneadm.ErrPermission}
	}
	t := &target{name: o.Zone, id: id}
	if t.forced, err = l.authorize(o, m); err != nil {
		return nil, err
	}
	if m == console {
		return t, nil
	}
	if state != zonecfg.Running && state != zonecfg.Mounted {
		return nil, refused("login allowed only to running zones (" + o.Zone + " is '" + state.String() + "').").of(&zoneadm.StateError{State: state})
	}
	if o.Root != "" && !scratch {
		return nil, refused("cannot find scratch zone " + o.Zone)
	}
	if id < 0 {
		return nil, refused("failed to get zoneid for zone '" + o.Zone + "'")
	}
	if o.Root != "" && m == interactive {
		return nil, refused("cannot use interactive login with scratch zone")
	}
	return t, nil
}

const errPrivilege = "You lack sufficient privilege to run this command (all privs required)"

// state returns the state of a zone from the kernel, or else from the index. The id is
// -1 for a zone that the kernel doesn't have.
func (l *Login) state(store *zonecfg.Store, name, kernelName string, active bool) (zone.ID, zonecfg.State, error) {
	entry, entryErr := store.Entry(name)
	if active {
		id, err := l.Kernel.Lookup(kernelName)
		if err == nil {
			var status zone.Status
			var root string
			if status, err = zone.StatusOf(l.Kernel, id); err == nil && status == zone.StatusReady {
				root, err = zone.RootOf(l.Kernel, id)
			}
			if err == nil {
				return id, zonecfg.KernelState(status, root), nil
			}
		}
		// EINVAL: there is no such zone, or no longer.
		if zone.ErrnoOf(err) != errno.EINVAL {
			return -1, 0, failed("could not get state of zone '"+name+"'", err)
		}
	}
	if errors.Is(entryErr, zonecfg.ErrNoZone) {
		return -1, 0, refused("zone '" + name + "' unknown").of(zoneadm.ErrNotConfigured)
	}
	if entryErr != nil {
		return -1, 0, failed("could not get state of zone '"+name+"'", entryErr)
	}
	return -1, entry.State, nil
}

// authorize returns whether the user needs no password in the zone, or an error if the
// user may not log in at all.
func (l *Login) authorize(o *Options, m mode) (forced bool, err error) {
	may := func(authorization string) bool {
		return l.Caller.Authorized == nil || l.Caller.Authorized(authorization+"/"+o.Zone)
	}
	switch {
	case may(authManage):
		return true, nil
	case m == console:
		return false, refused(l.Caller.Name + " is not authorized for console access to  " + o.Zone + " zone.").of(zoneadm.ErrPermission)
	case m == pipes || o.Safe:
		return false, refused(l.Caller.Name + " is not authorized for  failsafe or non-interactive login to  " + o.Zone + " zone.").of(zoneadm.ErrPermission)
	case !may(authLogin):
		return false, refused(l.Caller.Name + " is not authorized  to login to " + o.Zone + " zone.").of(zoneadm.ErrPermission)
	}
	return false, nil
}
