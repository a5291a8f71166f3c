package zoneadm

import (
	"bytes"
	"errors"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/zonecfg"
)

// TestStartDaemon: a zoneadmd that isn't this project's is started with the zone, the
// alternate root and an environment of its own.
func TestStartDaemon(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "zoneadmd")
	t.Setenv("ZONES_ZONEADMD", program)
	t.Setenv("ZONES_ROOT", "/elsewhere")
	t.Setenv("SECRET", "x")
	for _, test := range []struct {
		name, root, script string
		args               string
		err                error
		said               string
	}{
		{"without a root", "", "exit 0", "-z web", nil, ""},
		{"with one", "/alt", "exit 0", "-z web -R /alt", nil, ""},
		{"it says why not", "", "echo no room >&2; exit 1", "-z web", ErrNoDaemon, "no room\n"},
		{"it isn't there", "", "", "", ErrNoDaemon, "fork/exec " + program + ": no such file or directory\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			args, env := filepath.Join(dir, "args"), filepath.Join(dir, "env")
			os.Remove(args)
			os.Remove(program)
			if test.script != "" {
				if err := testenv.WriteProgram(program, []byte("#!/bin/sh\necho \"$*\" >"+args+"; env >"+env+"; pwd >>"+env+"\n"+test.script+"\n"), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			var errs bytes.Buffer
			d := &Doors{RunDir: dir, Root: test.root, Err: &errs}
			if err := d.start("web"); !errors.Is(err, test.err) || errs.String() != test.said {
				t.Errorf("%v, %q", err, errs.String())
			}
			text, _ := os.ReadFile(args)
			if strings.TrimSpace(string(text)) != test.args {
				t.Errorf("arguments %q, want %q", text, test.args)
			}
			if test.script == "" {
				return
			}
			text, err := os.ReadFile(env)
			if err != nil {
				t.Fatal(err)
			}
			settings := lines(string(text))
			for setting, want := range map[string]bool{lockHeld + "=1": true, "PATH=/usr/sbin:/usr/bin": true, "ZONES_ROOT=/elsewhere": true, "SECRET=x": false, "/": true} {
				if slices.Contains(settings, setting) != want {
					t.Errorf("its environment and directory: %q in it is %v", setting, !want)
				}
			}
		})
	}
}

// TestInitSettings reads the environment that init gives to its children.
func TestInitSettings(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "init")
	write(t, path, "# comment\nTZ=UTC\nCMASK=022\nLANG=\"C\"\nLC_ALL='x y'\n=none\nnothing\n  LC_TIME=\"\nQ='\n")
	if got, want := initSettings(path), []string{"TZ=UTC", "LANG=C", "LC_ALL=x y", `LC_TIME="`, "Q='"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := initSettings(path + ".none"); got != nil {
		t.Errorf("of no file: %q", got)
	}
}

// TestConfirm: at a terminal, uninstall asks for one line that begins with y.
func TestConfirm(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]zonecfg.State{
		"y\nrest": zonecfg.Configured, "Yes": zonecfg.Configured,
		"": zonecfg.Installed, "\ny\n": zonecfg.Installed, "n\n": zonecfg.Installed, " y\n": zonecfg.Installed,
	} {
		b := newBench(t)
		b.zone("z1", "installed")
		in := filepath.Join(b.dir, "answer")
		write(t, in, answer)
		file, err := os.Open(in)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		b.Terminal, b.In = true, file
		status, out, errs := b.do("-z z1 uninstall")
		if status != ExitOK || len(errs) > 0 || !slices.Equal(out, []string{"Are you sure you want to uninstall zone z1 (y/[n])? "}) {
			t.Errorf("%q: exit status %d, %q, %q", answer, status, out, errs)
		}
		if got := b.state("z1").State; got != want {
			t.Errorf("%q: the zone is %v, want %v", answer, got, want)
		}
	}
}

// TestProcess: a command leaves its directory, which relative paths are still below.
func TestProcess(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	tool := NewTool()
	t.Cleanup(func() { signal.Reset(syscall.SIGHUP) })
	if err := tool.process(); err != nil {
		t.Fatal(err)
	}
	if now, err := os.Getwd(); err != nil || now != "/" || tool.Dir != dir {
		t.Errorf("in %s, %v; relative paths are below %s, want %s", now, err, tool.Dir, dir)
	}
}
