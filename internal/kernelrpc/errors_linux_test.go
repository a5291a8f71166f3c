package kernelrpc

import (
	"errors"
	"io/fs"
	"os"
	"reflect"
	"syscall"
	"testing"

	"github.com/gozones/zones/internal/errortest"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/zone"
)

// made is a side with both zones, the second one running.
func made(t *testing.T, s *side) *side {
	t.Helper()
	web, err := s.Make(definition())
	if err != nil {
		t.Fatal(err)
	}
	db, err := s.Make(exclusive())
	if err == nil {
		err = s.Boot(db.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.web, s.db = web.ID, db.ID
	return s
}

// TestErrorsCross: the kernel passes on what its host returns, and so do the server, the
// wire and the client.
func TestErrorsCross(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(testing.TB) *side{"kernel": local, "client": remote} {
		t.Run(name, func(t *testing.T) {
			errortest.Check(t, func(err error) error {
				s := open(t)
				s.machine.fail("CreateZone", err)
				_, err = s.Create(&zone.Def{Name: "x", Root: "/zones/x"})
				return err
			})
		})
	}
}

// TestErrors: an error of the machine goes through the kernel, the server, the wire and
// the client, and nothing of it is lost.
func TestErrors(t *testing.T) {
	t.Parallel()
	path := &fs.PathError{Op: "openat2", Path: "/zones/x/root", Err: syscall.EACCES}
	point := &zone.Error{Op: zone.OpMountPoint, Name: "/b", Errno: errno.ENOTDIR, Cause: &zone.Error{Op: "openat", Name: "/b", Errno: errno.ENOTDIR}}
	story := &zone.Error{Op: "zsched", Name: "x", Errno: errno.EIO, Text: "it exited before it was ready", Cause: &zone.Error{
		Op: "mount", Name: "/sys/fs/cgroup/x", Errno: errno.ENOSPC, Ext: zone.ExtMounts}}
	for _, c := range []struct {
		name  string
		call  string // of the host
		err   error
		do    func(s *side) error
		wants []error // that errors.Is finds
	}{
		{"a root that can't be entered", "Resolve", path, func(s *side) error {
			_, err := s.Create(&zone.Def{Name: "x", Root: "/zones/x", Privs: priv.Basic()})
			return err
		}, []error{errno.EACCES, syscall.EACCES}},
		{"a zsched that exits", "CreateZone", story, func(s *side) error {
			_, err := s.Create(&zone.Def{Name: "x", Root: "/zones/x", Privs: priv.Basic()})
			return err
		}, []error{errno.EIO, errno.ENOSPC, syscall.ENOSPC}},
		{"the same for a definition", "CreateZone", story, func(s *side) error {
			out, err := s.Make(&zone.Definition{Def: zone.Def{Name: "x", Root: "/zones/x", Privs: priv.Basic()}})
			if out == nil || out.ID != -1 {
				return errors.New("a zone that couldn't be made has an id")
			}
			return err
		}, []error{errno.EIO, errno.ENOSPC}},
		{"a missing init", "StartInit", &os.SyscallError{Syscall: "execve", Err: syscall.ENOENT}, func(s *side) error { return s.Boot(s.web) },
			[]error{errno.ENOENT, syscall.ENOENT}},
		{"the same with steps", "StartInit", story, func(s *side) error { _, err := s.BootWith(s.web, nil); return err }, []error{errno.EIO}},
		{"a mount", "Mount /b", story, func(s *side) error {
			n, err := s.MountAll(s.web, []zone.Mount{{Point: "/x"}, {Point: "/b"}, {Point: "/c"}})
			if n != 1 {
				return errors.New("not one was mounted before")
			}
			return err
		}, []error{errno.EIO, errno.ENOSPC}},
		{"a mount point that is a file", "Mount /b", point,
			func(s *side) error { return zone.MountOn(s, s.web, zone.Mount{Point: "/b", MakePoint: true}) }, []error{errno.ENOTDIR, syscall.ENOTDIR}},
		{"a step's mount", "Mount /b", path, func(s *side) error {
			out, err := s.BootWith(s.web, []zone.Step{
				zone.TextAttribute(zone.AttrBootArgs, "-v"), {Mount: &zone.Mount{Point: "/b"}, Optional: true}, {Mount: &zone.Mount{Point: "/b"}},
			})
			if len(out.Failed) != 2 || out.Failed[0].Step != 1 || !reflect.DeepEqual(zone.AsError(err), out.Failed[1].Err) {
				return errors.New("the outcome doesn't have both failures")
			}
			return err
		}, []error{errno.EACCES}},
		{"an unmount", "Unmount", path, func(s *side) error { return s.Unmount(s.web, "/a", false) }, []error{errno.EACCES}},
		{"an address", "SetAddress", story, func(s *side) error { return s.SetAddress(s.web, "net0", "10.0.0.9/8", true) }, []error{errno.ENOSPC}},
		{"a link that can't move", "MoveLink", story, func(s *side) error { return s.AddDatalink(s.db, 1) }, []error{errno.ENOSPC}},
		{"a link that can't move back", "MoveLink", path, func(s *side) error { return s.RemoveDatalink(s.db, 2) }, []error{errno.EACCES}},
		{"a link that isn't there", "LinkByName", story, func(s *side) error { _, err := s.LinkByName("net0"); return err }, []error{errno.EIO}},
		{"a link without a name", "LinkName", story, func(s *side) error { _, err := s.LinkName(1); return err }, []error{errno.EIO}},
		{"an attribute", "SetAttr 16", story, func(s *side) error { return zone.SetText(s, s.web, zone.AttrFSAllowed, "tmpfs") }, []error{errno.EIO}},
		{"a program", "Start", path, func(s *side) error { _, err := s.Start(s.db, &zone.Cmd{Path: "/bin/say"}); return err }, []error{errno.EACCES}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			fails := func(s *side) *zone.Error {
				made(t, s).machine.fail(c.call, c.err)
				err := c.do(s)
				if err == nil {
					t.Fatal("it succeeds")
				}
				var e *zone.Error
				if !errors.As(err, &e) {
					t.Fatalf("it is no zone.Error: %v", err)
				}
				return e
			}
			want := fails(local(t))
			cause := *zone.AsError(c.err)
			if cause.Op == zone.OpMountPoint {
				cause.ID = want.ID
			}
			if !holds(want, &cause) {
				t.Errorf("the kernel loses %q: %q", cause, want)
			}
			got := fails(remote(t))
			if !reflect.DeepEqual(got, want) || got.Error() != want.Error() {
				t.Errorf("%q (%+v), called directly %q (%+v)", got, got, want, want)
			}
			for _, number := range c.wants {
				if !errors.Is(got, number) {
					t.Errorf("%v (%T) isn't in %v", number, number, got)
				}
			}
		})
	}
}

// holds reports whether an error is one of another's causes, or itself.
func holds(e, cause *zone.Error) bool {
	for ; e != nil; e = e.Cause {
		if reflect.DeepEqual(e, cause) {
			return true
		}
		// A cause that is a number only is that of the failure before it.
		if bare := (*cause == zone.Error{Errno: cause.Errno}); bare && e.Errno == cause.Errno {
			return true
		}
	}
	return false
}
