// Package errortest has errors that must be passed unchanged across every boundary
// between two processes, or between a host and the kernel.
package errortest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// cases are errors with the targets that errors.Is finds in them.
var cases = []struct {
	name string
	err  error
	is   []error
}{
	{"a number", errno.ENOENT, []error{errno.ENOENT, syscall.ENOENT, fs.ErrNotExist}},
	{"a number of the host", syscall.ELOOP, []error{errno.ELOOP, syscall.ELOOP}},
	{"a path", &fs.PathError{Op: "openat2", Path: "/zones/web/root", Err: syscall.ENOENT}, []error{errno.ENOENT, syscall.ENOENT, fs.ErrNotExist}},
	{"a path that exists", &fs.PathError{Op: "mkdir", Path: "/zones/web", Err: syscall.EEXIST}, []error{errno.EEXIST, syscall.EEXIST, fs.ErrExist}},
	{"a call", os.NewSyscallError("setns", syscall.EPERM), []error{errno.EPERM, syscall.EPERM, fs.ErrPermission}},
	{"a wrapped call", fmt.Errorf("zone root: %w", &fs.PathError{Op: "open", Path: "/x", Err: syscall.EACCES}), []error{errno.EACCES, fs.ErrPermission}},
	{"what is not supported", &zone.Error{Op: "zone_enter", ID: 3, Errno: errno.ENOTSUP}, []error{errno.ENOTSUP, errors.ErrUnsupported}},
	{"words", errors.New("the hook says no"), nil},
	{"a chain", &zone.Error{Op: "boot", Name: "web", Cause: &zone.Error{
		Op: "zone_create", Name: "web", Errno: errno.EBUSY, Ext: zone.ExtMounts, Text: "asked again", Cause: &zone.Error{
			Op: "open", Name: "/caf\u00e9 <&>", Errno: errno.ENOSPC}}}, []error{errno.EBUSY, errno.ENOSPC, syscall.ENOSPC}},
}

// Check passes errors across a boundary: cross returns the error as it arrives. A
// boundary may wrap the error.
func Check(t *testing.T, cross func(err error) error) {
	t.Helper()
	if err := cross(nil); err != nil {
		t.Errorf("no error becomes %v", err)
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Helper()
			want, out := zone.AsError(c.err), cross(c.err)
			var got *zone.Error
			if !errors.As(out, &got) {
				t.Fatalf("it comes out as %T, %v", out, out)
			}
			if !contains(got, want) {
				t.Errorf("%+v isn't in %+v", want, got)
			}
			if !strings.HasSuffix(got.Error(), want.Error()) {
				t.Errorf("%q doesn't end with %q", got, want)
			}
			for _, target := range c.is {
				if !errors.Is(out, target) {
					t.Errorf("%v (%T) isn't in %v", target, target, out)
				}
			}
			for _, other := range []error{errno.EXDEV, syscall.EXDEV, fs.ErrClosed} {
				if errors.Is(out, other) {
					t.Errorf("%v is in %v", other, out)
				}
			}
			if len(c.is) > 0 && zone.ErrnoOf(out) == 0 {
				t.Errorf("%v has no number", out)
			}
		})
	}
}

// contains reports whether an error is another or one of its causes. A number alone may
// have become that of the operation that failed.
func contains(e, want *zone.Error) bool {
	number := zone.Error{Errno: want.Errno}
	for ; e != nil; e = e.Cause {
		if reflect.DeepEqual(e, want) || *want == number && e.Errno == want.Errno {
			return true
		}
	}
	return false
}
