package zlogin

import (
	"encoding/json"
	"errors"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
)

// Exit statuses of zlogin(1) itself; a command's own status takes their place.
const (
	ExitOK     = 0
	ExitFailed = 1
	ExitUsage  = 2
)

// Error is why there is no session, in the words of zlogin(1).
type Error struct {
	Text   string
	Err    error // the reason, where the text ends with it
	Status int   // exit status
	Usage  bool  // the usage follows the text, which may be empty
	// Missing are the privileges that the caller hasn't got, where that is the reason.
	Missing priv.Set

	kind error // zoneadm.ErrState and the like, nil for none of them
}

// Error is the diagnostic without the command's name.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Text
	}
	return e.Text + ": " + reason(e.Err)
}

// Unwrap returns the reason, and what kind of failure it is.
func (e *Error) Unwrap() (errs []error) {
	for _, err := range []error{e.Err, e.kind} {
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// failed is an error with the reason behind it.
func failed(text string, err error) *Error { return &Error{Text: text, Err: err, Status: ExitFailed} }

// refused is an error that is its own reason.
func refused(text string) *Error { return &Error{Text: text, Status: ExitFailed} }

// of says what kind of failure it is.
func (e *Error) of(kind error) *Error {
	e.kind = kind
	return e
}

// reason is the system's text for an error number, or the error's own.
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
