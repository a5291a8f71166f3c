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

	"github.com/gozones/zones/sys/mount"
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

// TestVerbsLock: the verbs that change a zone's files or its state take its lock first.
func TestVerbsLock(t *testing.T) {
	t.Parallel()
	for verb, test := range map[Verb]struct {
		state string
		do    func(ctx context.Context, z *Target) error
	}{
		VerbInstall:   {"configured", func(ctx context.Context, z *Target) error { return z.Install(ctx, InstallOptions{}) }},
		VerbClone:     {"configured", func(ctx context.Context, z *Target) error { return z.Clone(ctx, CloneOptions{Source: "src"}) }},
		VerbAttach:    {"configured", func(ctx context.Context, z *Target) error { return z.Attach(ctx, AttachOptions{}) }},
		VerbUninstall: {"installed", func(ctx context.Context, z *Target) error { return z.Uninstall(ctx, UninstallOptions{}) }},
		VerbMove:      {"installed", func(ctx context.Context, z *Target) error { return z.Move(ctx, "/z/moved") }},
		VerbDetach:    {"installed", func(ctx context.Context, z *Target) error { return z.Detach(ctx, DetachOptions{}) }},
		VerbMark:      {"installed", func(ctx context.Context, z *Target) error { return z.Mark(ctx, MarkOptions{State: zonecfg.Incomplete}) }},
	} {
		b := newBench(t)
		b.zone("z1", test.state)
		b.zone("src", "installed")
		before := b.state("z1")
		if err := errors.Join(os.MkdirAll(filepath.Join(b.dir, "z/z1/root"), 0o755), os.Chmod(filepath.Join(b.dir, "z/z1"), 0o700),
			os.Mkdir(filepath.Join(b.RunDir, "z1.zoneadm.lock"), 0o700)); err != nil {
			t.Fatal(err)
		}
		if err := test.do(t.Context(), b.On("z1", Observer{})); !errors.Is(err, syscall.EISDIR) || b.state("z1") != before || b.calls() != nil {
			t.Errorf("%s: %v; then %+v, hooks %q", verb, err, b.state("z1"), b.calls())
		}
	}
}

// TestMoveUndone: a move that fails removes the directory that it made, and no other.
func TestMoveUndone(t *testing.T) {
	t.Parallel()
	for _, there := range []bool{false, true} {
		b := newBench(t)
		b.zone("z1", "installed")
		b.Mounts = func() ([]mount.Entry, error) { return []mount.Entry{{Point: filepath.Join(b.dir, "z/z1/root/x")}}, nil }
		to := filepath.Join(b.dir, "z/new")
		if there {
			if err := os.Mkdir(to, 0o700); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.On("z1", Observer{}).Move(t.Context(), "/z/new"); !errors.Is(err, ErrMounted) {
			t.Errorf("%v", err)
		}
		if _, err := os.Stat(to); (err == nil) != there {
			t.Errorf("the directory was there: %v; then %v", there, err)
		}
	}
}
