package rctl

import (
	"cmp"
	"fmt"
	"time"

	"github.com/gozones/zones/sys/errno"
)

// Privilege says who may change a value (rctl_priv_t).
type Privilege uint32

// The privileges.
const (
	Basic      Privilege = 0x01000000 // RCPRIV_BASIC: the owner of the process
	Privileged Privilege = 0x04000000 // RCPRIV_PRIVILEGED: processes with sys_resource
	Systemic   Privilege = 0x07000000 // RCPRIV_SYSTEM: can't be changed; it is the system's own
)

// String returns the privilege as prctl(1) prints it.
func (p Privilege) String() string {
	switch p {
	case Basic:
		return "basic"
	case Privileged:
		return "privileged"
	case Systemic:
		return "system"
	}
	return fmt.Sprintf("%d", int32(p))
}

// Action is what happens when a value is exceeded (rctlblk_get_local_action(3C)). Deny
// and Signal can be combined.
type Action uint32

// The actions.
const (
	None   Action = 0 // RCTL_LOCAL_NOACTION: nothing
	Signal Action = 1 // RCTL_LOCAL_SIGNAL: a signal is sent
	Deny   Action = 2 // RCTL_LOCAL_DENY: the request is denied
)

// LocalFlags are flags of a value (rctlblk_get_local_flags(3C)).
type LocalFlags uint32

// The flags.
const (
	Maximal   LocalFlags = 0x80000000 // RCTL_LOCAL_MAXIMAL: the largest value, which limits nothing
	ProjectDB LocalFlags = 0x40000000 // RCTL_LOCAL_PROJDB: set from project(5)
)

const (
	actionMask = 0x00000003
	flagsMask  = 0xc0000000
)

// Value is one value of a control (rctlblk_t).
type Value struct {
	Privilege Privilege     `json:"privilege"`
	Limit     uint64        `json:"limit"`
	Flags     LocalFlags    `json:"flags,omitempty"`
	Action    Action        `json:"action"`
	Signal    int32         `json:"signal,omitempty"`    // illumos signal number, with Action Signal
	Recipient int32         `json:"recipient,omitempty"` // process id that a basic value is of; -1 for none
	Fired     time.Duration `json:"fired,omitempty"`     // when it was last exceeded, since boot; 0 for never
}

// Limited returns a privileged value without a recipient, the kind that zones have.
func Limited(limit uint64, action Action) Value {
	return Value{Privilege: Privileged, Limit: limit, Action: action, Recipient: -1}
}

// Compare orders values as a control does: by limit, then privilege, then action and
// flags. It returns -1, 0 or 1.
func (v Value) Compare(w Value) int {
	return cmp.Or(cmp.Compare(v.Limit, w.Limit), cmp.Compare(v.Privilege, w.Privilege),
		cmp.Compare(v.flagAction(), w.flagAction()))
}

// flagAction returns flags and action in one word, as the kernel has them.
func (v Value) flagAction() uint32 { return uint32(v.Flags) | uint32(v.Action) }

// String returns the value as zonecfg(8) prints it.
func (v Value) String() string {
	return fmt.Sprintf("(priv=%s,limit=%d,action=%s)", v.Privilege, v.Limit, v.ActionString())
}

// ActionString returns the action as prctl(1) prints it: "none", "deny",
// "signal=TERM", "deny,signal=XCPU".
func (v Value) ActionString() string {
	signal := "signal=" + signalName(v.Signal)
	switch v.Action {
	case None:
		return "none"
	case Deny:
		return "deny"
	case Signal:
		return signal
	case Deny | Signal:
		return "deny," + signal
	}
	return fmt.Sprintf("%d", uint32(v.Action))
}

// CheckZone checks whether a zone can have the value: it must be privileged, with the
// action none or deny. Otherwise it returns an [*Error] with EINVAL.
func (v Value) CheckZone() error {
	switch {
	case v.Privilege != Privileged:
		return &Error{Value: &v, Reason: "a zone's values are privileged", Err: errno.EINVAL}
	case v.Action != None && v.Action != Deny:
		return &Error{Value: &v, Reason: "the action of a zone's value is none or deny", Err: errno.EINVAL}
	}
	return nil
}

// Error is the reason why a control or a value is refused. It wraps the errno.
type Error struct {
	Op      string // the call that failed: "getrctl", "setrctl", "unpack"; "" for none
	Control string // "zone.max-lwps"; "" if unknown
	Value   *Value // the value that is refused; nil for none
	Reason  string // "" if the errno's text is enough
	Err     errno.Errno
}

// Error names the call, the control, the value and the reason.
func (e *Error) Error() string {
	s := "rctl"
	if e.Op != "" {
		s = e.Op
	}
	if e.Control != "" {
		s += " " + e.Control
	}
	if e.Value != nil {
		s += " " + e.Value.String()
	}
	if e.Reason != "" {
		return s + ": " + e.Reason
	}
	return s + ": " + e.Err.Error()
}

// Unwrap returns the errno.
func (e *Error) Unwrap() error { return e.Err }
