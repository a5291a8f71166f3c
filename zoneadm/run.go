package zoneadm

import (
	"errors"
	"os"
	"strconv"
	"strings"

	"github.com/google/uuid"

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
	args, t.json = withoutJSON(args)
	options, operands := getopt(args, "u:z:R:", t.complain)
	var match string
	for _, o := range options {
		switch o.letter {
		case 'z':
			t.target = o.argument
		case 'u':
			match = o.argument
		case 'R':
			if status := t.setRoot(o.argument); status != ExitOK {
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
	if match != "" {
		id, err := uuid.Parse(match)
		if err != nil {
			t.say("illegal UUID value specified")
			return ExitFailed
		}
		t.matchUUID(id)
	}
	if t.target != "" && !t.exists(t.target) {
		name := t.target
		t.target = ""
		t.sayOf(name, zonecfg.ErrNoZone)
		return ExitFailed
	}
	t.held = os.Getenv(lockHeld) == "1"
	if t.target != "" && t.target != zone.GlobalName {
		if _, err := t.Store.Load(t.target); err != nil {
			t.detail(err)
			t.say("missing or invalid brand")
			return ExitFailed
		}
	}
	v := lookupVerb(operands[0])
	if v == nil {
		t.usage(t.Err, false)
		return ExitUsage
	}
	return v.run(t, operands[1:])
}

// detail says where a file is wrong, which the system's commands don't.
func (t *Tool) detail(err error) {
	var broken *zonecfg.Error
	if errors.As(err, &broken) && broken.File != "" && broken.Line > 0 {
		t.raw("%s: %v", t.Prog, err)
	}
}

// withoutJSON takes the long option that asks for JSON out of a command line. It
// may stand before and after the verb, but not behind "--".
func withoutJSON(args []string) (rest []string, asked bool) {
	for i, arg := range args {
		switch arg {
		case "--":
			return append(rest, args[i:]...), asked
		case "--json":
			asked = true
		default:
			rest = append(rest, arg)
		}
	}
	return rest, asked
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
	if len(root) > 1 {
		t.root = root
		t.Store = zonecfg.Open(root, t.RunDir)
	}
	return ExitOK
}

// matchUUID makes the zone of that UUID the target, if there is one.
func (t *Tool) matchUUID(id uuid.UUID) {
	if id == uuid.Nil {
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

// exists tells that a target is an active zone, by name or by id, or has a file
// that can be read.
func (t *Tool) exists(name string) bool {
	if _, err := t.Kernel.Lookup(name); err == nil {
		return true
	}
	if id, err := strconv.ParseInt(name, 0, 32); err == nil {
		if _, err := zone.StatusOf(t.Kernel, zone.ID(id)); err == nil {
			return true
		}
	}
	_, err := t.Store.Load(name)
	if err != nil {
		t.detail(err)
	}
	return err == nil || name == zone.GlobalName
}
