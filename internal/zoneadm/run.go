package zoneadm

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/gozones/zones/internal/getopt"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// Run is the command line after the command's name. What it answers is the exit
// status; diagnostics are on Err.
func (t *Tool) Run(args []string) int {
	if t.Caller.Name == "" {
		t.say("could not get user name.")
		return ExitFailed
	}
	if t.process != nil {
		if err := t.process(); err != nil {
			t.say("could not change directory to /.")
			return ExitFailed
		}
	}
	const letters = "u:z:R:"
	args, t.json = withoutJSON(args, letters)
	options, operands := getopt.Parse(args, letters, t.complain)
	var match string
	for _, o := range options {
		switch o.Letter {
		case 'z':
			t.target = o.Argument
		case 'u':
			match = o.Argument
		case 'R':
			if status := t.setRoot(o.Argument); status != ExitOK {
				return status
			}
		default:
			t.usage(t.Out, true)
			return ExitUsage
		}
	}
	if len(operands) == 0 {
		t.usage(t.Err, false)
		return ExitUsage
	}
	v := lookupVerb(operands[0])
	if v != nil && v.daemon {
		t.prepare()
	}
	if (t.target != "" || match != "" || v != nil && v.name != "help") && !t.connect() {
		return ExitFailed
	}
	if match != "" {
		id, err := zonecfg.ParseUUID(match)
		if err != nil {
			t.say("illegal UUID value specified")
			return ExitFailed
		}
		t.matchUUID(id)
	}
	if t.target != "" {
		if err := t.exists(t.target); err != nil {
			t.raw("%s: %s: %v%s", t.Prog, t.target, zonecfg.ErrNoZone, detail(err))
			return ExitFailed
		}
	}
	if t.Kernel != nil && !t.Inside {
		if status := t.brands(); status != ExitOK {
			return status
		}
	}
	if v == nil {
		t.usage(t.Err, false)
		return ExitUsage
	}
	return t.do(v, operands[1:])
}

// prepare has the target's zoneadmd start already, where it will be needed if nothing
// is wrong with the zone: a process takes longer to start than a zone to be verified.
func (t *Tool) prepare() {
	d, ok := t.Daemon.(*Doors)
	if !ok || t.target == "" || !t.Caller.Privileged || zonecfg.ValidName(t.target) != nil {
		return
	}
	if entry, err := t.Store.Entry(t.target); err == nil && entry.State == zonecfg.Installed {
		d.Prepare(t.target)
	}
}

// brands checks that the brand of zones without one is known, and the target's.
func (t *Tool) brands() int {
	if _, err := t.Store.DefaultBrand(); err != nil {
		t.say("unable to determine default brand%s", detail(err))
		return ExitFailed
	}
	if t.target == "" || t.target == zone.GlobalName {
		return ExitOK
	}
	if _, err := t.Store.Load(t.target); err != nil {
		t.say("missing or invalid brand%s", detail(err))
		return ExitFailed
	}
	return ExitOK
}

// do runs a verb.
func (t *Tool) do(v *verb, args []string) int {
	if v.json {
		var asked bool
		args, asked = withoutJSON(args, "")
		t.json = t.json || asked
	} else if t.json {
		t.say("%s prints no JSON: --json is for list and host", v.name)
		return ExitUsage
	}
	return v.run(t, args)
}

// detail is where a file is wrong, in brackets; the system's commands don't tell.
func detail(err error) string {
	var broken *zonecfg.Error
	if errors.As(err, &broken) && broken.File != "" && broken.Line > 0 {
		return fmt.Sprintf(" (%v)", broken)
	}
	return ""
}

// setRoot has the command work on the zones of another root.
func (t *Tool) setRoot(root string) int {
	if !strings.HasPrefix(root, "/") {
		t.say("root path must be absolute.")
		return ExitFailed
	}
	if info, err := os.Stat(root); err != nil || !info.IsDir() {
		t.say("root path must be a directory.")
		return ExitFailed
	}
	if len(root) == 1 {
		t.Alternate = ""
		return ExitOK
	}
	t.Alternate = root
	t.Store = zonecfg.Open(root, t.RunDir) // which puts the root before both
	if d, ok := t.Daemon.(*Doors); ok {
		d.Root = root
	}
	return ExitOK
}

// matchUUID makes the zone of that UUID the target, if there is one.
func (t *Tool) matchUUID(id zonecfg.UUID) {
	if id == (zonecfg.UUID{}) {
		return
	}
	entries, err := t.Store.Entries()
	if err != nil {
		return
	}
	for _, e := range entries {
		if e.UUID == id {
			t.target = e.Name
			return
		}
	}
}

// exists is nil when a target is an active zone, by name or by id, or has a file
// that can be read.
func (t *Tool) exists(name string) error {
	if _, err := t.lookup(name); err == nil {
		return nil
	}
	if id, ok := cNumber(name); ok {
		if _, err := zone.StatusOf(t.Kernel, zone.ID(id)); err == nil {
			return nil
		}
	}
	if t.Inside {
		return zonecfg.ErrNoZone
	}
	_, err := t.Store.Load(name)
	return err
}

// cNumber reads a number as C writes it: with 0x before sixteens and 0 before eights.
func cNumber(text string) (int32, bool) {
	if strings.ContainsAny(text, "_bBoO") {
		return 0, false // Go has more ways to write numbers
	}
	n, err := strconv.ParseInt(text, 0, 32)
	return int32(n), err == nil
}
