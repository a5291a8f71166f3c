package zones

import (
	"errors"
	"fmt"

	"github.com/gozones/zones/internal/zoneadm"
)

// Kinds of failures, for [errors.Is].
var (
	ErrNotConfigured = zoneadm.ErrNotConfigured // there is no zone of that name
	ErrPermission    = zoneadm.ErrPermission    // the caller lacks a privilege; the same as [os.ErrPermission]
	ErrState         = zoneadm.ErrState         // not allowed in the zone's state, or for this zone
	ErrVerify        = zoneadm.ErrVerify        // the configuration is invalid, or can't be used on this machine
	ErrMounted       = zoneadm.ErrMounted       // file systems are mounted below the zonepath
	ErrUsage         = zoneadm.ErrUsage         // invalid arguments for the verb or the brand
	ErrRefused       = zoneadm.ErrRefused       // the zone's daemon reports a failure
	// ErrTransient is an ErrState that may pass: the zone is incomplete, ready, mounted,
	// shutting_down or down, since another verb is taking it to another state, or since
	// something holds it. Retry for some time, then see [Zone.Holds].
	ErrTransient = zoneadm.ErrTransient
)

// StateError is in the chain of an [ErrState] that is because of the state of the zone.
type StateError = zoneadm.StateError

// Error is the error of a verb. Use [errors.As] with a *[zone.Error] to get the call that
// failed and its causes.
type Error struct {
	Zone   string
	Verb   string // the name of zoneadm(8)'s subcommand
	Reason string // one line; if it is empty, Err is the reason
	// Problems are the results of verifying the zone, for [ErrVerify].
	Problems []string
	// Status is the exit status of zoneadm(8) for this failure, or 0 if it has none.
	Status int
	Err    error // the cause; may be nil
}

// Error returns one line with the zone, the verb and the reason.
func (e *Error) Error() string {
	reason := e.Reason
	if reason == "" && e.Err != nil {
		reason = e.Err.Error()
	}
	return fmt.Sprintf("zone %s: %s: %s", e.Zone, e.Verb, reason)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// failed converts the error of a verb.
func failed(err error) error {
	var e *zoneadm.Error
	if !errors.As(err, &e) {
		return err
	}
	return &Error{Zone: e.Zone, Verb: string(e.Verb), Reason: e.Reason(), Problems: e.Problems, Status: e.Status, Err: e.Err}
}
