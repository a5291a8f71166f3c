package zone

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/rctl"
)

// AsError converts any error to an Error without loss: operations, paths and numbers
// of the standard library's errors become fields, and an error that wraps another
// becomes an Error with that as its Cause. It returns an *Error unchanged, and nil for
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
		return within(&Error{Op: err.Op, Name: line(err.Path)}, err.Err)
	case *os.LinkError:
		return within(&Error{Op: err.Op, Name: line(err.Old + " -> " + err.New)}, err.Err)
	case *os.SyscallError:
		return within(&Error{Op: err.Syscall}, err.Err)
	case *rctl.Error:
		return ofControl(err)
	}
	inner := errors.Unwrap(err)
	if inner == nil {
		return plain(err)
	}
	words, wraps := strings.CutSuffix(err.Error(), inner.Error())
	if !wraps {
		return &Error{Text: line(err.Error()), Errno: ErrnoOf(inner)} // it already includes the inner error's text
	}
	words = strings.TrimRight(words, ": ")
	if words == "" {
		return AsError(inner)
	}
	return within(&Error{Text: line(words)}, inner)
}

// within makes cause the cause of e, or only its number if it has nothing else.
func within(e *Error, cause error) *Error {
	inner := AsError(cause)
	if inner != nil && *inner == (Error{Errno: inner.Errno}) {
		e.Errno = inner.Errno
		return e
	}
	e.Cause = inner
	return e
}

// ofControl converts an error of a resource control.
func ofControl(err *rctl.Error) *Error {
	e := &Error{Op: err.Op, Name: err.Control, Text: line(err.Reason), Errno: err.Err}
	if e.Op == "" {
		e.Op = "rctl"
	}
	if err.Value != nil {
		e.Name = strings.TrimSpace(e.Name + " " + err.Value.String())
	}
	return e
}

// plain converts an error that wraps no error or several: a host's error number
// becomes that number, any other error its text with the first number in it.
func plain(err error) *Error {
	e, numbered := errno.Of(err)
	if numbered && e.Is(err) {
		return &Error{Errno: e}
	}
	return &Error{Text: line(err.Error()), Errno: e}
}

// line converts a text to one line, and writes control characters and bytes that
// aren't UTF-8 as \xNN: errors are printed on terminals and encoded as JSON.
func line(text string) string {
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
	control := func(r rune) bool { return unicode.IsControl(r) && r != '\t' }
	if utf8.ValidString(text) && strings.IndexFunc(text, control) < 0 {
		return text
	}
	var b strings.Builder
	for len(text) > 0 {
		r, n := utf8.DecodeRuneInString(text)
		if r == utf8.RuneError && n == 1 || control(r) {
			for _, c := range []byte(text[:n]) {
				fmt.Fprintf(&b, `\x%02x`, c)
			}
		} else {
			b.WriteString(text[:n])
		}
		text = text[n:]
	}
	return b.String()
}

// ErrnoOf returns the first illumos error number in err's chain, 0 when there is none.
func ErrnoOf(err error) errno.Errno {
	if err == nil {
		return 0
	}
	n, _ := errno.Of(err)
	return n
}

// ErrNotSupported is in the chain of errors about something that this kernel or host
// doesn't have; the error's text says what does.
var ErrNotSupported = errors.ErrUnsupported
