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

	"github.com/gozones/zones/zonecfg"
)

// TestLock: a verb holds the zone's lock until it ends, and waits for another's.
func TestLock(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.zone("z1", "installed")
	z := b.On("z1", Observer{})
	done, cancel := context.WithCancel(t.Context())
	cancel()
	unlock, err := z.lock(t.Context())
	if err != nil || !z.LockHeld {
		t.Fatalf("held %v, %v", z.LockHeld, err)
	}
	if info, err := os.Stat(filepath.Join(b.RunDir, "z1.zoneadm.lock")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the lock's file: %v, %v", info, err)
	}
	if again, err := z.lock(done); err != nil {
		t.Errorf("its holder waits for it: %v", err)
	} else if again(); !z.LockHeld {
		t.Error("the inner of two unlocks")
	}
	other := b.On("z1", Observer{})
	if _, err := other.lock(done); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "interrupted while waiting for another zoneadm") || other.LockHeld {
		t.Errorf("while it is held: %v", err)
	}
	// Meanwhile its holder changes the state to one that the waiting verb isn't for.
	if err := other.enter(VerbMove, mustNot, false); err != nil {
		t.Fatal(err)
	}
	waits := make(chan error)
	go func() {
		_, err := other.lock(t.Context())
		waits <- err
	}()
	if err := z.setState(zonecfg.Incomplete); err != nil {
		t.Fatal(err)
	}
	unlock()
	if err := <-waits; !errors.Is(err, ErrState) || other.LockHeld || z.LockHeld {
		t.Errorf("after the state changed: %v", err)
	}
	last := b.On("z1", Observer{})
	if unlock, err = last.lock(t.Context()); err != nil {
		t.Fatal(err)
	}
	unlock()
	if last.LockHeld {
		t.Error("it is held after the unlock")
	}
}

// TestLockFails: the message names the file, and that another zoneadm may be at work.
func TestLockFails(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		given func(dir string) error
		kind  error
		text  string
	}{
		{"a file in the directory's place", func(dir string) error { return errors.Join(os.Remove(dir), os.WriteFile(dir, nil, 0o600)) }, syscall.ENOTDIR, "could not mkdir %s: Not a directory"},
		{"a directory in the file's place", func(dir string) error { return os.Mkdir(filepath.Join(dir, "z1.zoneadm.lock"), 0o700) }, syscall.EISDIR, "could not open %s/z1.zoneadm.lock: Is a directory"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.zone("z1", "installed")
			if err := test.given(b.RunDir); err != nil {
				t.Fatal(err)
			}
			z := b.On("z1", Observer{})
			_, err := z.lock(t.Context())
			var failed *Error
			if !errors.Is(err, test.kind) || !errors.As(err, &failed) || z.LockHeld {
				t.Fatalf("%v, which isn't %v", err, test.kind)
			}
			want := []Line{{Relayed, strings.Replace(test.text, "%s", b.RunDir, 1)}, {Plain, "another zoneadm may have an operation in progress."}}
			if !slices.Equal(failed.Lines, want) {
				t.Errorf("%q, want %q", failed.Lines, want)
			}
			// A lock that failed isn't held: the next one fails for the same reason at once.
			if _, again := z.lock(t.Context()); !errors.Is(again, test.kind) {
				t.Errorf("the second time: %v", again)
			}
		})
	}
}
