package rctl

import (
	"slices"
	"strings"
)

// GlobalFlags are the flags of a control (rctlblk_get_global_flags(3C)).
type GlobalFlags uint32

// The flags.
const (
	GlobalNoBasic       GlobalFlags = 0x80000000 // RCTL_GLOBAL_NOBASIC: it has no basic values
	GlobalLowerable     GlobalFlags = 0x40000000 // RCTL_GLOBAL_LOWERABLE: anybody may lower privileged values
	GlobalDenyAlways    GlobalFlags = 0x20000000 // RCTL_GLOBAL_DENY_ALWAYS: values must deny
	GlobalDenyNever     GlobalFlags = 0x10000000 // RCTL_GLOBAL_DENY_NEVER: values can't deny
	GlobalFileSize      GlobalFlags = 0x08000000 // RCTL_GLOBAL_FILE_SIZE: values may send SIGXFSZ
	GlobalCPUTime       GlobalFlags = 0x04000000 // RCTL_GLOBAL_CPU_TIME: values may send SIGXCPU
	GlobalSignalNever   GlobalFlags = 0x02000000 // RCTL_GLOBAL_SIGNAL_NEVER: values can't signal
	GlobalInfinite      GlobalFlags = 0x01000000 // RCTL_GLOBAL_INFINITE: the maximum means no limit
	GlobalUnobservable  GlobalFlags = 0x00800000 // RCTL_GLOBAL_UNOBSERVABLE: exceeding it goes unnoticed
	GlobalBytes         GlobalFlags = 0x00400000 // RCTL_GLOBAL_BYTES: counts bytes
	GlobalSeconds       GlobalFlags = 0x00200000 // RCTL_GLOBAL_SECONDS: counts seconds
	GlobalCount         GlobalFlags = 0x00100000 // RCTL_GLOBAL_COUNT: counts objects
	GlobalSyslogNever   GlobalFlags = 0x00080000 // RCTL_GLOBAL_SYSLOG_NEVER: exceeding it can't be logged
	GlobalSyslog        GlobalFlags = 0x00000001 // RCTL_GLOBAL_SYSLOG: the action to log that a value is exceeded
	globalActionMask                = 0x00000001
	globalFlagsOfAction             = GlobalFlags(globalActionMask)
)

// Control is a resource control as the kernel registers it.
type Control struct {
	Name  string      `json:"name"`
	Flags GlobalFlags `json:"flags"`
	Max   uint64      `json:"max"` // the largest limit
}

// controls are the controls of zones, in the order of abi.json.
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

// Controls returns the dictionary of zones' controls.
func Controls() []Control { return slices.Clone(controls[:]) }

// Lookup returns the control with a name from the dictionary, and whether there is one.
func Lookup(name string) (Control, bool) {
	for _, c := range controls {
		if c.Name == name {
			return c, true
		}
	}
	return Control{}, false
}

// System returns the system's own value, the last of every control: its maximum, which
// can't be changed.
func (c Control) System() Value {
	v := Value{Privilege: Systemic, Limit: c.Max, Flags: Maximal, Action: Deny, Recipient: -1}
	if c.Flags&GlobalDenyNever != 0 {
		v.Action = None
	}
	return v
}

// ValidName reports whether zonecfg(8) accepts the name for a zone's control: "zone."
// followed by letters and hyphens.
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

// Scale is the notation of a control's limits.
type Scale uint8

// The scales.
const (
	Plain    Scale = iota // a number
	Bytes                 // bytes, with K, M, G, T
	Hundreds              // hundredths of a CPU: a limit of 150 is "1.5"
)

// Alias is a property of zonecfg(8) that sets one value of a control.
type Alias struct {
	Name     string // of the property: "max-lwps", "swap"
	Resource string // that has the property: "capped-memory", "capped-cpu", "" for the zone
	Control  string // "zone.max-lwps"
	Action   Action // of the value, whose privilege is Privileged
	Min      uint64 // the smallest limit that it accepts
	Scale    Scale  // of its text
}

// MinGlobalSwap is the smallest swap cap in bytes that zonecfg(8) accepts for the global
// zone. For other zones it is the alias' Min.
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

// Aliases returns all aliases, in the order of zonecfg(8)'s info.
func Aliases() []Alias { return slices.Clone(aliases[:]) }

// LookupAlias returns the alias with a name, and whether there is one.
func LookupAlias(name string) (Alias, bool) {
	for _, a := range aliases {
		if a.Name == name {
			return a, true
		}
	}
	return Alias{}, false
}
