package zone

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/gozones/zones/sys/errno"
)

// Error is a failed operation: the operation and its object, the error number, and in
// Cause the failure behind it, down to the system call that failed. It is the only
// error type that is passed between the processes of this project: its JSON has every
// field, so that it compares, unwraps and prints the same in the other process.
// Strings in it are UTF-8; [AsError] makes them so.
//
// [errors.Is] finds every number in the chain, as an [errno.Errno] and as the host's
// syscall.Errno of the same name; [errors.As] finds the outermost Error.
type Error struct {
	// Op is the operation, by its C name if it has one: "zone_boot", "mount",
	// "openat2". Empty for a failure that has only a text.
	Op string `json:"op,omitempty"`
	// ID is the zone, for operations of zone(2) that take an id.
	ID ID `json:"id,omitempty"`
	// Name is the object of the operation: a zone, a path, a link.
	Name string `json:"name,omitempty"`
	// Errno is the illumos error number, 0 for none.
	Errno errno.Errno `json:"errno,omitempty"`
	// Ext is the extended error of zone_create.
	Ext ExtendedError `json:"ext,omitempty"`
	// Text explains the failure: one line, lower case.
	Text string `json:"text,omitempty"`
	// Cause is the failure behind this one, nil for none.
	Cause *Error `json:"cause,omitempty"`
}

// Error returns one line, outermost failure first:
//
//	zone_boot 3: Invalid argument (EINVAL)
//	zone_create web: open_tree /zones/web/root: No such file or directory (ENOENT)
//
// A number that the cause also has is printed once, with the cause.
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
	if e.Errno != 0 || len(parts) == 0 { // the text is never empty
		parts = append(parts, number(e.Errno))
	}
	return strings.Join(parts, ": ")
}

func number(e errno.Errno) string { return e.Error() + " (" + e.Name() + ")" }

// subject returns the object of the operation: its name, or the zone's id if the
// operation takes one.
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

// text returns the explanation of an extended error, "" for ExtUnknown.
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

// Root returns the innermost cause: the call that failed first.
func (e *Error) Root() *Error {
	for e.Cause != nil {
		e = e.Cause
	}
	return e
}

// MaxCauses bounds [Error.Depth] of errors from another process.
const MaxCauses = 32

// DecodeError decodes an error that another process has encoded as JSON. It returns
// nil for no bytes and for null.
func DecodeError(raw []byte) (*Error, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	var e *Error
	if err := json.Unmarshal(raw, &e); err != nil {
		return nil, fmt.Errorf("error of another process: %w", err)
	}
	if e.Depth() > MaxCauses {
		return nil, fmt.Errorf("error of another process: more than %d causes", MaxCauses)
	}
	return e, nil
}

// Depth returns the length of the chain of causes, e included; 0 for nil.
func (e *Error) Depth() (n int) {
	for ; e != nil; e = e.Cause {
		n++
	}
	return n
}
