package zoneadm

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/zonecfg/brand"
)

// TestHookFaults: how each hook of a verb may end, and the state of the zone then. 253 is wrong
// arguments, 254 a failure that has left nothing; a hook whose program is missing ends with 127.
func TestHookFaults(t *testing.T) {
	t.Parallel()
	testenv.Need(t, testenv.System("linux", "illumos", "darwin", "freebsd")) // hooks are run by a shell
	type end struct {
		name   string
		status int // of the hook, or
		hook   string
		usage  bool   // the verb's usage is printed
		state  string // where it differs from that of status 1
	}
	ends := []end{{"1", 1, "", false, ""}, {"253", 253, "", true, ""}, {"254", 254, "", false, "configured"}, {"255", 255, "", false, ""}, {"missing", 127, "/nosuch/hook %z", false, ""}, {"killed", -1, "", false, ""}}
	for _, test := range []struct {
		hook, verb, state string
		after             string // the state after a failure
		usage, clean      bool   // 253 and 254 mean what they say
		repair            string // a verb that brings the zone back
	}{
		{"install", "install", "configured", "incomplete", true, true, "uninstall -F"},
		{"postinstall", "install", "configured", "incomplete", true, true, "uninstall -F"},
		{"preuninstall", "uninstall -F", "installed", "installed", false, false, "uninstall -F"},
		{"uninstall", "uninstall -F", "installed", "incomplete", false, false, "uninstall -F"},
		{"clone", "clone src", "configured", "incomplete", true, false, "uninstall -F"},
		{"postclone", "clone src", "configured", "incomplete", false, false, "uninstall -F"},
		{"predetach", "detach", "installed", "installed", false, false, "detach"},
		{"detach", "detach", "installed", "installed", false, false, "detach"},
		{"attach", "attach", "configured", "configured", false, false, "attach"},
		{"verify_adm", "install", "configured", "configured", false, false, "install"},
	} {
		for _, e := range ends {
			t.Run(test.hook+" "+e.name, func(t *testing.T) {
				t.Parallel()
				b := newBench(t)
				b.zone("z1", test.state)
				b.zone("src", "installed")
				if test.verb == "attach" {
					b.detached()
				}
				command := "/b/" + test.hook + " %z"
				b.brand(map[string]string{"install": "/b/install %z", test.hook: command}, map[string]int{test.hook: max(e.status, 0)})
				program := filepath.Join(b.dir, "b", test.hook)
				var err error
				switch {
				case e.hook != "":
					err = os.Remove(program)
				case e.status < 0:
					err = testenv.WriteProgram(program, []byte("#!/bin/sh\nkill -KILL $$\n"), 0o755)
				}
				if err != nil {
					t.Fatal(err)
				}
				status, _, errs := b.do("-z z1 " + test.verb)
				if status == ExitOK {
					t.Errorf("status %d, %q", status, errs)
				}
				if usage := strings.Contains(strings.Join(errs, "\n"), "usage:"); usage != (e.usage && test.usage) {
					t.Errorf("a usage is printed: %v, %q", usage, errs)
				}
				want := test.after
				if e.state != "" && test.clean {
					want = e.state
				}
				if b.now() != want {
					t.Errorf("the zone is %s, want %s", b.now(), want)
				}
				// With a hook that works a later verb goes on from there.
				if err := testenv.WriteProgram(program, []byte("#!/bin/sh\n"), 0o755); err != nil {
					t.Fatal(err)
				}
				if want == "configured" && test.verb != "attach" {
					return // as it was
				}
				if status, _, errs := b.do("-z z1 " + test.repair); status != ExitOK {
					t.Errorf("%s: status %d, %q", test.repair, status, errs)
				}
			})
		}
	}
}

// TestHookErrorInChain: a program gets the hook and how it ended.
func TestHookErrorInChain(t *testing.T) {
	t.Parallel()
	testenv.Need(t, testenv.System("linux", "illumos", "darwin", "freebsd"))
	for _, code := range []int{1, 253, 254, 255} {
		b := newBench(t)
		b.zone("z1", "configured")
		b.brand(map[string]string{"install": "/b/install %z"}, map[string]int{"install": code})
		var failed *HookError
		if err := b.On("z1", Observer{}).Install(t.Context(), InstallOptions{}); !errors.As(err, &failed) || failed.Hook != brand.Install || failed.Code != code {
			t.Errorf("%d: %v", code, err)
		}
	}
}

// TestDisappears: a zone that somebody removes while a verb waits for its lock is no zone any
// more.
func TestDisappears(t *testing.T) {
	t.Parallel()
	for verb, state := range map[string]string{"uninstall -F": "installed", "detach": "installed", "move /z/new": "installed", "install": "configured", "clone src": "configured"} {
		b := newBench(t)
		b.zone("z1", state)
		b.zone("src", "installed")
		holder := b.On("z1", Observer{})
		unlock, err := holder.lock(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		type result struct {
			status int
			errs   []string
		}
		done := make(chan result)
		waits := make(chan struct{}, 1)
		b.Caller.Authorized = func(string) bool { // asked in the gate, before the lock
			select {
			case waits <- struct{}{}:
			default:
			}
			return true
		}
		go func() {
			status, _, errs := b.do("-z z1 " + verb)
			done <- result{status, errs}
		}()
		<-waits
		if err := b.Store.Delete("z1", true); err != nil {
			t.Fatal(err)
		}
		unlock()
		if r := <-done; r.status == ExitOK || !strings.Contains(fmt.Sprint(r.errs), "No such zone configured") {
			t.Errorf("%s: status %d, %q", verb, r.status, r.errs)
		}
	}
}

// TestStale: the files of a lock and a door that nobody serves any more are in nobody's way.
func TestStale(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"uninstall -F", "detach", "mark incomplete"} {
		b := newBench(t)
		b.zone("z1", "installed")
		b.Daemon = nil
		for _, name := range []string{"z1.zoneadm.lock", "z1.zoneadmd_door"} {
			write(t, filepath.Join(b.RunDir, name), "of a process that was killed\n")
		}
		if status, _, errs := b.do("-z z1 " + verb); status != ExitOK {
			t.Errorf("%s: status %d, %q", verb, status, errs)
		}
	}
}

// TestInterruptedMove: the same move finishes one that was killed after it had moved the files,
// and no other does.
func TestInterruptedMove(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		given  func(b *bench) error
		line   string
		status int
		path   string // of the configuration and the index afterwards
	}{
		{"before the configuration", func(b *bench) error { return os.Rename(filepath.Join(b.dir, "z/z1"), filepath.Join(b.dir, "z/new")) }, "move /z/new", ExitOK, "/z/new"},
		{"between configuration and index", func(b *bench) error {
			b.configure(b.t, "z1", "/z/new", "ipkg", "shared")
			return os.Rename(filepath.Join(b.dir, "z/z1"), filepath.Join(b.dir, "z/new"))
		}, "move /z/new", ExitOK, "/z/new"},
		{"a dry run", func(b *bench) error { return os.Rename(filepath.Join(b.dir, "z/z1"), filepath.Join(b.dir, "z/new")) }, "move --dry-run /z/new", ExitOK, "/z/z1"},
		{"to another place", func(b *bench) error { return os.Rename(filepath.Join(b.dir, "z/z1"), filepath.Join(b.dir, "z/new")) }, "move /z/third", ExitFailed, "/z/z1"},
		{"to where another zone is", func(b *bench) error { return os.RemoveAll(filepath.Join(b.dir, "z/z1")) }, "move /z/src", ExitFailed, "/z/z1"},
		{"to where it is while files are in both", func(b *bench) error { return os.MkdirAll(filepath.Join(b.dir, "z/new/root"), 0o755) }, "move /z/new", ExitFailed, "/z/z1"},
		{"to where it is already", func(*bench) error { return nil }, "move /z/z1", ExitFailed, "/z/z1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.zone("z1", "installed")
			b.zone("src", "installed")
			if err := test.given(b); err != nil {
				t.Fatal(err)
			}
			status, out, errs := b.do("-z z1 " + test.line)
			z, err := b.Store.Load("z1")
			if err != nil {
				t.Fatal(err)
			}
			if status != test.status || z.Zonepath != b.dir+test.path || b.state("z1").Zonepath != test.path {
				t.Errorf("status %d, %q, %q; then %s and %s", status, out, errs, z.Zonepath, b.state("z1").Zonepath)
			}
		})
	}
}
