package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gozones/zones/internal/testenv"
)

// fakeQEMU makes a script that takes QEMU's place, and returns the directory that it runs in.
func fakeQEMU(t *testing.T, script string) (dir string) {
	t.Helper()
	testenv.Need(t, testenv.System("linux", "illumos", "darwin"), testenv.Tool("sh"), testenv.Tool("ssh-keygen", "openssh-client"))
	dir = t.TempDir()
	if err := errors.Join(testenv.WriteProgram(filepath.Join(dir, "qemu"), []byte("#!/bin/sh\ncd "+dir+"\necho $$ >pid\n"+script), 0o755),
		os.WriteFile(filepath.Join(dir, "disk"), make([]byte, 512), 0o644)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestBootFails: whatever keeps a guest from coming up is said, and nothing is left of it.
func TestBootFails(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, script string
		args         []string
		errs, said   string
	}{
		{"a guest that says nothing", "exec sleep 1000", nil, "step boot took longer than 3s", "printed nothing"},
		{"a guest that hangs", "printf 'booting\\r\\n\\033[31mpanic: no disk\\033[m\\007\\n'; exec sleep 1000", nil, "step boot took longer than 3s", "booting\npanic: no disk\n"},
		{"QEMU refuses", "echo 'unknown machine' >&2; exit 1", nil, "QEMU: exit status 1: unknown machine", ""},
		{"no login prompt", "echo loader; exec sleep 1000", []string{"-access", "console"}, "step boot took longer than 3s", "loader\n"},
		{"the console ends", "echo loader; exit 0", []string{"-access", "console", "-limit", "boot=1m"}, "waiting for a login prompt: the guest ended", "loader\n"},
		{"a wrong password", "printf 'x login: '; dd bs=1 count=6 2>/dev/null; printf 'Password: '; dd bs=1 count=1 2>/dev/null; printf 'Login incorrect\\r\\n'; exec sleep 1000",
			[]string{"-access", "console", "-limit", "boot=1m"}, "refuses root with this password", "Login incorrect"},
		// Another program is faster than QEMU twice.
		{"a port that is taken", "n=$(cat n 2>/dev/null); echo x$n >n; [ ${#n} = 2 ] || { echo 'Could not set up host forwarding rule' >&2; exit 1; }; echo 'third time' >&2; exit 1",
			[]string{"-limit", "boot=1m"}, "QEMU: exit status 1: third time", "printed nothing"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := fakeQEMU(t, test.script)
			args := append([]string{"-accel", "tcg", "-qemu", filepath.Join(dir, "qemu"), "-bundle", dir, "-o", filepath.Join(dir, "out"), "-limit", "boot=3s"}, test.args...)
			var said, errs strings.Builder
			status := execute(t.Context(), append(args, filepath.Join(dir, "disk")), &said, &errs)
			if status != noResult || !strings.Contains(errs.String(), test.errs) || !strings.Contains(said.String(), test.said) {
				t.Errorf("status %d: %s\n%s", status, errs.String(), said.String())
			}
			ended(t, dir)
		})
	}
}

// ended checks that the fake QEMU is gone.
func ended(t *testing.T, dir string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("QEMU is left: %v", err)
	}
}

// TestStopped: an interrupted run leaves no machine.
func TestStopped(t *testing.T) {
	t.Parallel()
	dir := fakeQEMU(t, "echo booting; exec sleep 1000")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	go func() {
		// Nothing else reports that a process has written a file.
		for again := time.NewTicker(5 * time.Millisecond); ctx.Err() == nil; <-again.C {
			if text, err := os.ReadFile(filepath.Join(dir, "pid")); err == nil && strings.HasSuffix(string(text), "\n") {
				cancel()
			}
		}
	}()
	var said, errs strings.Builder
	status := execute(ctx, []string{"-accel", "tcg", "-qemu", filepath.Join(dir, "qemu"), "-bundle", dir, "-o", filepath.Join(dir, "out"), filepath.Join(dir, "disk")}, &said, &errs)
	if status != noResult || !strings.Contains(errs.String(), "boot: context canceled") {
		t.Errorf("status %d: %s", status, errs.String())
	}
	ended(t, dir)
}

// TestExpect: a prompt is found when it comes in pieces, and once only.
func TestExpect(t *testing.T) {
	t.Parallel()
	c, err := newConsole(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.file.Close()
	go func() {
		for _, piece := range []string{"host lo", "gin", ": ", "Pass", "word: "} {
			c.Write([]byte(piece))
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, want := range []string{"login:", "Password: "} {
		if got, err := c.expect(ctx, regexp.MustCompile(want), nil, nil); err != nil || got != want {
			t.Errorf("%q: %q, %v", want, got, err)
		}
	}
	var typed strings.Builder
	c.keys = &typed
	again, gone := make(chan time.Time), make(chan struct{})
	go func() {
		again <- time.Time{}
		close(gone)
	}()
	if got, err := c.expect(ctx, loginPrompt, gone, again); err == nil || typed.String() != "\r" {
		t.Errorf("the prompt is found again: %q, and %q is typed", got, typed.String())
	}
}
