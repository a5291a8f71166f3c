package zones

import (
	"errors"
	"fmt"

	"github.com/gozones/zones/internal/zoneadm"
)

// What kinds of failures a program may want to tell apart with [errors.Is].
var (
	ErrNotConfigured = zoneadm.ErrNotConfigured // there is no zone of that name
	ErrPermission    = zoneadm.ErrPermission    // the caller may not do this; it is [os.ErrPermission]
	ErrState         = zoneadm.ErrState         // the zone is in no state for it
	ErrVerify        = zoneadm.ErrVerify        // the configuration can't be made true here
	ErrMounted       = zoneadm.ErrMounted       // file systems are mounted below the zonepath
	ErrUsage         = zoneadm.ErrUsage         // arguments that the verb or the brand doesn't take
	ErrRefused       = zoneadm.ErrRefused       // the zone's daemon could not do it
)

// Error is why a verb failed. With [errors.As] it may be asked for a *[zone.Error]: the
// calls that failed, down to the one that the machine refused.
type Error struct {
	Zone   string
	Verb   string // by the name that zoneadm(8) has for it
	Reason string // in words, one line; "": Err says it
	// Problems are what verifying the zone has found, for [ErrVerify].
	Problems []string
	// Status is the exit status that zoneadm(8) has for the failure, 0 for a failure
	// that isn't one of its.
	Status int
	Err    error // the cause, nil where nothing more is known
}

// Error is one line: the zone, the verb and the reason.
func (e *Error) Error() string {
	reason := e.Reason
	if reason == "" && e.Err != nil {
		reason = e.Err.Error()
	}
	return fmt.Sprintf("zone %s: %s: %s", e.Zone, e.Verb, reason)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// failed is the error for programs of one that a verb has returned.
func failed(err error) error {
	var e *zoneadm.Error
	if !errors.As(err, &e) {
		return err
	}
	return &Error{Zone: e.Zone, Verb: string(e.Verb), Reason: e.Reason(), Problems: e.Problems, Status: e.Status, Err: e.Err}
}
