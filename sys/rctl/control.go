package rctl

import (
	"slices"
	"strings"
)

// GlobalFlags are the properties of a control (the global flags of rctlblk_*).
type GlobalFlags uint32

const (
	GlobalNoBasic       GlobalFlags = 0x80000000 // RCTL_GLOBAL_NOBASIC: no basic values
	GlobalLowerable     GlobalFlags = 0x40000000 // RCTL_GLOBAL_LOWERABLE: privileged values may be lowered by anybody
	GlobalDenyAlways    GlobalFlags = 0x20000000 // RCTL_GLOBAL_DENY_ALWAYS: values must deny
	GlobalDenyNever     GlobalFlags = 0x10000000 // RCTL_GLOBAL_DENY_NEVER: values can't deny
	GlobalFileSize      GlobalFlags = 0x08000000 // RCTL_GLOBAL_FILE_SIZE: sends SIGXFSZ
	GlobalCPUTime       GlobalFlags = 0x04000000 // RCTL_GLOBAL_CPU_TIME: sends SIGXCPU
	GlobalSignalNever   GlobalFlags = 0x02000000 // RCTL_GLOBAL_SIGNAL_NEVER: values can't signal
	GlobalInfinite      GlobalFlags = 0x01000000 // RCTL_GLOBAL_INFINITE: the maximum means no limit
	GlobalUnobservable  GlobalFlags = 0x00800000 // RCTL_GLOBAL_UNOBSERVABLE: not watched
	GlobalBytes         GlobalFlags = 0x00400000 // RCTL_GLOBAL_BYTES: counts bytes
	GlobalSeconds       GlobalFlags = 0x00200000 // RCTL_GLOBAL_SECONDS: counts seconds
	GlobalCount         GlobalFlags = 0x00100000 // RCTL_GLOBAL_COUNT: counts things
	GlobalSyslogNever   GlobalFlags = 0x00080000 // RCTL_GLOBAL_SYSLOG_NEVER: can't be logged
	GlobalSyslog        GlobalFlags = 0x00000001 // RCTL_GLOBAL_SYSLOG, an action: exceeding is logged
	globalActionMask                = 0x00000001
	globalFlagsOfAction             = GlobalFlags(globalActionMask)
)

// Control is a resource control as the kernel registers it.
type Control struct {
	Name  string      `json:"name"`
	Flags GlobalFlags `json:"flags"`
	Max   uint64      `json:"max"` // the largest limit, value of the system's own
}

// Controls are the controls of zones, in the order in which their dictionary
// in abi.json lists them.
var controls = [...]Control{
	{"zone.cpu-shares", GlobalSignalNever | GlobalDenyNever | GlobalNoBasic | GlobalCount | GlobalSyslogNever, 65535},
	{"zone.cpu-cap", GlobalSignalNever | GlobalDenyAlways | GlobalNoBasic | GlobalCount | GlobalSyslogNever | GlobalInfinite, 4294967295},
	{"zone.max-lwps", GlobalNoBasic | GlobalCount, 2147483647},
	{"zone.max-processes", GlobalNoBasic | GlobalCount, 2147483647},
	{"zone.max-msg-ids", GlobalDenyAlways | GlobalNoBasic | GlobalCount, 1 << 24},
	{"zone.max-sem-ids", GlobalDenyAlways | GlobalNoBasic | GlobalCount, 1 << 24},
	{"zone.max-shm-ids", GlobalDenyAlways | GlobalNoBasic | GlobalCount, 1 << 24},
	{"zone.max-shm-memory", GlobalDenyAlways | GlobalNoBasic | GlobalBytes, 1<<64 - 1},
	{"zone.max-locked-memory", GlobalNoBasic | GlobalBytes | GlobalDenyAlways, 1<<64 - 1},
	{"zone.max-swap", GlobalNoBasic | GlobalBytes | GlobalDenyAlways, 1<<64 - 1},
	{"zone.max-lofi", GlobalNoBasic | GlobalCount | GlobalDenyAlways, 1<<64 - 1},
}

// Controls returns the dictionary: the controls that zones have.
func Controls() []Control { return slices.Clone(controls[:]) }

// Lookup returns the control of that name from the dictionary.
func Lookup(name string) (Control, bool) {
	for _, c := range controls {
		if c.Name == name {
			return c, true
		}
	}
	return Control{}, false
}

// System returns the value that every control ends with: its maximum, which
// nobody can change.
func (c Control) System() Value {
	v := Value{Privilege: Systemic, Limit: c.Max, Flags: Maximal, Action: Deny, Recipient: -1}
	if c.Flags&GlobalDenyNever != 0 {
		v.Action = None
	}
	return v
}

// ValidName reports whether zonecfg takes the name for that of a zone's
// control: "zone." and then letters and hyphens.
func ValidName(name string) bool {
	rest, ok := strings.CutPrefix(name, "zone.")
	if !ok || rest == "" {
		return false
	}
	for i := range len(rest) {
		if c := rest[i] | 0x20; (c < 'a' || c > 'z') && rest[i] != '-' {
			return false
		}
	}
	return true
}

// Scale says how the limits of a control are written.
type Scale uint8

const (
	Plain    Scale = iota // a number
	Bytes                 // a size: K, M, G, T
	Hundreds              // hundredths of something: 150 is 1.5 CPUs
)

// Alias is a short way to configure a control with zonecfg(8).
type Alias struct {
	Name     string // as zonecfg has it: "max-lwps", "swap"
	Resource string // "" for a property of the zone, or "capped-memory", "capped-cpu"
	Control  string
	Action   Action // of the value that the alias stands for; its privilege is Privileged
	Min      uint64 // the smallest limit that the alias takes
	Scale    Scale
}

// MinGlobalSwap is the smallest swap cap that zonecfg takes for the global
// zone; for other zones it is the alias' Min.
const MinGlobalSwap = 100 << 20

var aliases = [...]Alias{
	{"max-lwps", "", "zone.max-lwps", Deny, 100, Plain},
	{"max-processes", "", "zone.max-processes", Deny, 100, Plain},
	{"max-shm-memory", "", "zone.max-shm-memory", Deny, 0, Bytes},
	{"max-shm-ids", "", "zone.max-shm-ids", Deny, 0, Plain},
	{"max-msg-ids", "", "zone.max-msg-ids", Deny, 0, Plain},
	{"max-sem-ids", "", "zone.max-sem-ids", Deny, 0, Plain},
	{"cpu-shares", "", "zone.cpu-shares", None, 0, Plain},
	{"locked", "capped-memory", "zone.max-locked-memory", Deny, 0, Bytes},
	{"swap", "capped-memory", "zone.max-swap", Deny, 50 << 20, Bytes},
	{"ncpus", "capped-cpu", "zone.cpu-cap", Deny, 1, Hundreds},
}

// Aliases returns the short ways, in the order in which zonecfg shows them.
func Aliases() []Alias { return slices.Clone(aliases[:]) }

// LookupAlias returns the alias of that name.
func LookupAlias(name string) (Alias, bool) {
	for _, a := range aliases {
		if a.Name == name {
			return a, true
		}
	}
	return Alias{}, false
}
