package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gozones/zones/internal/testenv"
)

// buildStatic builds the command so that it runs where there is nothing else.
func buildStatic(t *testing.T, path string) {
	t.Helper()
	build := exec.Command("go", "build", "-o", path, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// runProgram runs the call as a process whose root directory is the machine.
func (r *recording) runProgram(t *testing.T, m *recordedMachine, start startState) answer {
	t.Helper()
	if r.File != nil {
		write(t, m.root, map[string]string{"/tmp/script.cfg": *r.File})
	}
	c := &exec.Cmd{
		Path: "/usr/bin/zonecfg", Args: append([]string{"zonecfg"}, r.Argv...), Dir: "/tmp",
		Env:         []string{"PATH=/usr/bin:/bin", "LC_ALL=C"},
		SysProcAttr: &syscall.SysProcAttr{Chroot: m.root},
	}
	if uid, gid := os.Geteuid(), os.Getegid(); uid != 0 {
		c.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
		c.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: uid, Size: 1}}
		c.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: gid, Size: 1}}
	}
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	if r.Stdin != nil {
		c.Stdin = strings.NewReader(*r.Stdin)
	}
	if err := c.Start(); errors.Is(err, fs.ErrPermission) {
		testenv.Need(t, testenv.Namespaces(os.Geteuid(), err))
	} else if err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(time.Minute, func() { c.Process.Kill() })
	defer late.Stop()
	c.Wait()
	got := answer{Exit: c.ProcessState.ExitCode(), Stdout: fold(out.String()), Stderr: fold(errs.String())}
	m.after(t, start, &got)
	return got
}

// TestRecordingsProgram holds a sample of the answers, and those of every call with an
// alternate root, against those of the program itself.
func TestRecordingsProgram(t *testing.T) {
	t.Parallel()
	testenv.Need(t, testenv.Long)
	const every = 20
	shared := testenv.MemoryDir(t)
	program := filepath.Join(shared, "zonecfg")
	buildStatic(t, program)
	templates, brands, users := recordedFiles(t)
	list, starts := readRecordings(t)
	sample := 0
	for i, r := range list {
		if i%every != 0 && !slices.Contains(r.Argv, "-R") {
			continue
		}
		sample++
		t.Run(r.ID, func(t *testing.T) {
			t.Parallel()
			start := starts[r.Start]
			root := testenv.MemoryDir(t)
			m := newRecordedMachine(t, root, "", templates)
			m.reset(t, start)
			write(t, root, brands)
			write(t, root, users)
			write(t, root, map[string]string{"/dev/null": "", "/var/run/zones/.keep": "", "/usr/bin/.keep": ""})
			if err := os.Link(program, root+"/usr/bin/zonecfg"); err != nil {
				t.Fatal(err)
			}
			r.hold(t, r.runProgram(t, m, start))
		})
	}
	if sample < 200 {
		t.Errorf("only %d calls", sample)
	}
}
