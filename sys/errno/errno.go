package errno

import (
	"errors"
	"strconv"
	"syscall"
)

// Errno is an illumos error number (<sys/errno.h>). The zero value means
// success and is never returned as an error. A few calls of zone(2) pass a raw
// failure value on, so numbers without a name, -1 among them, are possible.
type Errno int32

type entry struct{ name, text string }

// Error returns the text that strerror(3C) has for e, or "Error N" for a number
// without one.
func (e Errno) Error() string {
	if e > 0 && int(e) < len(table) && table[e].text != "" {
		return table[e].text
	}
	return "Error " + strconv.Itoa(int(e))
}

// Name returns the C name ("EINVAL"), or the number in decimal where it has none.
func (e Errno) Name() string {
	if e > 0 && int(e) < len(table) && table[e].name != "" {
		return table[e].name
	}
	return strconv.Itoa(int(e))
}

// Is reports whether target is the host's name for the same failure.
func (e Errno) Is(target error) bool {
	h, ok := target.(syscall.Errno)
	if !ok {
		return false
	}
	got, ok := fromHost(h)
	return ok && got == e
}

// Temporary reports whether the call may succeed when simply made again.
func (e Errno) Temporary() bool { return e == EINTR || e == EAGAIN || e == ERESTART }

// Parse returns the number that a C name stands for.
func Parse(name string) (Errno, bool) {
	if name == "EWOULDBLOCK" {
		return EWOULDBLOCK, true
	}
	for i := range table {
		if table[i].name == name && name != "" {
			return Errno(i), true
		}
	}
	return 0, false
}

// Of returns the illumos number in err's chain: an Errno as it is, a host's
// [syscall.Errno] translated by name. A host error without an illumos name is
// EIO. It reports false when err holds no error number at all.
func Of(err error) (Errno, bool) {
	var e Errno
	if errors.As(err, &e) {
		return e, true
	}
	var h syscall.Errno
	if errors.As(err, &h) {
		if e, ok := fromHost(h); ok {
			return e, true
		}
		return EIO, true
	}
	return 0, false
}
