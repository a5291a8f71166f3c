package zoneadm

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/mount"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// replying is a daemon that sends the same reply to every request.
type replying struct {
	reply zone.CommandReply
	err   error
}

func (r replying) Request(string, zone.CommandRequest) (zone.CommandReply, error) {
	return r.reply, r.err
}
func (replying) Notify(string, zone.CommandRequest) {}

// TestErrorKinds: errors.Is finds the kind and the cause of each failure, and the error
// names the zone and the verb.
func TestErrorKinds(t *testing.T) {
	t.Parallel()
	boot := func(ctx context.Context, z *Target) error { return z.Boot(ctx, BootOptions{}) }
	halt := func(ctx context.Context, z *Target) error { return z.Halt(ctx) }
	uninstall := func(ctx context.Context, z *Target) error { return z.Uninstall(ctx, UninstallOptions{}) }
	answer := func(r replying) func(b *bench) { return func(b *bench) { b.Daemon = r } }
	caused := zone.CommandReply{Result: -1, Err: &zone.Error{Op: "zone_boot", Errno: errno.ENXIO}}
	for _, test := range []struct {
		name, state string
		given       func(b *bench)
		do          func(ctx context.Context, z *Target) error
		kind        error
		text        string // after the zone's name
	}{
		{"refused without a cause", "installed", answer(replying{reply: zone.CommandReply{Result: -1, Text: "not now\n"}}), boot, ErrRefused, "boot: not now; call to zoneadmd failed"},
		{"refused by a verb that says no more", "running", answer(replying{reply: zone.CommandReply{Result: -1, Text: "not now\n"}}), halt, ErrRefused, "halt: not now"},
		{"refused for a cause", "installed", answer(replying{reply: caused}), boot, ErrRefused, "boot: call to zoneadmd failed"},
		{"the cause", "installed", answer(replying{reply: caused}), boot, errno.ENXIO, "boot: "},
		{"no daemon", "installed", answer(replying{err: ErrNoDaemon}), boot, ErrNoDaemon, "boot: could not start zoneadmd"},
		{"a daemon that can't be asked", "running", answer(replying{err: errno.EIO}), halt, errno.EIO, "halt: I/O error"},
		{"the wrong state", "configured", nil, boot, ErrState, "boot: must be installed before boot"},
		{"an active zone", "running", nil, uninstall, ErrState, "uninstall: uninstall operation is invalid for running zones"},
		{"no privilege", "installed", func(b *bench) { b.Caller.Privileged = false }, boot, ErrPermission, "boot: only a privileged user may boot a zone"},
		{"no authorization", "installed", func(b *bench) { b.Caller.Authorized = func(string) bool { return false } }, boot, ErrPermission, "boot: User root is not authorized to boot this zone"},
		{"inside a zone", "installed", func(b *bench) { b.Caller.Global = false }, halt, ErrPermission, "halt: use halt(8) to halt this zone"},
		{"an alternate root", "installed", func(b *bench) { b.Alternate = b.dir }, boot, ErrState, "boot: cannot boot zone in alternate root"},
		{"no configuration", "installed", func(b *bench) { os.Remove(filepath.Join(b.dir, "etc/zones/z1.xml")) }, halt, ErrNotConfigured, "halt: "},
		{"what doesn't verify", "installed", func(b *bench) { os.Chmod(filepath.Join(b.dir, "z/z1"), 0o755) }, func(ctx context.Context, z *Target) error { return z.Verify(ctx) }, ErrVerify, "verify: "},
		{"something mounted", "installed", func(b *bench) {
			b.Mounts = func() ([]mount.Entry, error) { return []mount.Entry{{Point: filepath.Join(b.dir, "z/z1/root/x")}}, nil }
		}, uninstall, ErrMounted, "uninstall: These file systems are mounted on subdirectories of "},
		{"mounts that can't be read", "installed", func(b *bench) {
			b.Mounts = func() ([]mount.Entry, error) { return nil, errno.EIO }
		}, uninstall, errno.EIO, "uninstall: "},
		{"a state that there is not", "installed", nil, func(ctx context.Context, z *Target) error { return z.Mark(ctx, MarkOptions{State: zonecfg.Ready}) }, ErrUsage, "mark: "},
		{"a clone of itself", "configured", nil, func(ctx context.Context, z *Target) error { return z.Clone(ctx, CloneOptions{Source: "z1"}) }, ErrState, "clone: zone z1 is configured; installed is required"},
		{"a clone of the global zone", "configured", nil, func(ctx context.Context, z *Target) error { return z.Clone(ctx, CloneOptions{Source: "global"}) }, ErrState, "clone: clone operation is invalid for the global zone"},
		{"a clone of a reserved name", "configured", nil, func(ctx context.Context, z *Target) error { return z.Clone(ctx, CloneOptions{Source: "SUNWx"}) }, ErrState, "clone: clone operation is invalid for zones starting with SUNW"},
		{"a move onto files", "installed", nil, func(ctx context.Context, z *Target) error { return z.Move(ctx, "/b") }, syscall.ENOTEMPTY, "move: could not move zone to "},
		{"an attach of nothing", "configured", func(b *bench) { os.Mkdir(filepath.Join(b.dir, "z/z1"), 0o700) }, func(ctx context.Context, z *Target) error { return z.Attach(ctx, AttachOptions{}) }, os.ErrNotExist, "attach: there is no zone at "},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.zone("z1", test.state)
			if test.given != nil {
				test.given(b)
			}
			err := test.do(t.Context(), b.On("z1", Observer{}))
			var failed *Error
			if !errors.Is(err, test.kind) || !errors.As(err, &failed) {
				t.Fatalf("%v, which isn't %v", err, test.kind)
			}
			if !strings.HasPrefix(err.Error(), "zone z1: "+test.text) || failed.Status == ExitOK {
				t.Errorf("status %d, %q", failed.Status, err)
			}
		})
	}
}

// TestVerifyNet warns once of each address on a link that the host hasn't.
func TestVerifyNet(t *testing.T) {
	t.Parallel()
	const missing = "WARNING: skipping network interface 'net9' which may not be present/plumbed in the global zone."
	for _, test := range []struct {
		name   string
		ipType zonecfg.IPType
		net    []zonecfg.Net
		status int
		errs   []string
		asked  []string
	}{
		{"one that is there", zonecfg.SharedIP, []zonecfg.Net{{Address: "10.0.0.1/24", Physical: "net0"}}, 0, nil, []string{"net0"}},
		{"one that isn't", zonecfg.SharedIP, []zonecfg.Net{{Address: "10.0.0.1/24", Physical: "net9"}}, 0, []string{missing}, []string{"net9"}},
		{"two addresses", zonecfg.SharedIP, []zonecfg.Net{{Address: "10.0.0.1", Physical: "net9"}, {Address: "10.0.0.2", Physical: "net9"}}, 0, []string{missing, missing}, []string{"net9"}},
		{"exclusive", zonecfg.ExclusiveIP, []zonecfg.Net{{Physical: "net9"}}, 0, []string{"WARNING: skipping network interface 'net9': No such device or address"}, []string{"net9"}},
		{"loopback", zonecfg.SharedIP, []zonecfg.Net{{Address: "10.0.0.1", Physical: "lo0"}}, 0, nil, nil},
		{"no address", zonecfg.SharedIP, []zonecfg.Net{{Address: "10.0.0.1/99", Physical: "net9"}, {Address: "10.0.0.2", Physical: "net0"}}, 1,
			[]string{"could not verify net address=10.0.0.1/99 physical=net9", "\tInvalid argument", "zoneadm: zone z1 failed to verify"}, []string{"net0"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.zone("z1", "installed")
			b.kernel.links = map[string]zone.LinkID{"net0": 1}
			z, err := b.Store.Load("z1")
			if err != nil {
				t.Fatal(err)
			}
			z.IPType, z.Net = test.ipType, test.net
			if err := b.Store.Save(z); err != nil {
				t.Fatal(err)
			}
			status, _, errs := b.do("-z z1 verify")
			if status != test.status || !slices.Equal(errs, test.errs) || !slices.Equal(b.kernel.linked, test.asked) {
				t.Errorf("exit status %d, %q, asked for %q", status, errs, b.kernel.linked)
			}
		})
	}
}
