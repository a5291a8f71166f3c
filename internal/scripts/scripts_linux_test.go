package scripts

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/internal/trace"
)

// commands are the commands that the scripts run, and the programs that those start.
var commands = []string{"zones-kernel", "zones-unpack", "zoneadm-go", "zoneadmd-go", "zlogin-go", "zonecfg-go", "zonename-go", "zones-zfs"}

var bin string // directory with the commands

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	flag.Parse()
	if testing.Short() { // each test needs time
		return m.Run()
	}
	var err error
	if bin, err = os.MkdirTemp("", "zones-scripts"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(bin)
	if err := os.Chmod(bin, 0o755); err != nil { // other users run the commands, too
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	arguments := []string{"build", "-o", bin}
	for _, name := range commands {
		arguments = append(arguments, "../../cmd/"+name)
	}
	build := exec.Command("go", arguments...)
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v: %v\n%s", build.Args, err, out)
		return 1
	}
	return m.Run()
}

func TestScripts(t *testing.T) {
	testenv.Need(t, testenv.Long)
	testscript.Run(t, testscript.Params{
		Dir:   "testdata",
		Setup: setup,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"kernel":  kernel,
			"waitfor": waitFor,
			"left":    left,
			"gone":    gone,
			"trips":   trips,
		},
		Condition: condition,
	})
}

// setup gives a script an /etc/zones with the example's zone, a run directory and the
// commands. The kernel process is stopped at the end of the script.
func setup(env *testscript.Env) error {
	root := filepath.Join(env.WorkDir, "m")
	if err := os.CopyFS(root, os.DirFS("../../docs/examples")); err != nil {
		return err
	}
	runDir := filepath.Join(root, "run")
	env.Setenv("ZONES_ROOT", root)
	env.Setenv("ZONES_RUN", runDir)
	env.Setenv("ROOT", root)
	env.Setenv("TERM", "dumb")
	env.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	env.Defer(func() { end(runDir, syscall.SIGTERM) })
	return nil
}

// end sends a signal to the kernel process of a run directory and returns when it has
// exited.
func end(runDir string, signal syscall.Signal) error {
	text, err := os.ReadFile(filepath.Join(runDir, "kernel.pid"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid <= 1 {
		return fmt.Errorf("kernel.pid holds %q", text)
	}
	process, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return nil // it has exited
	}
	defer unix.Close(process)
	if err := unix.PidfdSendSignal(process, signal, nil, 0); err != nil {
		return nil
	}
	gone := []unix.PollFd{{Fd: int32(process), Events: unix.POLLIN}}
	for {
		n, err := unix.Poll(gone, 30_000)
		switch {
		case err == unix.EINTR:
		case err != nil:
			return err
		case n == 0:
			return fmt.Errorf("the kernel process %d doesn't exit", pid)
		default:
			return nil
		}
	}
}

func kernel(ts *testscript.TestScript, neg bool, args []string) {
	signals := map[string]syscall.Signal{"kill": syscall.SIGKILL, "stop": syscall.SIGTERM}
	if neg || len(args) != 1 || signals[args[0]] == 0 {
		ts.Fatalf("usage: kernel kill|stop")
	}
	ts.Check(end(ts.Getenv("ZONES_RUN"), signals[args[0]]))
}

// waitFor polls, since nothing reports what other processes do with files.
func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: [!] waitfor FILE")
	}
	path := ts.MkAbs(args[0])
	deadline := time.Now().Add(30 * time.Second)
	for {
		if _, err := os.Lstat(path); (err == nil) != neg {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s: waited 30 seconds", path)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// left fails if the script left anything on the host. It waits for what is ending: a process
// that has lost its memory, and with it the environment it is known by, still has sockets.
func left(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: left")
	}
	deadline := time.Now().Add(30 * time.Second)
	for {
		found := remains(ts)
		if len(found) == 0 {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("left behind:\n%s", strings.Join(found, "\n"))
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// remains lists the mounts, sockets and processes of a script.
func remains(ts *testscript.TestScript) (found []string) {
	root := ts.Getenv("ROOT")
	for name, path := range map[string]string{"mount": "/proc/self/mountinfo", "socket": "/proc/net/unix"} {
		text, err := os.ReadFile(path)
		ts.Check(err)
		for line := range strings.Lines(string(text)) {
			if strings.Contains(line, root) {
				found = append(found, name+" "+strings.TrimSpace(line))
			}
		}
	}
	for _, line := range processes(root) {
		found = append(found, "process "+line)
	}
	return found
}

// processes returns the command lines of the processes of a script.
func processes(root string) (lines []string) {
	environments, _ := filepath.Glob("/proc/[0-9]*/environ")
	self := fmt.Sprintf("/proc/%d/", os.Getpid())
	for _, path := range environments {
		text, err := os.ReadFile(path)
		if err != nil || strings.HasPrefix(path, self) || !bytes.Contains(text, []byte("ZONES_RUN="+root)) {
			continue
		}
		line, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
		lines = append(lines, string(bytes.ReplaceAll(line, []byte{0}, []byte{' '})))
	}
	return lines
}

// gone waits until the script has no process of a program.
func gone(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: gone PROGRAM")
	}
	deadline := time.Now().Add(30 * time.Second)
	of := func(line string) bool { return strings.Contains(line, args[0]) }
	for slices.ContainsFunc(processes(ts.Getenv("ROOT")), of) {
		if time.Now().After(deadline) {
			ts.Fatalf("%s: still running after 30 seconds", args[0])
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// trips counts the round trips between processes in a trace.
func trips(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: trips FILE MOST")
	}
	most, err := strconv.Atoi(args[1])
	ts.Check(err)
	file, err := os.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	defer file.Close()
	spans, err := trace.Read(file)
	ts.Check(err)
	if n := trace.Calls(spans); n > most || n == 0 {
		var lines strings.Builder
		for _, s := range spans {
			fmt.Fprintf(&lines, "%s %s %s\n", s.Process, s.Kind, s.Name)
		}
		ts.Fatalf("%d round trips, more than %d:\n%s", n, most, lines.String())
	}
}

// zones are zones with processes on this host, which a kernel process is asked for.
func zones() testenv.Requirement { return testenv.Namespaces(os.Getuid(), noZones()) }

// noZones returns why zones have no processes here.
var noZones = sync.OnceValue(func() error {
	dir, err := os.MkdirTemp("", "zones-scripts-run")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	defer end(dir, syscall.SIGTERM)
	ask := exec.Command(filepath.Join(bin, "zoneadm-go"), "host", "--json")
	ask.Env = append(os.Environ(), "ZONES_RUN="+dir, "ZONES_ROOT="+dir)
	out, err := ask.Output()
	if err != nil {
		return err
	}
	var report struct{ Host, Detail string }
	if err := json.Unmarshal(out, &report); err != nil || report.Host == "linux" {
		return err
	}
	return errors.New(report.Detail)
})

func condition(name string) (bool, error) {
	switch name {
	case "root":
		return os.Getuid() == 0, nil
	case "zones":
		return testenv.Has(zones())
	case "tmux":
		return testenv.Has(testenv.Tool("tmux"))
	}
	return false, fmt.Errorf("unknown condition %q", name)
}
