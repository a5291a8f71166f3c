package zoneadm

import (
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// gateClass says how a verb looks at whether the zone is active.
type gateClass int

const (
	mustRun   gateClass = iota // shutdown, reboot: only active zones
	mustNot                    // verbs on files: never active ones
	whichever                  // the daemon decides
)

// gate holds a verb against who asks, the target and its state, before anything
// is done. ok is false when the reason was printed. force is -f of boot and mount,
// and -U of attach.
func (t *Tool) gate(verb string, class gateClass, force bool) bool {
	if !t.Caller.Global {
		switch verb {
		case "halt", "shutdown", "reboot":
			t.say("use %s(8) to %s this zone.", verb, verb)
		default:
			t.say("must be in the global zone to %s a zone.", verb)
		}
		return false
	}
	if !t.Caller.Privileged {
		t.say("only a privileged user may %s a zone.", verb)
		return false
	}
	if t.target == "" {
		t.say("no zone specified")
		return false
	}
	if !t.Caller.Authorized("solaris.zone.manage/" + t.target) {
		t.say("User %s is not authorized to %s this zone.", t.Caller.Name, verb)
		return false
	}
	if t.target == zone.GlobalName {
		t.say("%s operation is invalid for the global zone.", verb)
		return false
	}
	if zonecfg.ReservedName(t.target) {
		t.say("%s operation is invalid for zones starting with SUNW.", verb)
		return false
	}
	id, err := t.lookup(t.target)
	active := err == nil
	switch {
	case class == mustRun:
		if !active {
			t.say("not running")
		}
		return active
	case class == mustNot && active:
		state, err := t.stateWith(t.target, &id)
		text := state.String()
		if err != nil {
			t.sayState(t.target, err)
			text = "ready/running"
		}
		t.say("%s operation is invalid for %s zones.", verb, text)
		return false
	}
	var of *zone.ID
	if active {
		of = &id
	}
	state, err := t.stateWith(t.target, of)
	if err != nil {
		t.sayState(t.target, err)
		return false
	}
	return t.stateAllows(verb, state, force)
}

// stateAllows holds a verb against the state of the target.
func (t *Tool) stateAllows(verb string, state zonecfg.State, force bool) bool {
	refuse := func(format string, args ...any) bool {
		t.say(format, args...)
		return false
	}
	switch verb {
	case "uninstall":
		if state == zonecfg.Configured {
			return refuse("is already in state '%s'.", state)
		}
	case "attach", "install", "clone":
		if state == zonecfg.Installed {
			return refuse("is already %s.", state)
		}
		if state == zonecfg.Incomplete && !force {
			return refuse("zone is incomplete; uninstall required.")
		}
	case "boot", "mount":
		if force {
			if state < zonecfg.Incomplete {
				return refuse("must be %s before %s.", zonecfg.Incomplete, verb)
			}
			return true
		}
		fallthrough
	case "detach", "move", "ready":
		if state < zonecfg.Installed {
			return refuse("must be %s before %s.", zonecfg.Installed, verb)
		}
	case "verify":
		if state == zonecfg.Incomplete {
			return refuse("zone is incomplete; uninstall required.")
		}
	case "unmount":
		if state != zonecfg.Mounted {
			return refuse("must be %s before %s.", zonecfg.Mounted, verb)
		}
	case "sysboot":
		if state != zonecfg.Installed {
			return refuse("%s operation is invalid for %s zones.", verb, state)
		}
	}
	return true
}

// stateOf is the state of a zone.
func (m *Machine) stateOf(name string) (zonecfg.State, error) {
	if id, err := m.lookup(name); err == nil {
		return m.stateWith(name, &id)
	}
	return m.stateWith(name, nil)
}

// stateWith is stateOf for whoever has looked the zone up; id is nil for one that
// isn't active.
func (m *Machine) stateWith(name string, id *zone.ID) (zonecfg.State, error) {
	z := &Zone{Name: name}
	entry, entryErr := m.Store.Entry(name)
	if err := m.state(z, id, entry, entryErr); err != nil {
		return 0, err
	}
	return z.State, nil
}

// sayState is the diagnostic for a zone without a state.
func (t *Tool) sayState(name string, err error) {
	t.fail(&Failure{name, "could not get state", err})
}

// otherRoot prints that a verb doesn't work on another root, and tells that it is
// asked to.
func (t *Tool) otherRoot(verb string) bool {
	if !t.alternate() {
		return false
	}
	if verb == "shutdown" {
		verb = "shut down"
	}
	t.say("cannot %s zone in alternate root", verb)
	return true
}
