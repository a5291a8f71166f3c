package zoneadm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// The tests of this file are named after what people wrote about zones; docs/complaints.md
// has them all.

// What a zoneadmd prints when it can't start reaches the caller, and the caller's
// environment doesn't reach it.
// https://github.com/omniosorg/illumos-omnios/pull/1066
func TestOmnios1066DaemonErrorsAndEnvironment(t *testing.T) {
	b := newBench(t)
	b.zone("z1", "installed")
	b.Daemon = nil
	program, env := filepath.Join(b.dir, "zoneadmd"), filepath.Join(b.dir, "env")
	if err := testenv.WriteProgram(program, []byte("#!/bin/sh\nenv >"+env+"\necho no memory for the door >&2\nexit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("ZONES_ZONEADMD", program)
	t.Setenv("LD_PRELOAD_32", "/tmp/mine.so")
	status, _, errs := b.do("-z z1 boot")
	want := []string{"no memory for the door", "zone 'z1': could not start zoneadmd", "zoneadm: zone 'z1': call to zoneadmd failed"}
	if status != ExitFailed || !slices.Equal(errs, want) {
		t.Errorf("status %d, %q, want %q", status, errs, want)
	}
	text, err := os.ReadFile(env)
	if err != nil || strings.Contains(string(text), "LD_PRELOAD_32") {
		t.Errorf("%v; its environment: %s", err, text)
	}
}

// A daemon that refuses without a word is a failure that says so.
// https://github.com/TritonDataCenter/smartos-live/issues/299
func TestSmartosLive299SilentDaemon(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"boot", "halt"} {
		b := newBench(t)
		b.zone("z1", "installed")
		b.Daemon = replying{reply: zone.CommandReply{Result: -1}}
		status, _, errs := b.do("-z z1 " + verb)
		if want := "zoneadm: zone 'z1': zoneadmd gave no reason: the system's log may have one"; status != ExitFailed || !slices.Contains(errs, want) {
			t.Errorf("%s: status %d, %q", verb, status, errs)
		}
	}
}

// A list doesn't run a program, whatever the zones are on.
// https://github.com/TritonDataCenter/smartos-live/issues/166 and 282 and
// https://github.com/TritonDataCenter/smartos-live/pull/445: it walks all snapshots.
func TestSmartosLive166ListRunsNoProgram(t *testing.T) {
	testenv.Need(t, testenv.System("linux", "illumos", "darwin", "freebsd")) // scripts as programs
	b := newBench(t)
	ran := filepath.Join(b.dir, "ran")
	for _, name := range []string{"zfs", "zones-zfs"} {
		if err := testenv.WriteProgram(filepath.Join(b.dir, name), []byte("#!/bin/sh\necho \"$0 $*\" >>"+ran+"\nexit 1\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", b.dir+":"+os.Getenv("PATH"))
	t.Setenv("ZONES_ZFS", filepath.Join(b.dir, "zones-zfs"))
	for i, state := range []string{"configured", "installed", "running"} {
		b.zone(fmt.Sprintf("z%d", i), state)
	}
	for _, line := range []string{"list", "list -cv", "list -cp", "list -c --json"} {
		if status, _, errs := b.do(line); status != ExitOK {
			t.Errorf("%s: status %d, %q", line, status, errs)
		}
	}
	if text, err := os.ReadFile(ran); err == nil {
		t.Errorf("lists ran %s", text)
	}
	z, err := b.Store.Load("z1")
	if err != nil {
		t.Fatal(err)
	}
	z.Dataset = []zonecfg.Dataset{{Name: "tank/data"}}
	if err := b.Store.Save(z); err != nil {
		t.Fatal(err)
	}
	b.do("-z z1 verify") // which does
	if _, err := os.Stat(ran); err != nil {
		t.Errorf("the test sees no program: %v", err)
	}
}

// An address that can't be is refused before anything is done.
// https://github.com/TritonDataCenter/smartos-live/issues/155
func TestSmartosLive155AddressIsCheckedFirst(t *testing.T) {
	t.Parallel()
	for line, state := range map[string]string{"verify": "installed", "boot": "installed", "ready": "installed", "install": "configured"} {
		b := newBench(t)
		b.zone("z1", state)
		z, err := b.Store.Load("z1")
		if err != nil {
			t.Fatal(err)
		}
		z.Net = []zonecfg.Net{{Address: "10.0.0.300", Physical: "net0"}}
		if err := b.Store.Save(z); err != nil {
			t.Fatal(err)
		}
		status, _, errs := b.do("-z z1 " + line)
		const want = "could not verify net address=10.0.0.300 physical=net0"
		if status != ExitFailed || !slices.Contains(errs, want) {
			t.Errorf("%s: status %d, %q", line, status, errs)
		}
		if b.asked != nil || b.calls() != nil || b.state("z1").State.String() != state {
			t.Errorf("%s: asked %q, hooks %q, now %v", line, b.asked, b.calls(), b.state("z1").State)
		}
	}
}

// lists returns a machine with a zone in each kind of state.
func listed(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	for _, state := range []string{"configured", "incomplete", "installed", "running"} {
		b.zone("is-"+state, state)
	}
	return b
}

// A list for programs has a line for each zone, with colons between the fields.
// https://github.com/omniosorg/zadm/pull/92
func TestZadm92ParsableList(t *testing.T) {
	t.Parallel()
	b := listed(t)
	status, out, errs := b.do("list -cp")
	if status != ExitOK || errs != nil || len(out) != 5 {
		t.Fatalf("status %d, %q, %q", status, out, errs)
	}
	for _, line := range out[1:] {
		fields := strings.Split(line, ":")
		if fields[1] != "is-"+fields[2] || !strings.HasSuffix(fields[3], "/z/"+fields[1]) {
			t.Errorf("%q", line)
		}
	}
}

// The brand of each zone is in every kind of list.
// https://github.com/omniosorg/zadm/pull/4
func TestZadm4BrandsInLists(t *testing.T) {
	t.Parallel()
	b := listed(t)
	for _, line := range []string{"list -cv", "list -cp", "list -c --json"} {
		if _, out, _ := b.do(line); strings.Count(strings.Join(out, "\n"), "ipkg") < 4 {
			t.Errorf("%s: %q", line, out)
		}
	}
}

// A list in JSON.
// https://github.com/hadfl/lxadm/pull/16
func TestLxadm16JSONList(t *testing.T) {
	t.Parallel()
	b := listed(t)
	_, out, _ := b.do("list -c --json")
	var zones []struct {
		ID                          *int
		Name, State, Zonepath, UUID string
		Brand                       string
		IPType                      string `json:"ip-type"`
	}
	if err := json.Unmarshal([]byte(strings.Join(out, "\n")), &zones); err != nil || len(zones) != 5 {
		t.Fatalf("%v: %q", err, out)
	}
	for _, z := range zones[1:] {
		if z.Name != "is-"+z.State || (z.ID != nil) != (z.State == "running") || z.Brand != "ipkg" || z.IPType != "shared" {
			t.Errorf("%+v", z)
		}
	}
}

// The number of fields of list -p stays what it is: 7, or 8 for who asks for that.
// https://github.com/opensvc/opensvc/pull/550 and
// https://github.com/omniosorg/illumos-omnios/pull/80
func TestOpensvc550NumberOfFields(t *testing.T) {
	t.Parallel()
	for asked, want := range map[string]int{"": 7, "7": 7, "8": 8} {
		b := listed(t)
		b.configure(t, "is-installed", `/z/with\:colons`, "", "exclusive")
		b.Fields = asked
		for _, line := range []string{"list -cp", "list -ip", "list -p", "-z is-configured list -p"} {
			_, out, _ := b.do(line)
			for _, text := range out {
				if n := strings.Count(strings.ReplaceAll(text, `\:`, ""), ":") + 1; n != want {
					t.Errorf("%s with %q has %d fields: %q", line, asked, n, text)
				}
			}
		}
	}
}

// A zone whose directory isn't there is listed, with the others.
// https://github.com/hadfl/kvmadm/issues/105
func TestKvmadm105ListWithoutZonepath(t *testing.T) {
	t.Parallel()
	b := listed(t)
	if err := os.RemoveAll(filepath.Join(b.dir, "z")); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"list -c", "list -cv", "list -cp", "list -c --json", "-z is-installed list -p"} {
		status, out, errs := b.do(line)
		if status != ExitOK || errs != nil || !strings.Contains(strings.Join(out, "\n"), "is-installed") {
			t.Errorf("%s: status %d, %q, %q", line, status, out, errs)
		}
	}
}

// A zone that only was made ready can be taken down, and shutdown says what state it is in.
// https://github.com/omniosorg/illumos-omnios/issues/1011
func TestOmnios1011ReadyZoneGoesDown(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.zone("z1", "ready")
	b.Daemon = living{b}
	status, _, errs := b.do("-z z1 shutdown")
	if status != ExitFailed || !strings.Contains(strings.Join(errs, " "), "'ready'") {
		t.Errorf("shutdown: status %d, %q", status, errs)
	}
	if status, _, errs := b.do("-z z1 halt"); status != ExitOK || b.now() != "installed" {
		t.Errorf("halt: status %d, %q; the zone is %s", status, errs, b.now())
	}
}

// An install that fails leaves no half of a zone: the next one works.
// https://github.com/hadfl/kvmadm/issues/98
func TestKvmadm98FailedInstall(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.zone("z1", "configured")
	b.configure(t, "z1", "/z/z1", "tar", "shared")
	for range 2 {
		if status, _, errs := b.do("-z z1 install -a /nosuch/archive.tar"); status == ExitOK || !strings.Contains(strings.Join(errs, " "), "/nosuch/archive.tar") {
			t.Errorf("status %d, %q", status, errs)
		}
		if _, err := os.Lstat(filepath.Join(b.dir, "z/z1")); !errors.Is(err, os.ErrNotExist) || b.now() != "configured" {
			t.Errorf("the zonepath: %v; the zone is %s", err, b.now())
		}
	}
	b.configure(t, "z1", "/z/z1", "sparse", "shared")
	if status, _, errs := b.do("-z z1 install"); status != ExitOK || b.now() != "installed" {
		t.Errorf("status %d, %q", status, errs)
	}
}

// Errors of making a zone name what is wrong.
// https://github.com/cneira/zcage/issues/2 and 36
func TestZcage2ErrorsOfCreate(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		z    zonecfg.Zone
		want string
	}{
		{"no zonepath", zonecfg.Zone{Name: "z2", Brand: "sparse"}, "zonepath"},
		{"a relative zonepath", zonecfg.Zone{Name: "z2", Brand: "sparse", Zonepath: "z2"}, "z2 is not an absolute path"},
		{"an unknown brand", zonecfg.Zone{Name: "z2", Brand: "nosuch", Zonepath: "/z/z2"}, "unknown brand"},
		{"a wrong name", zonecfg.Zone{Name: "z 2", Brand: "sparse", Zonepath: "/z/z2"}, "z 2"},
		{"a link without a name", zonecfg.Zone{Name: "z2", Brand: "sparse", Zonepath: "/z/z2", IPType: zonecfg.ExclusiveIP, Net: []zonecfg.Net{{}}}, "physical"},
	} {
		b := newBench(t)
		err := b.On(test.z.Name, Observer{}).Create(&test.z, false)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", test.name, err)
		}
		if entries, err := b.Store.Entries(); err != nil || len(entries) != 1 {
			t.Errorf("%s: %v, %v", test.name, entries, err)
		}
	}
	// What the daemon finds comes with the call that failed.
	b := newBench(t)
	b.zone("z1", "installed")
	b.Daemon = replying{reply: zone.CommandReply{Result: -1, Err: &zone.Error{Op: "zone_boot", Cause: &zone.Error{Op: "mount", Name: "/nosuch"}}}}
	if err := b.On("z1", Observer{}).Boot(context.Background(), BootOptions{}); err == nil || !strings.Contains(err.Error(), "mount /nosuch") {
		t.Errorf("%v", err)
	}
}

// A program tells the states that a zone passes through, in which it can try again, from
// those in which it can't.
// illumos-utils/src/zone.rs of https://github.com/oxidecomputer/omicron: InvalidState
func TestOmicronInvalidStateIsTold(t *testing.T) {
	t.Parallel()
	for state, passes := range map[string]bool{"configured": false, "incomplete": true, "ready": true, "mounted": true, "shutting_down": true, "down": true} {
		verbs := map[string]func(z *Target) error{
			"move": func(z *Target) error { return z.Move(t.Context(), "/z/new") },
			"halt": func(z *Target) error { return z.Halt(t.Context()) },
			"boot": func(z *Target) error { return z.Boot(t.Context(), BootOptions{}) },
		}
		for verb, do := range verbs {
			b := newBench(t)
			b.zone("z1", state)
			b.Daemon = replying{reply: zone.CommandReply{Result: -1, Text: "not now\n"}}
			if state == "configured" {
				b.Daemon = replying{err: ErrNoDaemon}
			}
			err := do(b.On("z1", Observer{}))
			var told *StateError
			if !errors.Is(err, ErrState) || !errors.As(err, &told) || told.State.String() != state || errors.Is(err, ErrTransient) != passes {
				t.Errorf("%s in state %s: %v, %+v, transient: %v", verb, state, err, told, errors.Is(err, ErrTransient))
			}
		}
	}
	for _, state := range []string{"installed", "running"} { // nothing that passes
		b := newBench(t)
		b.zone("z1", state)
		b.Daemon = replying{reply: zone.CommandReply{Result: -1, Text: "not now\n"}}
		if err := b.On("z1", Observer{}).Halt(t.Context()); !errors.Is(err, ErrRefused) || errors.Is(err, ErrState) {
			t.Errorf("halt in state %s: %v", state, err)
		}
	}
}
