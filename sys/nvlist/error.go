package nvlist

import (
	"fmt"

	"github.com/gozones/zones/sys/errno"
)

// Error is the failure of an operation on a list: EINVAL for what a list can't
// hold, ENOENT for a pair that isn't there, ENOTSUP for a look-up by name in a
// list whose flags don't make names unique. errors.Is knows the errno.
type Error struct {
	Op     string // "add", "look up", "remove", "pack", "encode", "decode"
	Name   string // of the pair; in encode and decode the Go field
	Type   Type   // TypeUnknown where it doesn't matter
	Reason string // "" where the errno says it all
	Err    errno.Errno
}

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

func (e *Error) Unwrap() error { return e.Err }

// DecodeError says where and why packed bytes are not a list: EFAULT for bytes
// that contradict themselves or end too soon, ENOTSUP for an encoding or
// version that isn't known, EINVAL for no input and for too deep nesting.
type DecodeError struct {
	Offset int // in the input
	Reason string
	Err    errno.Errno
}

func (e *DecodeError) Error() string {
	return fmt.Sprintf("nvlist: offset %d: %s", e.Offset, e.Reason)
}

func (e *DecodeError) Unwrap() error { return e.Err }
