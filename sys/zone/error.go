package zone

import (
	"errors"
	"fmt"

	"github.com/gozones/zones/sys/errno"
)

// Error is a failed call: which, on which zone, and the kernel's answer.
// errors.Is finds the Errno and the host's syscall.Errno of the same name.
type Error struct {
	Op    string        // the call by its C name, "zone_boot"
	ID    ID            // the zone, where the call names one by id
	Name  string        // the zone, where the call names one by name
	Errno errno.Errno   // the illumos error number
	Ext   ExtendedError // of zone_create
}

// Error says the call, the zone and the reason: "zone_boot 3: Invalid argument (EINVAL)".
func (e *Error) Error() string {
	who := e.Name
	if who == "" && e.Op != "zone_list" && e.Op != "zone_version" {
		who = fmt.Sprint(int32(e.ID))
	}
	text := e.Op
	if who != "" {
		text += " " + who
	}
	text += fmt.Sprintf(": %s (%s)", e.Errno.Error(), e.Errno.Name())
	switch e.Ext {
	case ExtChrooted:
		text += ": the caller's root directory is not the system's"
	case ExtMounts:
		text += ": file systems are mounted below the zone's root, unmount them first"
	case ExtLabelInUse:
		text += ": another zone has this label"
	}
	return text
}

// Unwrap returns the error number.
func (e *Error) Unwrap() error { return e.Errno }

// ErrnoOf returns the illumos error number in err's chain, 0 when there is none.
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
