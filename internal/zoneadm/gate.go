package zoneadm

import (
	"errors"

	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// gateClass says whether a verb needs an active zone.
type gateClass int

const (
	mustRun   gateClass = iota // shutdown, reboot: only active zones
	mustNot                    // verbs on files: never active ones
	whichever                  // the daemon decides
)

// gate checks whether the caller may use the verb on the zone in its state. force is -f of
// boot and mount, and -U of attach.
func (t *Target) gate(class gateClass, force bool) error {
	if err := t.mayAsk(); err != nil {
		return err
	}
	state, active, err := t.stateOf(t.Name)
	switch {
	case class == mustRun && err == nil && active:
		return nil
	case class == mustRun && err == nil:
		return t.failed(&StateError{state}, plain("not running"))
	case class == mustRun:
		return t.failed(errors.Join(ErrState, err), plain("not running"))
	case err != nil:
		return t.failure("could not get state", err)
	case class == mustNot && active:
		return t.failed(&StateError{state}, plain("%s operation is invalid for %s zones.", t.verb, state))
	}
	if err := t.stateAllows(state, force); err != nil {
		return err
	}
	t.entered = &passage{class, force, state}
	return nil
}

// mayAsk checks the caller and the name of the zone.
func (t *Target) mayAsk() error {
	caller := t.Caller
	switch {
	case !caller.Global && t.verb.in(VerbHalt, VerbShutdown, VerbReboot):
		return t.failed(ErrPermission, plain("use %s(8) to %s this zone.", t.verb, t.verb))
	case !caller.Global:
		return t.failed(ErrPermission, plain("must be in the global zone to %s a zone.", t.verb))
	case !caller.Privileged:
		return t.failed(ErrPermission, plain("only a privileged user may %s a zone.", t.verb))
	case t.Name == "":
		return t.failed(ErrNotConfigured, plain("no zone specified"))
	case !caller.may("solaris.zone.manage/" + t.Name):
		return t.failed(ErrPermission, plain("User %s is not authorized to %s this zone.", caller.Name, t.verb))
	case t.Name == zone.GlobalName:
		return t.failed(ErrState, plain("%s operation is invalid for the global zone.", t.verb))
	case zonecfg.ReservedName(t.Name):
		return t.failed(ErrState, plain("%s operation is invalid for zones starting with SUNW.", t.verb))
	}
	return nil
}

// stateAllows checks the state of the zone.
func (t *Target) stateAllows(state zonecfg.State, force bool) error {
	refuse := func(format string, args ...any) error { return t.failed(&StateError{state}, plain(format, args...)) }
	switch t.verb {
	case VerbUninstall:
		if state == zonecfg.Configured {
			return refuse("is already in state '%s'.", state)
		}
	case VerbAttach, VerbInstall, VerbClone:
		if state == zonecfg.Installed {
			return refuse("is already %s.", state)
		}
		if state == zonecfg.Incomplete && !force {
			return refuse("zone is incomplete; uninstall required.")
		}
	case VerbBoot, VerbMount:
		if force {
			if state < zonecfg.Incomplete {
				return refuse("must be %s before %s.", zonecfg.Incomplete, t.verb)
			}
			return nil
		}
		fallthrough
	case VerbDetach, VerbMove, VerbReady:
		if state < zonecfg.Installed {
			return refuse("must be %s before %s.", zonecfg.Installed, t.verb)
		}
	case VerbVerify:
		if state == zonecfg.Incomplete {
			return refuse("zone is incomplete; uninstall required.")
		}
	case VerbUnmount:
		if state != zonecfg.Mounted {
			return refuse("must be %s before %s.", zonecfg.Mounted, t.verb)
		}
	case VerbSysboot:
		if state != zonecfg.Installed {
			return refuse("%s operation is invalid for %s zones.", t.verb, state)
		}
	}
	return nil
}

// enter begins a verb and passes the gate.
func (t *Target) enter(v Verb, class gateClass, force bool) error {
	if err := t.begin(v); err != nil {
		return err
	}
	return t.gate(class, force)
}

// reenter passes the gate again if the zone's state has changed since, while the verb
// waited for the zone's lock.
func (t *Target) reenter() error {
	if t.entered == nil {
		return nil
	}
	if entry, err := t.Store.Entry(t.Name); err == nil && entry.State == t.entered.state {
		return nil
	}
	t.forget()
	return t.gate(t.entered.class, t.entered.force)
}

// passage records how a verb has passed the gate.
type passage struct {
	class gateClass
	force bool
	state zonecfg.State
}

// begin begins a verb. Most verbs can't be used with an alternate root.
func (t *Target) begin(v Verb) error {
	t.verb, t.problems, t.entered = v, nil, nil
	if t.Alternate == "" || v.in(VerbVerify, VerbList, VerbHolds, VerbMark, VerbMount, VerbUnmount, VerbApply, VerbSysboot) {
		return nil
	}
	text := string(v)
	if v == VerbShutdown {
		text = "shut down"
	}
	return t.failed(ErrState, plain("cannot %s zone in alternate root", text))
}
