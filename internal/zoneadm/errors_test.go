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
		{"a daemon that said why it doesn't start", "installed", answer(replying{err: ErrNoDaemon}), func(ctx context.Context, z *Target) error {
			z.said.WriteString("no room\n")
			return boot(ctx, z)
		}, ErrNoDaemon, "boot: no room; could not start zoneadmd; call to zoneadmd failed"},
		{"a daemon that can't be asked", "running", answer(replying{err: errno.EIO}), halt, errno.EIO, "halt: I/O error"},
		{"the wrong state", "configured", nil, boot, ErrState, "boot: must be installed before boot"},
		{"an active zone", "running", nil, uninstall, ErrState, "uninstall: uninstall operation is invalid for running zones"},
		{"no privilege", "installed", func(b *bench) { b.Caller.Privileged = false }, boot, ErrPermission, "boot: only a privileged user may boot a zone"},
		{"no authorization", "installed", func(b *bench) { b.Caller.Authorized = func(string) bool { return false } }, boot, ErrPermission, "boot: User root is not authorized to boot this zone"},
		{"inside a zone", "installed", func(b *bench) { b.Caller.Global = false }, halt, ErrPermission, "halt: use halt(8) to halt this zone"},
		{"an alternate root", "installed", func(b *bench) { b.Alternate = b.dir }, boot, ErrState, "boot: cannot boot zone in alternate root"},
		{"no configuration", "installed", func(b *bench) { os.Remove(filepath.Join(b.dir, "etc/zones/z1.xml")) }, halt, ErrNotConfigured, "halt: "},
		{"what doesn't verify", "installed", func(b *bench) { os.Chmod(filepath.Join(b.dir, "z/z1"), 0o755) }, func(ctx context.Context, z *Target) error { return z.Verify(ctx) }, ErrVerify, "verify: zone z1 failed to verify; /z/z1 must not be group readable; /z/z1 must not be group executable; "},
		{"something mounted", "installed", func(b *bench) {
			b.Mounts = func() ([]mount.Entry, error) { return []mount.Entry{{Point: filepath.Join(b.dir, "z/z1/root/x")}}, nil }
		}, uninstall, ErrMounted, "uninstall: These file systems are mounted on subdirectories of /z/z1/root; /z/z1/root/x"},
		{"mounts that can't be read", "installed", func(b *bench) {
			b.Mounts = func() ([]mount.Entry, error) { return nil, errno.EIO }
		}, uninstall, errno.EIO, "uninstall: "},
		{"a state that there is not", "installed", nil, func(ctx context.Context, z *Target) error { return z.Mark(ctx, MarkOptions{State: zonecfg.Ready}) }, ErrUsage, "mark: "},
		{"a clone of itself", "configured", nil, func(ctx context.Context, z *Target) error { return z.Clone(ctx, CloneOptions{Source: "z1"}) }, ErrState, "clone: zone z1 is configured; installed is required"},
		{"a clone of the global zone", "configured", nil, func(ctx context.Context, z *Target) error { return z.Clone(ctx, CloneOptions{Source: "global"}) }, ErrState, "clone: clone operation is invalid for the global zone"},
		{"a clone of a reserved name", "configured", nil, func(ctx context.Context, z *Target) error { return z.Clone(ctx, CloneOptions{Source: "SUNWx"}) }, ErrState, "clone: clone operation is invalid for zones starting with SUNW"},
		{"a deletion of installed files", "installed", nil, func(_ context.Context, z *Target) error { return z.Delete(false) }, ErrState, "delete: the zone is installed: uninstall it first, or delete by force"},
		{"a deletion of an active zone", "running", nil, func(_ context.Context, z *Target) error { return z.Delete(true) }, ErrState, "delete: the zone is active: halt it first"},
		{"a move onto files", "installed", nil, func(ctx context.Context, z *Target) error { return z.Move(ctx, "/b") }, syscall.ENOTEMPTY, "move: could not move zone to /b: directory not empty"},
		{"an attach of nothing", "configured", func(b *bench) { os.Mkdir(filepath.Join(b.dir, "z/z1"), 0o700) }, func(ctx context.Context, z *Target) error { return z.Attach(ctx, AttachOptions{}) }, os.ErrNotExist, "attach: there is no zone at /z/z1: it has no directory root"},
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
			if text := strings.ReplaceAll(err.Error(), b.dir, ""); !strings.HasPrefix(text, "zone z1: "+test.text) || failed.Status == ExitOK {
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

// TestStates: each verb is refused in the states that it doesn't start from, before it
// does anything.
func TestStates(t *testing.T) {
	t.Parallel()
	verbs := map[Verb]struct {
		from string
		do   func(ctx context.Context, z *Target) error
	}{
		VerbInstall:   {"configured", func(ctx context.Context, z *Target) error { return z.Install(ctx, InstallOptions{}) }},
		VerbClone:     {"configured", func(ctx context.Context, z *Target) error { return z.Clone(ctx, CloneOptions{Source: "src"}) }},
		VerbAttach:    {"configured", func(ctx context.Context, z *Target) error { return z.Attach(ctx, AttachOptions{}) }},
		VerbUninstall: {"incomplete installed", func(ctx context.Context, z *Target) error { return z.Uninstall(ctx, UninstallOptions{}) }},
		VerbMove:      {"installed", func(ctx context.Context, z *Target) error { return z.Move(ctx, "/z/moved") }},
		VerbDetach:    {"installed", func(ctx context.Context, z *Target) error { return z.Detach(ctx, DetachOptions{}) }},
		VerbMark:      {"configured incomplete installed", func(ctx context.Context, z *Target) error { return z.Mark(ctx, MarkOptions{State: zonecfg.Incomplete}) }},
		VerbSysboot:   {"installed", func(ctx context.Context, z *Target) error { return z.Sysboot(ctx) }},
		VerbVerify:    {"configured installed mounted ready running shutting_down", func(ctx context.Context, z *Target) error { return z.Verify(ctx) }},
		VerbReady:     {"installed mounted ready running shutting_down", func(ctx context.Context, z *Target) error { return z.Ready(ctx) }},
		VerbBoot:      {"installed mounted ready running shutting_down", func(ctx context.Context, z *Target) error { return z.Boot(ctx, BootOptions{}) }},
		VerbMount:     {"installed mounted ready running shutting_down", func(ctx context.Context, z *Target) error { return z.Mount(ctx, false) }},
		VerbUnmount:   {"mounted", func(ctx context.Context, z *Target) error { return z.Unmount(ctx) }},
		VerbShutdown:  {"mounted ready running shutting_down", func(ctx context.Context, z *Target) error { return z.Shutdown(ctx, ShutdownOptions{}) }},
		VerbReboot:    {"mounted ready running shutting_down", func(ctx context.Context, z *Target) error { return z.Reboot(ctx, RebootOptions{}) }},
	}
	for name, state := range map[string]zonecfg.State{
		"configured": zonecfg.Configured, "incomplete": zonecfg.Incomplete, "installed": zonecfg.Installed, "mounted": zonecfg.Mounted,
		"ready": zonecfg.Ready, "running": zonecfg.Running, "shutting_down": zonecfg.ShuttingDown,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.zone("src", "installed")
			b.zone("z1", name)
			before := b.state("z1")
			for verb, test := range verbs {
				z := b.On("z1", Observer{})
				if slices.Contains(strings.Fields(test.from), name) {
					z.verb = verb
					if err := z.stateAllows(state, false); err != nil {
						t.Errorf("%s: %v", verb, err)
					}
				} else if err := test.do(t.Context(), z); !errors.Is(err, ErrState) {
					t.Errorf("%s: %v", verb, err)
				}
			}
			if after := b.state("z1"); after != before || len(b.asked) > 0 || b.calls() != nil {
				t.Errorf("then %+v, asked %q, hooks %q", after, b.asked, b.calls())
			}
		})
	}
}

// TestNoKernel: a kernel that can't be opened is said once, and ends the verb.
func TestNoKernel(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"-z z1 boot", "-z z1 -z z2 boot", "boot --autoboot", "list"} {
		b := newBench(t)
		b.zone("z1", "installed")
		b.zone("z2", "installed")
		b.Kernel = nil
		b.Connect = func() (zone.Kernel, error) { return nil, errno.EACCES }
		if status, out, errs := b.do(line); status != ExitFailed || len(out) > 0 || len(errs) != 1 || !strings.HasPrefix(errs[0], "zoneadm: ") || !strings.HasSuffix(errs[0], ": Permission denied") || len(b.asked) > 0 {
			t.Errorf("%s: exit status %d, %q, %q", line, status, out, errs)
		}
	}
}

// TestBeginning: what fails before the command line is read ends the command.
func TestBeginning(t *testing.T) {
	t.Parallel()
	for text, change := range map[string]func(b *bench){
		"zoneadm: could not get user name.":         func(b *bench) { b.Caller.Name = "" },
		"zoneadm: could not change directory to /.": func(b *bench) { b.process = func() error { return errno.EACCES } },
	} {
		b := newBench(t)
		change(b)
		if status, out, errs := b.do("list"); status != ExitFailed || len(out) > 0 || !slices.Equal(errs, []string{text}) {
			t.Errorf("exit status %d, %q, %q, want %q", status, out, errs, text)
		}
	}
}

// TestAlternate: the verbs that need the running system are refused with an alternate root,
// whatever their options.
func TestAlternate(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.zone("z1", "installed")
	for _, verb := range []Verb{VerbBoot, VerbReady, VerbHalt, VerbReboot, VerbShutdown, VerbInstall, VerbUninstall, VerbClone, VerbMove, VerbDetach, VerbAttach} {
		doing := map[Verb]string{VerbShutdown: "shut down"}[verb]
		if doing == "" {
			doing = string(verb)
		}
		want := []string{"zoneadm: zone 'z1': cannot " + doing + " zone in alternate root"}
		for _, rest := range []string{"", " -%"} {
			if status, _, errs := b.do("-R " + b.dir + " -z z1 " + string(verb) + rest); status != ExitFailed || !slices.Equal(errs, want) {
				t.Errorf("%s%s: exit status %d, %q, want %q", verb, rest, status, errs, want)
			}
		}
	}
}
