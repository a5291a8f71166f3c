//go:build linux && amd64

package check

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/gozones/zones/internal/testenv"
)

// runner returns the path of illumos-run.
func runner(t *testing.T) string {
	t.Helper()
	testenv.Need(t, testenv.Long, testenv.Runner)
	return testenv.RunnerPath()
}

// buildDir is removed after the tests.
var buildDir string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "illumos-run-check")
	if err != nil {
		panic(err)
	}
	buildDir = dir
	status := m.Run()
	os.RemoveAll(dir)
	os.Exit(status)
}

// guest builds a program in testdata for illumos, or returns the path of the one that another
// test has built.
func guest(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(buildDir, name)
	building.Lock()
	defer building.Unlock()
	if _, err := os.Stat(path); err == nil {
		return path
	}
	build := exec.Command("go", "build", "-o", path, "./testdata/"+name)
	build.Env = append(os.Environ(), "GOOS=illumos", "GOARCH=amd64", "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the guest %s: %v\n%s", name, err, output)
	}
	return path
}

var building sync.Mutex

// The runner stops the program for anything that it doesn't implement, with a line that
// names it.
func TestStopsAtWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	const stopped = 125
	illumosRun, program := runner(t), guest(t, "misbehave")
	for argument, want := range map[string]string{
		"function": "calls getmsg, which illumos-run does not have",
		"open":     "open: unknown flag bits 0x4000",
		"access":   "open: unknown access mode 0x3",
		"fcntl":    "fcntl: unknown command 0x1092",
		"mmap":     "mmap: unknown flag bits 0x40000000",
		"madvise":  "madvise: unknown advice 0x4d",
		"wait":     "wait4: unknown flag bits 0x100",
		"sysconf":  "sysconf: unknown name 0x10e1",
	} {
		t.Run(argument, func(t *testing.T) {
			t.Parallel()
			var said strings.Builder
			cmd := exec.Command(illumosRun, program, argument)
			cmd.Stderr = &said
			cmd.Run()
			if status := cmd.ProcessState.ExitCode(); status != stopped || !strings.Contains(said.String(), want) {
				t.Errorf("status %d and %q; want %d and %q", status, said.String(), stopped, want)
			}
		})
	}
}

func TestProgramsEndAsTheyWould(t *testing.T) {
	t.Parallel()
	illumosRun, program := runner(t), guest(t, "misbehave")
	end := func(argument string) (string, syscall.WaitStatus) {
		cmd := exec.Command(illumosRun, program, argument)
		output, _ := cmd.CombinedOutput()
		return string(output), cmd.ProcessState.Sys().(syscall.WaitStatus)
	}
	if output, status := end("nothing"); status != 0 || output != "ran\n" {
		t.Errorf("a program that ends well: %q, %#x", output, uint32(status))
	}
	if _, status := end("status"); status.ExitStatus() != 42 {
		t.Errorf("a program that exits with 42: %#x", uint32(status))
	}
	if _, status := end("signal"); status.Signal() != syscall.SIGKILL {
		t.Errorf("a program that is killed: %#x", uint32(status))
	}
	if output, status := end("crash"); status.ExitStatus() != 2 || !strings.Contains(output, "invalid memory address or nil pointer dereference") {
		t.Errorf("a program that panics: %q, %#x", output, uint32(status))
	}
}

func TestRefusesWhatIsNoIllumosProgram(t *testing.T) {
	t.Parallel()
	illumosRun := runner(t)
	text := filepath.Join(t.TempDir(), "text")
	if err := testenv.WriteProgram(text, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		text:      "is not a 64-bit x86 ELF program",
		self:      "is not",
		"/no/way": "No such file or directory",
		"":        "usage: illumos-run",
	} {
		output, err := exec.Command(illumosRun, path).CombinedOutput()
		if err == nil || !strings.Contains(string(output), want) {
			t.Errorf("running %q: %v, %q; want %q", path, err, output, want)
		}
	}
}
