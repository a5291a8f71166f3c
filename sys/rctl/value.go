package rctl

import (
	"cmp"
	"fmt"
	"time"

	"github.com/gozones/zones/sys/errno"
)

// Privilege says who may change a value (rctl_priv_t).
type Privilege uint32

const (
	Basic      Privilege = 0x01000000 // RCPRIV_BASIC: the owner of the process
	Privileged Privilege = 0x04000000 // RCPRIV_PRIVILEGED: who has sys_resource
	Systemic   Privilege = 0x07000000 // RCPRIV_SYSTEM: nobody, the system's own limit
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

// Action is what happens when a value is exceeded: the low bits of the local
// action of getrctl(2). Deny and Signal may come together.
type Action uint32

const (
	None   Action = 0 // RCTL_LOCAL_NOACTION
	Signal Action = 1 // RCTL_LOCAL_SIGNAL: a signal is sent
	Deny   Action = 2 // RCTL_LOCAL_DENY: the request is denied
)

// LocalFlags are the properties of a value besides its action.
type LocalFlags uint32

const (
	Maximal   LocalFlags = 0x80000000 // RCTL_LOCAL_MAXIMAL: the largest value possible, no limit
	ProjectDB LocalFlags = 0x40000000 // RCTL_LOCAL_PROJDB: comes from project(5)
)

const (
	actionMask = 0x00000003
	flagsMask  = 0xc0000000
)

// Value is one value of a control (what rctlblk_t holds). The zero value of
// Recipient names process 0; values without one have -1.
type Value struct {
	Privilege Privilege     `json:"privilege"`
	Limit     uint64        `json:"limit"`
	Flags     LocalFlags    `json:"flags,omitempty"`
	Action    Action        `json:"action"`
	Signal    int32         `json:"signal,omitempty"`    // with Action Signal: illumos number
	Recipient int32         `json:"recipient,omitempty"` // process the value belongs to, -1 for none
	Fired     time.Duration `json:"fired,omitempty"`     // since boot when it last was exceeded, 0 never
}

// Limited returns the value that zones are given: privileged, with no recipient.
func Limited(limit uint64, action Action) Value {
	return Value{Privilege: Privileged, Limit: limit, Action: action, Recipient: -1}
}

// Compare orders values as a control holds them: by limit, then privilege, then
// action and flags.
func (v Value) Compare(w Value) int {
	return cmp.Or(cmp.Compare(v.Limit, w.Limit), cmp.Compare(v.Privilege, w.Privilege),
		cmp.Compare(v.flagAction(), w.flagAction()))
}

// flagAction returns flags and action in the one word that the kernel keeps.
func (v Value) flagAction() uint32 { return uint32(v.Flags) | uint32(v.Action) }

// String returns the value as zonecfg writes it.
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

// CheckZone tells whether the value may be given to a zone: privileged, and
// either none or deny. EINVAL otherwise.
func (v Value) CheckZone() error {
	switch {
	case v.Privilege != Privileged:
		return &Error{Value: &v, Reason: "a zone's values are privileged", Err: errno.EINVAL}
	case v.Action != None && v.Action != Deny:
		return &Error{Value: &v, Reason: "the action of a zone's value is none or deny", Err: errno.EINVAL}
	}
	return nil
}

// Error is why a control or a value isn't accepted. errors.Is knows the errno.
type Error struct {
	Op      string // "" or the call that failed: "getrctl", "setrctl", "unpack"
	Control string // "zone.max-lwps", or "" when it isn't known
	Value   *Value
	Reason  string // "" where the errno says it all
	Err     errno.Errno
}

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

func (e *Error) Unwrap() error { return e.Err }
