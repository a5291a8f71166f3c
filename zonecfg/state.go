package zonecfg

import "github.com/gozones/zones/sys/zone"

// State is the state of a zone as the commands know it: what the index says, or
// what the kernel says of a zone that it has (zone_state_t).
type State int

// The states, in the order of their numbers.
const (
	Configured State = iota
	Incomplete
	Installed
	Ready
	Running
	ShuttingDown
	Down
	Mounted
)

var stateNames = [...]string{"configured", "incomplete", "installed", "ready", "running", "shutting_down", "down", "mounted"}

// String returns the name that lists show.
func (s State) String() string {
	if s < 0 || int(s) >= len(stateNames) {
		return "unknown"
	}
	return stateNames[s]
}

// onDisk parses a state that the index may hold.
func onDisk(name string) (State, bool) {
	for s := Configured; s <= Installed; s++ {
		if name == stateNames[s] {
			return s, true
		}
	}
	return 0, false
}

// KernelState is the state of a zone that the kernel has: a scratch zone, whose
// root ends in /lu, counts as mounted while it is ready.
func KernelState(s zone.Status, root string) State {
	switch {
	case s < zone.StatusReady:
		return Ready
	case s == zone.StatusReady:
		if n := len(root); n >= 3 && root[n-3:] == "/lu" {
			return Mounted
		}
		return Ready
	case s <= zone.StatusRunning:
		return Running
	case s <= zone.StatusEmpty:
		return ShuttingDown
	}
	return Down
}

// ValidName checks the syntax of a zone's name: a letter or digit, then letters,
// digits, '-', '_' and '.', 63 at most, and neither "global" nor beginning with
// SUNW.
func ValidName(name string) error {
	if name == "" || len(name) >= zone.NameMax || name == zone.GlobalName {
		return ErrBogusName
	}
	for i := range len(name) {
		switch c := name[i]; {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
		case i > 0 && (c == '-' || c == '_' || c == '.'):
		default:
			return ErrBogusName
		}
	}
	return nil
}
