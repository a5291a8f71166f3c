package zlogin

import (
	"encoding/json"
	"errors"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
)

// Exit statuses of zlogin(1) itself, when no command in the zone gave one.
const (
	ExitOK     = 0
	ExitFailed = 1
	ExitUsage  = 2
)

// Error says why there is no session, in the words of zlogin(1).
type Error struct {
	Text   string
	Err    error // the reason, if the text ends with it
	Status int   // exit status
	Usage  bool  // the usage follows the text, which may be empty
	// Missing are the privileges that the caller lacks, if that is the reason.
	Missing priv.Set

	kind error // zoneadm.ErrState and the like; nil if none fits
}

// Error is the diagnostic without the command's name.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Text
	}
	return e.Text + ": " + reason(e.Err)
}

// Unwrap returns the reason and the kind of the failure.
func (e *Error) Unwrap() (errs []error) {
	for _, err := range []error{e.Err, e.kind} {
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// failed returns an error that ends with a reason.
func failed(text string, err error) *Error { return &Error{Text: text, Err: err, Status: ExitFailed} }

// refused returns an error without a further reason.
func refused(text string) *Error { return &Error{Text: text, Status: ExitFailed} }

// of sets the kind of the failure.
func (e *Error) of(kind error) *Error {
	e.kind = kind
	return e
}

// reason is the system's text for an error number, or else the error's own text.
func reason(err error) string {
	if n, ok := errno.Of(err); ok {
		return n.Error()
	}
	return err.Error()
}

// MarshalJSON has the diagnostic, the reason's C name and the exit status.
func (e *Error) MarshalJSON() ([]byte, error) {
	out := struct {
		Error   string   `json:"error"`
		Errno   string   `json:"errno,omitempty"`
		Missing []string `json:"missing_privileges,omitempty"`
		Exit    int      `json:"exit"`
	}{e.Error(), "", e.Missing.List(), e.Status}
	if out.Error == "" {
		out.Error = "usage"
	}
	var n errno.Errno
	if errors.As(e.Err, &n) {
		out.Errno = n.Name()
	}
	return json.Marshal(out)
}
