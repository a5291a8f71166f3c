package nvlist

import (
	"fmt"

	"github.com/gozones/zones/sys/errno"
)

// Error is the failure of an operation on a list. It wraps the errno: EINVAL for a value
// that a list can't have, ENOENT for a pair that doesn't exist, ENOTSUP for a look-up by
// name in a list whose flags allow a name several times.
type Error struct {
	Op     string // "add", "look up", "remove", "read", "pack", "encode", "decode"
	Name   string // of the pair; the path of Go fields in encode and decode
	Type   Type   // of the pair; TypeUnknown if it doesn't matter
	Reason string // "" if the errno's text is enough
	Err    errno.Errno
}

// Error names the operation, the pair and the reason.
func (e *Error) Error() string {
	s := "nvlist: " + e.Op
	if e.Name != "" {
		s += fmt.Sprintf(" %.64q", e.Name)
	}
	if e.Type != TypeUnknown {
		s += " (" + e.Type.String() + ")"
	}
	if e.Reason != "" {
		return s + ": " + e.Reason
	}
	return s + ": " + e.Err.Error()
}

// Unwrap returns the errno.
func (e *Error) Unwrap() error { return e.Err }

// DecodeError is the reason why bytes are not a packed list. It wraps the errno: EFAULT
// for inconsistent or missing bytes, ENOTSUP for an unknown encoding or version, EINVAL
// for an empty input and for lists nested too deeply.
type DecodeError struct {
	Offset int // of the error in the input
	Reason string
	Err    errno.Errno
}

// Error names the offset and the reason.
func (e *DecodeError) Error() string {
	return fmt.Sprintf("nvlist: offset %d: %s", e.Offset, e.Reason)
}

// Unwrap returns the errno.
func (e *DecodeError) Unwrap() error { return e.Err }
