package zonecfg

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/gozones/zones/internal/spectest"
	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/zone"
)

// specCase is a case of testdata/spec/cases-zoneadm.json.
type specCase struct {
	ID, Area, Do string
	Given        struct {
		IndexText    string `json:"index_text"`
		Name         string
		KernelStatus string `json:"kernel_status"`
		KernelRoot   string `json:"kernel_root"`
		IndexState   string `json:"index_state"` // of no account beside the kernel's
	}
	Expect struct {
		Entries []struct {
			Name, State, Zonepath string
			UUID                  *string
		}
		IndexText    *string `json:"index_text"`
		IndexMatches string  `json:"index_matches"`
		Error        int
		Valid        *bool
		State        string
	}
}

func TestSpecIndexRead(t *testing.T) {
	for _, c := range spectest.Cases[specCase](t, "cases-zoneadm.json", "index-read") {
		t.Run(c.ID, func(t *testing.T) {
			entries := ParseIndex([]byte(c.Given.IndexText))
			if len(entries) != len(c.Expect.Entries) {
				t.Fatalf("entries %+v, want %+v", entries, c.Expect.Entries)
			}
			for i, want := range c.Expect.Entries {
				got := entries[i]
				var id UUID
				if want.UUID != nil {
					var err error
					id, err = ParseUUID(*want.UUID)
					ok(t, err)
				}
				if got.Name != want.Name || got.State.String() != want.State || got.Zonepath != want.Zonepath || got.UUID != id {
					t.Errorf("entry %+v, want %+v", got, want)
				}
			}
		})
	}
}

func TestSpecIndexWrite(t *testing.T) {
	setState := regexp.MustCompile(`^set state of (\S+) to (\S+)$`)
	setPath := regexp.MustCompile(`^change zonepath of (\S+) to (\S+)$`)
	rename := regexp.MustCompile(`^rename (\S+) to (\S+)$`)
	simple := regexp.MustCompile(`^(add|remove) (\S+)$`)
	for _, c := range spectest.Cases[specCase](t, "cases-zoneadm.json", "index-write") {
		t.Run(c.ID, func(t *testing.T) {
			s := newStore(t, c.Given.IndexText)
			var err error
			if m := setState.FindStringSubmatch(c.Do); m != nil {
				state, ok := onDisk(m[2])
				if !ok {
					t.Fatalf("unknown state in %q", c.Do)
				}
				err = s.SetState(m[1], state)
			} else if m := setPath.FindStringSubmatch(c.Do); m != nil {
				err = s.Modify(m[1], Change{Zonepath: &m[2]})
			} else if m := rename.FindStringSubmatch(c.Do); m != nil {
				err = s.Modify(m[1], Change{Name: &m[2]})
			} else if m := simple.FindStringSubmatch(c.Do); m != nil {
				if m[1] == "add" {
					err = s.Add(m[2], "/z/new")
				} else {
					err = s.Remove(m[2])
				}
			} else {
				t.Fatalf("don't know how to %q", c.Do)
			}
			var code Code
			errors.As(err, &code)
			if int(code) != c.Expect.Error || (err != nil) != (c.Expect.Error != 0) {
				t.Errorf("error %v, want %d", err, c.Expect.Error)
			}
			text, err := os.ReadFile(s.indexPath())
			if err != nil {
				t.Fatal(err)
			}
			if c.Expect.IndexText != nil && string(text) != *c.Expect.IndexText {
				t.Errorf("index %q, want %q", text, *c.Expect.IndexText)
			}
			if c.Expect.Error != 0 && string(text) != c.Given.IndexText {
				t.Errorf("a failure changed the index to %q", text)
			}
			if m := c.Expect.IndexMatches; m != "" && !regexp.MustCompile(m).Match(text) {
				t.Errorf("index %q, want a match of %s", text, m)
			}
		})
	}
}

func newStore(t *testing.T, index string) *Store {
	t.Helper()
	root := testenv.MemoryDir(t) // it is synced often
	if err := os.MkdirAll(filepath.Join(root, "etc/zones"), 0o755); err != nil {
		t.Fatal(err)
	}
	s := Open(root, "/var/run/zones")
	if err := os.WriteFile(s.indexPath(), []byte(index), 0o644); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSpecZoneName(t *testing.T) {
	for _, c := range spectest.Cases[specCase](t, "cases-zoneadm.json", "zone-name") {
		if c.Expect.Valid == nil {
			continue
		}
		err := ValidName(c.Given.Name)
		if (err == nil) != *c.Expect.Valid || err != nil && int(err.(Code)) != c.Expect.Error {
			t.Errorf("%s: %q: %v, want %v %d", c.ID, c.Given.Name, err, *c.Expect.Valid, c.Expect.Error)
		}
	}
}

func TestSpecStateMerge(t *testing.T) {
	for _, c := range spectest.Cases[specCase](t, "cases-zoneadm.json", "state-merge") {
		var status zone.Status
		for status.String() != c.Given.KernelStatus {
			if status++; status > zone.StatusDead {
				t.Fatalf("%s: unknown kernel state %q", c.ID, c.Given.KernelStatus)
			}
		}
		if got := KernelState(status, c.Given.KernelRoot); got.String() != c.Expect.State {
			t.Errorf("%s: %s, want %s", c.ID, got, c.Expect.State)
		}
	}
}

// TestWritersAtOnce: whoever writes the index at the same time, nothing is lost.
func TestWritersAtOnce(t *testing.T) {
	s := newStore(t, "global:installed:/\n")
	names := strings.Fields("a b c d e f g h i j k l m n o p")
	var work sync.WaitGroup
	for _, name := range names {
		work.Go(func() {
			if err := errors.Join(s.Add(name, "/z/"+name), s.SetState(name, Installed)); err != nil {
				t.Error(err)
			}
		})
	}
	work.Wait()
	for _, name := range names {
		e, err := s.Entry(name)
		if err != nil || e.State != Installed || e.UUID == (UUID{}) {
			t.Errorf("%s: %+v, %v", name, e, err)
		}
	}
	if left, _ := filepath.Glob(s.dir() + "/zonecfg.*"); left != nil {
		t.Errorf("temporary files are left: %v", left)
	}
}

func FuzzParseIndex(f *testing.F) {
	f.Add([]byte("global:installed:/\nweb:installed:\"/z/a:b\":0a1b2c3d-1111-4222-8333-444455556666\n# x\r\n"))
	f.Add([]byte("z1:configured:/z/1\n\"q"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, e := range ParseIndex(text) {
			again := ParseIndex([]byte(e.Line()))
			quote := strings.ContainsAny(e.Name+e.Zonepath, `"`) || strings.ContainsAny(e.Name, ":\r\n#") || len(e.Line()) > indexChunk
			if !quote && (len(again) != 1 || again[0] != e) {
				t.Fatalf("%+v is written as %q and read as %+v", e, e.Line(), again)
			}
		}
		modifyIndex(text, "web", Change{})
		removeIndex(text, "web")
	})
}
