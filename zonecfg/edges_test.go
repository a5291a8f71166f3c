package zonecfg

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestRoots: the alternate root is in front of a path once, whether it is written with a
// slash at its end or not, and "/" is none.
func TestRoots(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ root, path, kept, want string }{
		{"", "/zones/a", "", "/zones/a"},
		{"/", "/zones/a", "", "/zones/a"},
		{"", "zones/a", "", "zones/a"},
		{"/a", "/zones/a", "/a", "/a/zones/a"},
		{"/a/", "/zones/a", "/a", "/a/zones/a"},
		{"/a//", "/a/zones/a", "/a", "/a/zones/a"},
		{"/a", "/a", "/a", "/a"},
		{"/a", "/ab/c", "/a", "/a/ab/c"},
		{"/a", "", "/a", ""},
		{"/a", "/a/../etc", "/a", "/a/etc"},
		{"/a", "/..", "/a", "/a"},
	} {
		s := Open(test.root, "/run")
		if got := s.InRoot(test.path); s.Root() != test.kept || got != test.want {
			t.Errorf("root %q: %q, and %q is %q there; want %q and %q", test.root, s.Root(), test.path, got, test.kept, test.want)
		}
	}
}

// TestProcessorsJSON: a range of processors is one value, unless its ends can't be had from
// that again.
func TestProcessorsJSON(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		cpu  DedicatedCPU
		want string
	}{
		{DedicatedCPU{Min: "1", Max: "4"}, `{"ncpus":"1-4"}`},
		{DedicatedCPU{Min: "2", Max: "2", Importance: "7"}, `{"ncpus":2,"importance":7}`},
		{DedicatedCPU{Min: "", Max: "4"}, `{"ncpu_min":"","ncpu_max":"4"}`},
		{DedicatedCPU{Min: "1", Max: ""}, `{"ncpus":"1-"}`},
		{DedicatedCPU{Min: "1-2", Max: "3"}, `{"ncpu_min":"1-2","ncpu_max":"3"}`},
		{DedicatedCPU{}, `{"ncpu_min":"","ncpu_max":""}`},
	} {
		z := Zone{Name: "z", IPType: SharedIP, DedicatedCPU: &test.cpu}
		text, err := json.Marshal(&z)
		if err != nil {
			t.Fatal(err)
		}
		var fields struct {
			CPU json.RawMessage `json:"dedicated-cpu"`
		}
		if err := json.Unmarshal(text, &fields); err != nil || string(fields.CPU) != test.want {
			t.Errorf("%+v: %s, %v, want %s", test.cpu, fields.CPU, err, test.want)
		}
		var back Zone
		if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(back.DedicatedCPU, &test.cpu) {
			t.Errorf("%s is %+v, %v, want %+v", text, back.DedicatedCPU, err, test.cpu)
		}
	}
	for _, end := range []string{`"ncpu_min":"5"`, `"ncpu_max":"5"`} { // one end alone is none
		var z Zone
		err := json.Unmarshal([]byte(`{"zonename":"z","ip-type":"shared","dedicated-cpu":{"ncpus":"1-2",`+end+`}}`), &z)
		if want := (DedicatedCPU{Min: "1", Max: "2"}); err != nil || z.DedicatedCPU == nil || *z.DedicatedCPU != want {
			t.Errorf("%s: %+v, %v, want %+v", end, z.DedicatedCPU, err, want)
		}
	}
}

// TestSnapshotRefused: a snapshot whose place is taken by a directory is an error, and leaves
// no file.
func TestSnapshotRefused(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	s := Open(root, "/run")
	path := s.SnapshotPath("web")
	if err := os.MkdirAll(filepath.Join(path, "x"), 0o755); err != nil {
		t.Fatal(err)
	}
	err := s.WriteSnapshot(&Zone{Name: "web", Zonepath: root + "/zones/web", IPType: SharedIP})
	if err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("%v", err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// TestKeptUUID: a zone has its UUID as long as it is installed, and another one when it is
// installed again.
func TestKeptUUID(t *testing.T) {
	t.Parallel()
	s := Open(t.TempDir(), "/run")
	if err := os.MkdirAll(s.dir(), 0o755); err != nil {
		t.Fatal(err)
	}
	const id = "0a1b2c3d-1111-4222-8333-444455556666"
	if err := os.WriteFile(s.indexPath(), []byte("global:installed:/:\nweb:installed:/zones/web:"+id+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	last := id
	for _, test := range []struct {
		state  State
		change bool // the UUID changes
		none   bool
	}{{Installed, false, false}, {Incomplete, true, false}, {Incomplete, true, false}, {Configured, true, true}, {Installed, true, false}, {Installed, false, false}} {
		if err := s.SetState("web", test.state); err != nil {
			t.Fatal(err)
		}
		e, err := s.Entry("web")
		if err != nil {
			t.Fatal(err)
		}
		now := e.UUID.String()
		if changed := now != last; e.State != test.state || changed != test.change || (e.UUID == UUID{}) != test.none {
			t.Errorf("set to %v: %v with %s, before %s", test.state, e.State, now, last)
		}
		last = now
	}
}

// TestRemoveSnapshot: none is fine, and one that can't be removed is told.
func TestRemoveSnapshot(t *testing.T) {
	t.Parallel()
	s := Open(t.TempDir(), "/run")
	for range 2 {
		if err := s.RemoveSnapshot("web"); err != nil {
			t.Error(err)
		}
		if err := s.WriteSnapshot(&Zone{Name: "web", Zonepath: "/zones/web", IPType: SharedIP}); err != nil {
			t.Fatal(err)
		}
		if err := s.RemoveSnapshot("web"); err != nil {
			t.Error(err)
		}
		if _, err := os.Lstat(s.SnapshotPath("web")); !os.IsNotExist(err) {
			t.Errorf("it is there: %v", err)
		}
	}
	if err := os.MkdirAll(filepath.Join(s.SnapshotPath("web"), "x"), 0o755); err != nil {
		t.Fatal(err)
	}
	var failed *Error
	if err := s.RemoveSnapshot("web"); !errors.As(err, &failed) || failed.File != s.SnapshotPath("web") || failed.Code != ErrMiscFS {
		t.Errorf("a directory: %v", err)
	}
}

// TestWarnedOnce: a line of the index that is ignored is told once, wherever it has moved to.
func TestWarnedOnce(t *testing.T) {
	t.Parallel()
	s := newStore(t, oneZone+"bad:halfway:/zones/bad:\n")
	warned := 0
	s.Warn = func(IndexProblem) { warned++ }
	for _, text := range []string{"", "# above\n", "# above\n# and above\n"} {
		if text != "" {
			if err := os.WriteFile(s.indexPath(), []byte(text+oneZone+"bad:halfway:/zones/bad:\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			if _, err := s.Entries(); err != nil || warned != 1 {
				t.Fatalf("%d times, %v", warned, err)
			}
		}
	}
	if err := os.WriteFile(s.indexPath(), []byte(oneZone+"bad:halfway:/zones/bad:\nother:halfway:/zones/bad:\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Entries(); err != nil || warned != 2 {
		t.Errorf("after another one: %d times, %v", warned, err)
	}
}

// TestCheckFSType: a type is a name in a directory of the system.
func TestCheckFSType(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"lofs": true, "a": true, "...": true, ".a": true, strings.Repeat("x", nameMax-1): true,
		"": false, ".": false, "..": false, "a/b": false, "/": false, strings.Repeat("x", nameMax): false,
	} {
		err := CheckFSType(text)
		var invalid *Invalid
		if (err == nil) != want || err != nil && (!errors.As(err, &invalid) || !errors.Is(err, ErrInvalid)) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}
