package zoneadm

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// deaf is the zoneadmd of a zone whose requests fail.
type deaf struct{ err error }

func (d deaf) Request(string, zone.CommandRequest) (zone.CommandReply, error) {
	return zone.CommandReply{}, d.err
}

func (d deaf) Notify(string, zone.CommandRequest) {}

// TestRequestFails: a request that gets no answer says why.
func TestRequestFails(t *testing.T) {
	t.Parallel()
	for err, want := range map[error][]string{
		ErrNoDaemon:            {"zone 'z1': " + ErrNoDaemon.Error(), "zoneadm: zone 'z1': call to zoneadmd failed"},
		errors.New("no bytes"): {"no bytes", "zoneadm: zone 'z1': call to zoneadmd failed"},
	} {
		b := newBench(t)
		b.zone("z1", "installed")
		b.Daemon = deaf{err}
		if status, _, errs := b.do("-z z1 boot"); status != ExitFailed || !slices.Equal(errs, want) {
			t.Errorf("%v: exit status %d, %q, want %q", err, status, errs, want)
		}
	}
}

// TestOpenDoor: a zoneadmd is started if none is there, under the zone's lock, and not if
// the door can't be opened for another reason.
func TestOpenDoor(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		locked, started error
		prepare         func(door string) error
		steps           string
		want            error
	}{
		"there is none":              {steps: "lock start unlock", want: os.ErrNotExist},
		"it doesn't start":           {started: ErrNoDaemon, steps: "lock start unlock", want: ErrNoDaemon},
		"the lock can't be had":      {locked: errno.EACCES, steps: "lock", want: errno.EACCES},
		"its door is a file of ours": {prepare: func(door string) error { return os.WriteFile(door, nil, 0o600) }, steps: "lock start unlock", want: syscall.ECONNREFUSED},
		"a loop in its place":        {prepare: func(door string) error { return os.Symlink(door, door) }, steps: "lock unlock", want: syscall.ELOOP},
	} {
		dir := t.TempDir()
		var steps []string
		step := func(text string, err error) error { steps = append(steps, text); return err }
		d := &Doors{RunDir: dir, Err: &bytes.Buffer{},
			Lock: func(string) (func(), error) {
				return func() { _ = step("unlock", nil) }, step("lock", test.locked)
			},
			Launch: func(string) error { return step("start", test.started) }}
		if test.prepare != nil {
			if err := test.prepare(d.path("z1")); err != nil {
				t.Fatal(err)
			}
		}
		conn, err := d.open("z1")
		if conn != nil || !errors.Is(err, test.want) || strings.Join(steps, " ") != test.steps {
			t.Errorf("%s: %v, %v, %q; want %v, %q", name, conn, err, steps, test.want, test.steps)
		}
	}
}

// TestOwnEntry: a zone's own index has its line alone, with the zonepath "/".
func TestOwnEntry(t *testing.T) {
	t.Parallel()
	for index, want := range map[string]string{
		"web:installed:/:" + usualID + "\n":                      "web",
		"web:installed:/zones/web:" + usualID + "\n":             "global",
		"global:installed:/:\n":                                  "global",
		"global:installed:/:\nweb:installed:/:" + usualID + "\n": "global",
		"": "global",
	} {
		dir := t.TempDir()
		if index != "" {
			if err := os.MkdirAll(filepath.Join(dir, "etc/zones"), 0o755); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, "etc/zones/index"), index)
		}
		if got := ownEntry(zonecfg.Open(dir, filepath.Join(dir, "run"))); got != want {
			t.Errorf("%q: %s, want %s", index, got, want)
		}
	}
}

// TestPathOfConfiguration: the zonepath of a zone is that of its configuration if the index
// has none, and a zone without either is told.
func TestPathOfConfiguration(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.zone("z1", "configured")
	write(t, filepath.Join(b.dir, "etc/zones/index"), "global:installed:/:\nz1:configured::\nz2:configured::\n")
	if z, err := b.Zone("z1"); err != nil || z.Path != filepath.Join(b.dir, "z/z1") {
		t.Errorf("%+v, %v", z, err)
	}
	var failed *Failure
	if _, err := b.Zone("z2"); !errors.As(err, &failed) || failed.Zone != "z2" || failed.What != "could not get zone path." {
		t.Errorf("%v", err)
	}
}

// TestVerifyWithoutLinks: a kernel that can't name links has none to verify.
func TestVerifyWithoutLinks(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Kernel = struct{ zone.System }{b.kernel}
	if z := b.On("z1", Observer{}); !z.verifyNet(&zonecfg.Zone{Net: []zonecfg.Net{{Address: "x", Physical: "net0"}}}) || len(z.problems) > 0 {
		t.Errorf("%q", z.problems)
	}
}

// TestVerifyPool: a pool is warned of where the system has none, and it verifies.
func TestVerifyPool(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(poolDevice); err == nil {
		return // the system has pools
	}
	b := newBench(t)
	b.zone("z1", "installed")
	z, err := b.Store.Load("z1")
	if err != nil {
		t.Fatal(err)
	}
	const line = "WARNING: pools facility not active; zone will not be bound to pool 'fast'."
	for pool, want := range map[string]int{"": 0, "fast": 1} {
		z.Pool = pool
		if err := b.Store.Save(z); err != nil {
			t.Fatal(err)
		}
		status, _, errs := b.do("-z z1 verify")
		if n := strings.Count(strings.Join(errs, "\n"), line); status != ExitOK || n != want {
			t.Errorf("pool %q: exit status %d, %q", pool, status, errs)
		}
	}
}

// TestCloneLeavesManifests: the manifests of a source that was detached or attached aren't
// the copy's.
func TestCloneLeavesManifests(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.zone("z1", "configured")
	b.zone("src", "installed")
	for _, name := range []string{zonecfg.DetachedManifest, zonecfg.AttachedManifest} {
		write(t, filepath.Join(b.dir, "z/src", name), "x")
	}
	if status, _, errs := b.do("-z z1 clone src"); status != ExitOK {
		t.Fatalf("exit status %d, %q", status, errs)
	}
	entries, err := os.ReadDir(filepath.Join(b.dir, "z/z1"))
	if err != nil || len(entries) != 1 || entries[0].Name() != "root" {
		t.Errorf("%v, %v", entries, err)
	}
}

// TestCNumber: a number is decimal, octal or hexadecimal, as C writes it.
func TestCNumber(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int32{"0": 0, "7": 7, "010": 8, "0x1F": 31, "-1": -1, "2147483647": 2147483647} {
		if n, ok := cNumber(text); !ok || n != want {
			t.Errorf("%q: %d, %v", text, n, ok)
		}
	}
	for _, text := range []string{"", "x", "1_0", "0b1", "0B1", "0o7", "0O7", "08", "2147483648", "1 "} {
		if n, ok := cNumber(text); ok {
			t.Errorf("%q is %d", text, n)
		}
	}
}

// TestQuietCompletion: a line of the index that can't be read isn't told while words are
// completed.
func TestQuietCompletion(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.zone("z1", "installed")
	b.Store.Warn = b.ignored
	index := filepath.Join(b.dir, "etc/zones/index")
	text, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	write(t, index, string(text)+"bad\n")
	words, _ := b.Complete([]string{"-z"}, "")
	if !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, "z1") }) || b.err.Len() > 0 {
		t.Errorf("%q, %q", words, b.err.String())
	}
	b.Store = zonecfg.Open(b.dir, b.RunDir) // one tells each line once
	b.Store.Warn = b.ignored
	if _, _, errs := b.do("list -c"); len(errs) == 0 {
		t.Error("list says nothing of it")
	}
}

// TestCheckManifestElsewhere: attach isn't for another root, with -n neither.
func TestCheckManifestElsewhere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Alternate = "/a"
	if err := b.On("z1", Observer{}).CheckManifest(t.Context(), "m", []byte("x"), nil); !errors.Is(err, ErrState) {
		t.Errorf("%v", err)
	}
}

// TestLineOf: an error is told with the zone and what it stopped, and its reason alone.
func TestLineOf(t *testing.T) {
	t.Parallel()
	plain := errors.New("lost")
	for err, want := range map[error]string{
		&Failure{"web", "could not get state", &zone.Error{Op: "zone_getattr", Errno: errno.EPERM}}: "web: could not get state: Not owner",
		&Failure{"web", "could not get state", plain}:                                               "web: could not get state: lost",
		plain: "lost",
	} {
		if got := lineOf(err); got.Form != Named || got.Text != want {
			t.Errorf("%v: %+v, want %q", err, got, want)
		}
	}
}

// TestListJSON: an active zone has its id, and another one null.
func TestListJSON(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.zone("up", "running")
	b.zone("off", "installed")
	var zones []struct {
		ID   *int32 `json:"id"`
		Name string `json:"name"`
	}
	status, out, errs := b.do("--json list -cn")
	if err := json.Unmarshal([]byte(strings.Join(out, "\n")), &zones); err != nil || status != ExitOK || len(errs) > 0 || len(zones) != 2 {
		t.Fatalf("exit status %d, %v, %q, %q", status, err, out, errs)
	}
	if up, off := zones[0], zones[1]; up.Name != "up" || up.ID == nil || *up.ID != 1 || off.Name != "off" || off.ID != nil {
		t.Errorf("%q", out)
	}
}

// TestApplyUsage: apply is for the global zone, in it, and not for another root.
func TestApplyUsage(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(b *bench)
		args   []string
		want   int
	}{
		"the global zone":           {func(*bench) {}, nil, ExitOK},
		"an argument":               {func(*bench) {}, []string{"x"}, ExitUsage},
		"another zone":              {func(b *bench) { b.on = b.On("z1", Observer{}) }, nil, ExitUsage},
		"in a zone":                 {func(b *bench) { b.Caller.Global = false }, nil, ExitUsage},
		"another root":              {func(b *bench) { b.Alternate = "/a" }, nil, ExitUsage},
		"without a privilege":       {func(b *bench) { b.Caller.Privileged = false }, nil, ExitFailed},
		"in a zone of another root": {func(b *bench) { b.Caller.Global, b.Alternate = false, "/a" }, nil, ExitUsage},
	} {
		b := newBench(t)
		k := &controlled{told: b.kernel}
		b.Kernel = k
		write(t, filepath.Join(b.dir, "etc/zones/global.xml"), `<?xml version="1.0"?>
<!DOCTYPE zone PUBLIC "-//Sun Microsystems Inc//DTD Zones//EN" "file:///usr/share/lib/xml/dtd/zonecfg.dtd.1">
<zone name="global" zonepath="/" autoboot="false"><mcap physcap="1048576"/></zone>`)
		b.on = b.On(zone.GlobalName, Observer{})
		test.change(b)
		if got := b.apply(test.args); got != test.want || (len(k.set) > 0) != (got == ExitOK) || (b.err.Len() > 0) != (got != ExitOK) {
			t.Errorf("%s: exit status %d, want %d; set %q, said %q", name, got, test.want, k.set, b.err.String())
		}
	}
}

// TestShutdownArguments: boot arguments that are too long stop a shutdown before the zone is
// asked, and a zone that doesn't run isn't asked either.
func TestShutdownArguments(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.zone("up", "running")
	b.zone("off", "installed")
	for _, line := range []string{"-z up shutdown -r -- " + strings.Repeat("x", 300), "-z off shutdown", "-z off shutdown -r"} {
		if status, _, errs := b.do(line); status == ExitOK || len(errs) == 0 || len(b.asked) > 0 {
			t.Errorf("%.20s: exit status %d, %q, asked %q", line, status, errs, b.asked)
		}
	}
}

// TestAutobootUnreadable: a zone whose configuration can't be read is told once, and the
// others are booted.
func TestAutobootUnreadable(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, name := range []string{"bad", "yes", "no"} {
		b.zone(name, "installed")
	}
	z, err := b.Store.Load("yes")
	if err != nil {
		t.Fatal(err)
	}
	z.Autoboot = true
	if err := b.Store.Save(z); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(b.dir, "etc/zones/bad.xml"), "text")
	_, _, errs := b.do("boot --autoboot")
	told := slices.DeleteFunc(slices.Clone(errs), func(line string) bool { return !strings.Contains(line, "bad") })
	if len(told) == 0 || slices.ContainsFunc(errs, func(line string) bool { return strings.Contains(line, "no:") || strings.Contains(line, "yes:") }) {
		t.Errorf("said %q", errs)
	}
	if want := []string{`yes boot ""`}; !slices.Equal(b.asked, want) {
		t.Errorf("asked %q, want %q", b.asked, want)
	}
}

// TestCleanFails: a zone whose files can't be removed after a failed installation isn't
// configured again.
func TestCleanFails(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.zone("z1", "incomplete")
	for _, path := range []string{"", "/"} {
		if err := b.On("z1", Observer{}).backToConfigured(&zonecfg.Zone{Name: "z1", Zonepath: path}); !errors.Is(err, zonecfg.ErrInvalid) || b.state("z1").State != zonecfg.Incomplete {
			t.Errorf("zonepath %q: %v, then %v", path, err, b.state("z1").State)
		}
	}
}

// TestNoDaemonProgram: the library's way to start a daemon says that there is no program.
func TestNoDaemonProgram(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("ZONES_ZONEADMD", filepath.Join(dir, "none"))
	var errs bytes.Buffer
	if err := NewDoors(dir, &errs).Start("web"); !errors.Is(err, ErrNoDaemon) || !strings.Contains(errs.String(), "no such file") {
		t.Errorf("%v, %q", err, errs.String())
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 || entries[0].Name() != "web.zoneadm.lock" {
		t.Errorf("left: %v, %v", entries, err)
	}
}

// TestMoveUnsaved: a new zonepath that the index can't take isn't left in the configuration.
func TestMoveUnsaved(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.zone("z1", "installed")
	z, err := b.Store.Load("z1")
	if err != nil {
		t.Fatal(err)
	}
	moved := *z
	moved.Zonepath = filepath.Join(b.dir, "z", strings.Repeat("x", 1100)) // longer than a line of the index
	if err := b.On("z1", Observer{}).saveMoved(z, &moved); err == nil {
		t.Fatal("it is saved")
	}
	if now, err := b.Store.Load("z1"); err != nil || now.Zonepath != z.Zonepath || b.state("z1").Zonepath != "/z/z1" {
		t.Errorf("%+v, %v; the index has %s", now, err, b.state("z1").Zonepath)
	}
}

// TestWarnings: the command says which lines of the index it ignores.
func TestWarnings(t *testing.T) {
	t.Setenv("ZONES_ROOT", t.TempDir())
	tool := NewTool()
	var errs bytes.Buffer
	tool.Err, tool.Prog = &errs, "zoneadm"
	tool.target("")
	tool.Store.Warn(zonecfg.IndexProblem{File: "index", Line: 3, Text: "bad", Reason: "there is no state"})
	if !strings.HasPrefix(errs.String(), "zoneadm: ") || !strings.Contains(errs.String(), "index:3") {
		t.Errorf("%q", errs.String())
	}
}
