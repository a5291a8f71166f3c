package zone

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/gozones/zones/sys/errno"
)

// Error is a failure with its whole story: the operation, what it was about, the
// error number, and in Cause the failure behind it, down to the call that the machine
// refused. It is the one error type that passes between the processes of this
// project; its JSON keeps all of it, so that it compares, unwraps and prints the same
// on the other side.
//
// [errors.Is] finds every number in the chain, as an [errno.Errno] and as the host's
// syscall.Errno of the same name; [errors.As] finds the outermost Error.
type Error struct {
	// Op is the operation by its C name where it has one: "zone_boot", "mount",
	// "openat2". Empty for a failure that only has words.
	Op string `json:"op,omitempty"`
	// ID is the zone, for operations of zone(2) that name one by its id.
	ID ID `json:"id,omitempty"`
	// Name is what the operation was about where that has a name: a zone, a path, a
	// link, an attribute.
	Name string `json:"name,omitempty"`
	// Errno is the illumos error number; 0 for a failure without one of its own.
	Errno errno.Errno `json:"errno,omitempty"`
	// Ext is the extended error of zone_create.
	Ext ExtendedError `json:"ext,omitempty"`
	// Text says more in words: one line, lower case.
	Text string `json:"text,omitempty"`
	// Cause is the failure behind this one, nil for none.
	Cause *Error `json:"cause,omitempty"`
}

// Error is one line, outermost failure first:
//
//	zone_boot 3: Invalid argument (EINVAL)
//	zone_create web: open_tree /zones/web/root: No such file or directory (ENOENT)
//
// A number that the cause has too is told once, with the cause.
func (e *Error) Error() string {
	var parts []string
	if what := strings.TrimSpace(e.Op + " " + e.subject()); what != "" {
		parts = append(parts, what)
	}
	if e.Text != "" {
		parts = append(parts, e.Text)
	}
	if text := e.Ext.text(); text != "" {
		parts = append(parts, text)
	}
	if e.Cause != nil {
		if e.Errno != 0 && ErrnoOf(e.Cause) != e.Errno {
			parts = append(parts, number(e.Errno))
		}
		return strings.Join(append(parts, e.Cause.Error()), ": ")
	}
	if e.Errno != 0 || len(parts) == 0 { // an error is never without words
		parts = append(parts, number(e.Errno))
	}
	return strings.Join(parts, ": ")
}

func number(e errno.Errno) string { return e.Error() + " (" + e.Name() + ")" }

// subject is what the operation was about: a zone's id is only told of operations
// that have one.
func (e *Error) subject() string {
	switch {
	case e.Name != "":
		return e.Name
	case e.ID != GlobalID:
		return fmt.Sprint(int32(e.ID))
	case strings.HasPrefix(e.Op, "zone_") && e.Op != "zone_list" && e.Op != "zone_version":
		return fmt.Sprint(int32(e.ID))
	}
	return ""
}

// text says what an extended error means, "" for one that adds nothing.
func (x ExtendedError) text() string {
	switch x {
	case ExtChrooted:
		return "the caller's root directory is not the system's"
	case ExtMounts:
		return "file systems are mounted below the zone's root, unmount them first"
	case ExtLabelInUse:
		return "another zone has this label"
	}
	return ""
}

// Unwrap returns the error number and the cause.
func (e *Error) Unwrap() []error {
	var all []error
	if e.Errno != 0 {
		all = append(all, e.Errno)
	}
	if e.Cause != nil {
		all = append(all, e.Cause)
	}
	return all
}

// Root is the innermost cause: the call that failed first.
func (e *Error) Root() *Error {
	for e.Cause != nil {
		e = e.Cause
	}
	return e
}

// causesMax bounds how deep the causes of an error from another process may go.
const causesMax = 32

// DecodeError reads an error that another process has written as JSON; nil bytes, or
// null, are no error.
func DecodeError(raw []byte) (*Error, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	var e *Error
	if err := json.Unmarshal(raw, &e); err != nil {
		return nil, fmt.Errorf("error of another process: %w", err)
	}
	if e.depth() > causesMax {
		return nil, fmt.Errorf("error of another process: more than %d causes", causesMax)
	}
	return e, nil
}

// depth is how many failures stand one behind the other.
func (e *Error) depth() (n int) {
	for ; e != nil; e = e.Cause {
		n++
	}
	return n
}

// AsError makes an Error of any failure, with nothing lost: operations, paths and
// numbers of the standard library's errors become fields, what wraps another error
// becomes an Error with that as its Cause. An *Error is returned as it is, and nil for
// nil.
func AsError(err error) *Error {
	switch err := err.(type) {
	case nil:
		return nil
	case *Error:
		return err
	case errno.Errno:
		return &Error{Errno: err}
	case *fs.PathError:
		return within(&Error{Op: err.Op, Name: err.Path}, err.Err)
	case *os.LinkError:
		return within(&Error{Op: err.Op, Name: err.Old + " -> " + err.New}, err.Err)
	case *os.SyscallError:
		return within(&Error{Op: err.Syscall}, err.Err)
	}
	inner := errors.Unwrap(err)
	if inner == nil {
		return plain(err)
	}
	words, wraps := strings.CutSuffix(err.Error(), inner.Error())
	if !wraps {
		return within(&Error{Text: line(err.Error())}, inner).onlyNumber()
	}
	words = strings.TrimRight(words, ": ")
	if words == "" {
		return AsError(inner)
	}
	return within(&Error{Text: line(words)}, inner)
}

// within puts what is behind e into it: a bare number as its own.
func within(e *Error, cause error) *Error {
	inner := AsError(cause)
	if inner != nil && *inner == (Error{Errno: inner.Errno}) {
		e.Errno = inner.Errno
		return e
	}
	e.Cause = inner
	return e
}

// onlyNumber is for an error whose text already tells its cause's.
func (e *Error) onlyNumber() *Error {
	if e.Cause != nil {
		e.Errno, e.Cause = ErrnoOf(e.Cause), nil
	}
	return e
}

// plain is an error that wraps nothing, or several: a number of the host's as that
// number, else the text, with the first number in it.
func plain(err error) *Error {
	e, numbered := errno.Of(err)
	if numbered && (e.Is(err)) {
		return &Error{Errno: e}
	}
	return &Error{Text: line(err.Error()), Errno: e}
}

// line is a text of several lines as one.
func line(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
}

// ErrnoOf returns the first illumos error number in err's chain, 0 when there is none.
func ErrnoOf(err error) errno.Errno {
	if err == nil {
		return 0
	}
	n, _ := errno.Of(err)
	return n
}

// ErrNotSupported is in the chain of errors about something that this kernel,
// host or machine hasn't got; the error's text says which has.
var ErrNotSupported = errors.ErrUnsupported
