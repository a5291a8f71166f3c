package errno

import (
	"errors"
	"io/fs"
	"strconv"
	"syscall"
)

// Errno is an illumos error number (<sys/errno.h>). The zero value means
// success and is never returned as an error. A few calls of zone(2) return a raw
// failure value as errno, so an Errno can be a number without a name, such as -1.
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

// Is reports whether target is the host's [syscall.Errno] of the same name, for
// [errors.Is], or what the standard library calls errors of that number:
// [fs.ErrNotExist], [fs.ErrExist], [fs.ErrPermission] or [errors.ErrUnsupported].
// EOPNOTSUPP, which is ENOTSUP on Linux, counts as ENOTSUP.
func (e Errno) Is(target error) bool {
	switch target {
	case fs.ErrNotExist:
		return e == ENOENT
	case fs.ErrExist:
		return e == EEXIST || e == ENOTEMPTY
	case fs.ErrPermission:
		return e == EACCES || e == EPERM
	case errors.ErrUnsupported:
		return e == ENOSYS || e == ENOTSUP
	}
	h, ok := target.(syscall.Errno)
	if !ok {
		return false
	}
	got, ok := fromHost(h)
	return ok && got == e
}

// Temporary reports whether the same call may succeed when repeated: EINTR, EAGAIN,
// ERESTART.
func (e Errno) Temporary() bool { return e == EINTR || e == EAGAIN || e == ERESTART }

// Parse returns the number with a C name ("EINVAL"), and whether there is one.
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

// Of returns the illumos number of err: the first [Errno] in its chain, or else the
// first [syscall.Errno], translated by name. A host's number whose name illumos doesn't
// have becomes EIO. The bool is false when the chain has no error number.
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
