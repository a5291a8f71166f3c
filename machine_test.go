package zones_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gozones/zones"
	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// daemon replaces the daemons of zones: it boots and halts immediately, and refuses
// all other requests.
type daemon struct {
	zone.Kernel
	root string

	mu   sync.Mutex
	said []zone.CommandRequest
	hold chan struct{} // if not nil, requests wait until it is closed
}

func (d *daemon) Request(name string, r zone.CommandRequest) (zone.CommandReply, error) {
	d.mu.Lock()
	d.said = append(d.said, r)
	d.mu.Unlock()
	if d.hold != nil {
		<-d.hold
	}
	switch r.Command {
	case zone.CommandBoot:
		id, err := d.Create(&zone.Def{Name: name, Root: d.root})
		if err == nil {
			err = d.Kernel.Boot(id)
		}
		if err != nil {
			return zone.CommandReply{Result: -1, Text: err.Error() + "\n"}, nil
		}
	case zone.CommandHalt:
		id, err := d.Lookup(name)
		if err == nil {
			err = errors.Join(d.Kernel.Shutdown(id), d.Destroy(id))
		}
		return zone.CommandReply{}, err
	default:
		return zone.CommandReply{Result: -1, Text: "not here\nnot now\n",
			Err: &zone.Error{Op: "mount", Name: "/dev/x", Errno: errno.ENXIO}}, nil
	}
	return zone.CommandReply{}, nil
}

func (d *daemon) Notify(string, zone.CommandRequest) {}

// withDaemon makes a machine with the installed zone of the documentation's example,
// and a daemon that records requests.
func withDaemon(t *testing.T) (*zones.Machine, *daemon) {
	t.Helper()
	k, err := kernel.New(kernel.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	root := t.TempDir()
	if err := os.CopyFS(root, os.DirFS("docs/examples")); err != nil {
		t.Fatal(err)
	}
	d := &daemon{Kernel: k.Global().Local(), root: "/zones/web/root"}
	m := zones.New(zones.Config{Kernel: d.Kernel, Store: zonecfg.Open(root, "/run"), RunDir: filepath.Join(root, "run"), Daemon: d})
	return m, d
}

// get looks up a zone.
func get(t *testing.T, m *zones.Machine, name string) *zones.Zone {
	t.Helper()
	z, err := m.Zone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// TestRequests checks the requests that the daemon of a zone receives.
func TestRequests(t *testing.T) {
	t.Parallel()
	m, d := withDaemon(t)
	all, err := m.Zones()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, z := range all {
		names = append(names, z.Name+" "+z.State.String())
	}
	if want := []string{"global running", "web configured"}; !slices.Equal(names, want) {
		t.Fatalf("zones: %q, want %q", names, want)
	}
	web := get(t, m, "web")
	config, err := web.Config()
	if err != nil || config.BootArgs != "-m verbose" || filepath.Base(config.Zonepath) != "web" {
		t.Errorf("the configuration is %+v, %v", config, err)
	}
	if err := web.Install(t.Context(), zones.InstallOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := web.Boot(t.Context(), zones.BootOptions{Args: []string{"-s", "-m", "quiet"}}); err != nil {
		t.Fatal(err)
	}
	if got := d.said[0]; got.BootArgs != "-s -m quiet" || got.Command != zone.CommandBoot || got.UniqID != 0 {
		t.Errorf("the daemon was asked %+v", got)
	}
	if err := web.Refresh(); err != nil || web.State != zonecfg.Running || !web.Active {
		t.Fatalf("after booting: %+v, %v", web, err)
	}
	if err := web.Halt(t.Context(), zones.HaltOptions{}); err != nil {
		t.Fatal(err)
	}
	if got := d.said[1]; got.UniqID == 0 {
		t.Error("the request to halt doesn't say which of the zones of that name is meant")
	}
	if err := web.Refresh(); err != nil || web.Active {
		t.Errorf("after halting: %+v, %v", web, err)
	}
}

// TestRefused: the error has the daemon's message, as text and as a cause.
func TestRefused(t *testing.T) {
	t.Parallel()
	m, _ := withDaemon(t)
	web := get(t, m, "web")
	if err := web.Install(t.Context(), zones.InstallOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := web.Boot(t.Context(), zones.BootOptions{}); err != nil {
		t.Fatal(err)
	}
	err := web.Shutdown(t.Context(), zones.ShutdownOptions{})
	var failed *zones.Error
	if !errors.As(err, &failed) || !strings.HasPrefix(err.Error(), "zone web: shutdown: not here; not now") || failed.Status != 1 {
		t.Errorf("a refused request gives %v", err)
	}
	var cause *zone.Error
	if !errors.Is(err, zones.ErrRefused) || !errors.As(err, &cause) || cause.Name != "/dev/x" || !errors.Is(err, errno.ENXIO) {
		t.Errorf("the cause is %+v", cause)
	}
}

// TestKinds checks errors against the kinds that programs distinguish.
func TestKinds(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	web, err := m.Create(t.Context(), sparse("web"))
	if err != nil {
		t.Fatal(err)
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	global := get(t, m, "global")
	for _, test := range []struct {
		name string
		do   func() error
		kind error
		text string
	}{
		{"no such zone", func() error { _, err := m.Zone("nosuch"); return err }, zones.ErrNotConfigured, "zone nosuch: list: "},
		{"a name that is taken", func() error { _, err := m.Create(t.Context(), sparse("web")); return err }, zonecfg.ErrNameInUse, "zone web: create: "},
		{"a name that can't be", func() error { _, err := m.Create(t.Context(), sparse("-x")); return err }, zonecfg.ErrBogusName, "zone -x: create: "},
		{"boot of what isn't installed", func() error { return web.Boot(t.Context(), zones.BootOptions{}) }, zones.ErrState, "zone web: boot: must be installed before boot"},
		{"shutdown of what doesn't run", func() error { return web.Shutdown(t.Context(), zones.ShutdownOptions{}) }, zones.ErrState, "zone web: shutdown: not running"},
		{"a verb on the global zone", func() error { return global.Halt(t.Context(), zones.HaltOptions{}) }, zones.ErrState, "zone global: halt: halt operation is invalid for the global zone"},
		{"a program in what doesn't run", func() error { return web.Command(t.Context(), "true").Run() }, zones.ErrState, "zone web: exec: "},
		{"an archive for a brand that takes none", func() error { return web.Install(t.Context(), zones.InstallOptions{Archive: "x"}) }, zones.ErrUsage, "zone web: install: wrong arguments: brand sparse has no option -a"},
		{"boot arguments that are too long", func() error {
			return web.Boot(t.Context(), zones.BootOptions{Args: []string{strings.Repeat("x", 256)}})
		}, zones.ErrUsage, "zone web: boot: Boot argument list too long"},
		{"a context that is done", func() error { _, err := m.Create(done, sparse("db")); return err }, context.Canceled, ""},
		{"a clone of nothing", func() error { return web.Clone(t.Context(), "nosuch", zones.CloneOptions{}) }, zones.ErrNotConfigured, "zone web: clone: nosuch: could not get state"},
	} {
		if err := test.do(); !errors.Is(err, test.kind) || !strings.HasPrefix(err.Error(), test.text) {
			t.Errorf("%s: %v, which isn't %v: %q", test.name, err, test.kind, test.text)
		}
	}
}

// TestVerify: the error has all problems of a configuration.
func TestVerify(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	config := sparse("web")
	config.FS = []zonecfg.FS{{Dir: "/a", Special: "/nosuch/a", Type: "lofs"}, {Dir: "/b", Special: "/nosuch/b", Type: "lofs"}}
	web, err := m.Create(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	var failed *zones.Error
	err = web.Verify(t.Context(), zones.VerifyOptions{})
	if !errors.Is(err, zones.ErrVerify) || !errors.As(err, &failed) {
		t.Fatal(err)
	}
	want := []string{"could not verify fs /a: could not access /nosuch/a: No such file or directory", "could not verify fs /b: could not access /nosuch/b: No such file or directory"}
	if !slices.Equal(failed.Problems, want) {
		t.Errorf("problems %q, want %q", failed.Problems, want)
	}
}

// TestSmartosLive826GiveUp: a verb returns when its context is done; a request that can't be stopped
// continues. Its error says what it was waiting for.
// https://github.com/TritonDataCenter/smartos-live/issues/826, 261 and 837: provisioning ends
// in a timeout that has no cause.
func TestSmartosLive826GiveUp(t *testing.T) {
	t.Parallel()
	m, d := withDaemon(t)
	web := get(t, m, "web")
	if err := web.Install(t.Context(), zones.InstallOptions{}); err != nil {
		t.Fatal(err)
	}
	d.hold = make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	events, err := m.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = web.Boot(ctx, zones.BootOptions{Observer: zones.Observer{Progress: func(p zones.Progress) {
		if p.Step == zones.Waiting && !p.Ended {
			cancel()
		}
	}}})
	if !errors.Is(err, context.Canceled) || !strings.HasPrefix(err.Error(), "zone web: boot: interrupted while waiting for zoneadmd") {
		t.Errorf("%v", err)
	}
	close(d.hold)
	for e := range events { // the daemon still boots it
		if e.New == "running" {
			break
		}
	}
}

// TestInterruptedInstall: an interrupted installation leaves nothing behind.
func TestInterruptedInstall(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	web, err := m.Create(t.Context(), sparse("web"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = web.Install(ctx, zones.InstallOptions{Observer: zones.Observer{Progress: func(p zones.Progress) {
		if p.Step == zones.Installing {
			cancel()
		}
	}}})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := web.Refresh(); err != nil || web.State != zonecfg.Configured {
		t.Errorf("%v, %v", web.State, err)
	}
	if _, err := os.Stat(web.Path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the zonepath is left: %v", err)
	}
}

// TestTurns: of two goroutines that do the same at once, one gets an error.
func TestTurns(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	web, err := m.Create(t.Context(), sparse("web"))
	if err != nil {
		t.Fatal(err)
	}
	const callers = 4
	results := make(chan error, callers)
	for range callers {
		go func() { results <- web.Install(context.Background(), zones.InstallOptions{}) }()
	}
	installed := 0
	for range callers {
		switch err := <-results; {
		case err == nil:
			installed++
		case !errors.Is(err, zones.ErrState) && !errors.Is(err, fs.ErrExist):
			t.Errorf("who comes too late: %v", err)
		}
	}
	if installed != 1 {
		t.Errorf("%d installations", installed)
	}
	if err := web.Refresh(); err != nil || web.State != zonecfg.Installed {
		t.Errorf("%v, %v", web.State, err)
	}
}

// TestBrokenZone: a zone that can't be described doesn't keep the others from being
// listed.
func TestBrokenZone(t *testing.T) {
	t.Parallel()
	m, dir, done := inMemory()
	t.Cleanup(done)
	for _, name := range []string{"broken", "web"} {
		if _, err := m.Create(t.Context(), sparse(name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "etc/zones/broken.xml"), []byte("<zone"), 0o644); err != nil {
		t.Fatal(err)
	}
	all, err := m.Zones()
	if len(all) != 2 || all[1].Name != "web" || !errors.Is(err, zonecfg.ErrInvalidDoc) || !strings.Contains(err.Error(), "broken.xml:1") {
		t.Errorf("%v, %v", all, err)
	}
}

// TestManifest: what a detach would write, and what an attach restores.
func TestManifest(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	web := installed(m, "web")
	text, err := web.Manifest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if z, err := zonecfg.ParseXML(text); err != nil || z.Name != "web" {
		t.Errorf("%+v, %v", z, err)
	}
	if err := web.Refresh(); err != nil || web.State != zonecfg.Installed {
		t.Errorf("%v, %v", web.State, err)
	}
}

// TestHolds: what holds a zone is listed, and nothing holds one that is only installed.
func TestHolds(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	web := installed(m, "web")
	if list, err := web.Holds(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := web.Holds(done); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if _, err := get(t, m, "global").Holds(t.Context()); !errors.Is(err, zones.ErrState) {
		t.Errorf("of the global zone: %v", err)
	}
}
