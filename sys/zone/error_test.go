package zone

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/rctl"
)

// story is an error with every kind of link in it.
func story() *Error {
	return &Error{Op: "boot", Name: "web", Cause: &Error{
		Op: "zone_create", Name: "web", Errno: errno.EBUSY, Ext: ExtMounts, Text: "asked again", Cause: &Error{
			Op: "openat2", Name: "/zones/web/root", Errno: errno.ENOENT}}}
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		err  *Error
		want string
	}{
		{"a call on a zone", &Error{Op: "zone_boot", ID: 3, Errno: errno.EINVAL}, "zone_boot 3: Invalid argument (EINVAL)"},
		{"the global zone", &Error{Op: "zone_boot", Errno: errno.EPERM}, "zone_boot 0: Not owner (EPERM)"},
		{"a call without a zone", &Error{Op: "zone_list", Errno: errno.EFAULT}, "zone_list: Bad address (EFAULT)"},
		{"words only", &Error{Text: "no such brand"}, "no such brand"},
		{"an operation", &Error{Op: "x"}, "x"},
		{"nothing", &Error{}, "Error 0 (0)"},
		{"the cause's number is told once", &Error{Op: "zone_create", Name: "web", Errno: errno.ENOENT, Cause: &Error{Op: "open", Name: "/x", Errno: errno.ENOENT}},
			"zone_create web: open /x: No such file or directory (ENOENT)"},
		{"all of it", story(), "boot web: zone_create web: asked again: file systems are mounted below the zone's root, unmount them first: " +
			"Device busy (EBUSY): openat2 /zones/web/root: No such file or directory (ENOENT)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.err.Error(); got != c.want {
				t.Errorf("%q\nnot %q", got, c.want)
			}
		})
	}
}

func TestErrorAcrossProcesses(t *testing.T) {
	t.Parallel()
	want := story()
	raw, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeError(raw)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%+v, %v", got, err)
	}
	if got.Error() != want.Error() {
		t.Errorf("%q, not %q", got, want)
	}
	for _, number := range []error{errno.EBUSY, errno.ENOENT, syscall.EBUSY, syscall.ENOENT} {
		if !errors.Is(got, number) {
			t.Errorf("%v isn't in it", number)
		}
	}
	if errors.Is(got, errno.EPERM) {
		t.Error("EPERM is in it")
	}
	if root := got.Root(); root.Op != "openat2" {
		t.Errorf("it began with %v", root)
	}
	deep := strings.Repeat(`{"cause":`, 100) + "null" + strings.Repeat("}", 100)
	if e, err := DecodeError([]byte(deep)); err == nil {
		t.Errorf("a hundred causes are read: %v", e)
	}
}

func TestAsError(t *testing.T) {
	t.Parallel()
	noFile := &fs.PathError{Op: "open", Path: "/x", Err: syscall.ENOENT}
	open := &Error{Op: "open", Name: "/x", Errno: errno.ENOENT}
	for _, c := range []struct {
		name string
		err  error
		want *Error
	}{
		{"nil", nil, nil},
		{"itself", story(), story()},
		{"an illumos number", errno.EBUSY, &Error{Errno: errno.EBUSY}},
		{"a host's number", syscall.ELOOP, &Error{Errno: errno.ELOOP}},
		{"a path", noFile, open},
		{"a link", &os.LinkError{Op: "rename", Old: "a", New: "b", Err: syscall.EXDEV}, &Error{Op: "rename", Name: "a -> b", Errno: errno.EXDEV}},
		{"a call", os.NewSyscallError("setns", syscall.EPERM), &Error{Op: "setns", Errno: errno.EPERM}},
		{"wrapped", fmt.Errorf("zone root: %w", noFile), &Error{Text: "zone root", Cause: open}},
		{"wrapped twice", fmt.Errorf("a: %w", fmt.Errorf("b: %w", syscall.EIO)), &Error{Text: "a", Cause: &Error{Text: "b", Errno: errno.EIO}}},
		{"a number in the middle", fmt.Errorf("ended (%w) too early", syscall.EIO), &Error{Text: "ended (" + syscall.EIO.Error() + ") too early", Errno: errno.EIO}},
		{"a path that isn't UTF-8", &fs.PathError{Op: "open", Path: "/caf\xe9\x1b[1m", Err: syscall.ENOENT}, &Error{Op: "open", Name: `/caf\xe9\x1b[1m`, Errno: errno.ENOENT}},
		{"a resource control", &rctl.Error{Op: "setrctl", Control: "zone.max-lwps", Value: &rctl.Value{Privilege: rctl.Privileged, Limit: 7, Action: rctl.Deny}, Err: errno.EPERM},
			&Error{Op: "setrctl", Name: "zone.max-lwps (priv=privileged,limit=7,action=deny)", Errno: errno.EPERM}},
		{"a control that can't be read", &rctl.Error{Control: "zone.none", Reason: "no such control", Err: errno.EINVAL},
			&Error{Op: "rctl", Name: "zone.none", Text: "no such control", Errno: errno.EINVAL}},
		{"words", errors.New("two\nlines"), &Error{Text: "two; lines"}},
		{"several", errors.Join(noFile, syscall.EIO), &Error{Text: "open /x: " + syscall.ENOENT.Error() + "; " + syscall.EIO.Error(), Errno: errno.ENOENT}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := AsError(c.err)
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("%#v, not %#v", got, c.want)
			}
			if c.err != nil && ErrnoOf(got) != ErrnoOf(c.err) {
				t.Errorf("its number is %v, not %v", ErrnoOf(got), ErrnoOf(c.err))
			}
		})
	}
}

func FuzzDecodeError(f *testing.F) {
	raw, _ := json.Marshal(story())
	f.Add(raw)
	f.Add([]byte("null"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := DecodeError(raw)
		if err != nil || e == nil {
			return
		}
		_ = e.Error()
		again, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if same, err := DecodeError(again); err != nil || !reflect.DeepEqual(same, e) {
			t.Errorf("%+v is read again as %+v, %v", e, same, err)
		}
	})
}
