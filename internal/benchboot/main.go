// Command benchboot times booting a zone and running a program in it next to runc with
// the same root file system. It alternates so that both run under the same conditions,
// and prints the medians with their ratios. Then it prints where the time of a boot
// goes, step by step in each process, how much longer ten zones take that one command
// boots than one, and how much longer a boot takes while many other zones run. It needs
// root, and runc for the first part.
//
//	benchboot -bin DIR [-rounds N] [-together N] [-beside N]
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/gozones/zones/internal/posix"
)

// going is cancelled when the benchmark is interrupted.
var going context.Context

func main() {
	bin := flag.String("bin", "bin", "directory of the commands")
	examples := flag.String("examples", "docs/examples", "directory with the example configuration")
	rounds := flag.Int("rounds", 20, "times that each is measured")
	together := flag.Int("together", 10, "zones that one command boots, compared with one; 0: not measured")
	crowd := flag.Int("beside", 300, "running zones that a boot is measured beside; 0: it isn't")
	flag.Parse()
	// After that no command is run any more, and everything made is removed.
	var stop context.CancelFunc
	going, stop = signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(*bin, *examples, *rounds, *together, *crowd); err != nil {
		fmt.Fprintln(os.Stderr, "benchboot:", err)
		os.Exit(1)
	}
}

// side is one of the two contestants: it starts a container from nothing to a running
// init, runs a program in it, and removes it.
type side struct {
	name             string
	boot, exec, down []string
	booted, executed []time.Duration
}

// settle is the pause before each measurement. The kernel removes namespaces and
// control groups after the command that ended them has exited, which must not slow
// down the other side.
const settle = 150 * time.Millisecond

func run(bin, examples string, rounds, together, crowd int) error {
	if os.Getuid() != 0 {
		return errors.New("must be root, as runc with cgroups must")
	}
	bin, err := filepath.Abs(bin)
	if err != nil {
		return err
	}
	top, err := os.MkdirTemp("", "benchboot")
	if err != nil {
		return err
	}
	defer os.RemoveAll(top)
	if err := os.CopyFS(top, os.DirFS(examples)); err != nil {
		return err
	}
	runDir, err := memoryDir(top)
	if err != nil {
		return err
	}
	defer os.RemoveAll(runDir)
	m := &machine{top, runDir, filepath.Join(bin, "zoneadm-go"), filepath.Join(bin, "zlogin-go")}
	_ = os.Setenv("ZONES_ROOT", top)
	_ = os.Setenv("ZONES_RUN", m.runDir)
	defer stopKernel(m.runDir)
	if _, err := timed(m.zoneadm, "-z", "web", "install"); err != nil {
		return err
	}
	if _, err := exec.LookPath("runc"); err != nil {
		fmt.Println("no runc on this machine: nothing to compare with")
	} else if err := m.compare(rounds); err != nil {
		return err
	}
	if err := m.breakdown(rounds); err != nil {
		return err
	}
	if together > 0 {
		if err := m.together(together, rounds); err != nil {
			return err
		}
	}
	if crowd > 0 {
		return m.beside(crowd, rounds)
	}
	return nil
}

// memoryDir makes a run directory in memory, where /run is, if the host has one.
func memoryDir(top string) (string, error) {
	if dir, err := os.MkdirTemp("/dev/shm", "benchboot"); err == nil {
		return dir, nil
	}
	return os.MkdirTemp(top, "run")
}

// compare measures zones and runc in turn.
func (m *machine) compare(rounds int) error {
	bundle := filepath.Join(m.top, "bundle")
	if err := makeBundle(bundle, filepath.Join(m.top, "zones/web/root")); err != nil {
		return err
	}
	container := fmt.Sprintf("benchboot-%d", os.Getpid())
	zones := &side{
		name: "zones",
		boot: []string{m.zoneadm, "-z", "web", "boot"},
		exec: []string{m.zlogin, "web", "true"},
		down: []string{m.zoneadm, "-z", "web", "halt"},
	}
	runc := &side{
		name: "runc",
		boot: []string{"runc", "run", "-d", "--bundle", bundle, container},
		exec: []string{"runc", "exec", container, "true"},
		down: []string{"runc", "delete", "-f", container},
	}
	defer func() { _ = exec.Command("runc", "delete", "-f", container).Run() }()
	const logins = 5
	for round := -1; round < rounds; round++ { // the first round warms up
		for _, s := range []*side{zones, runc} {
			if err := s.once(round >= 0, logins); err != nil {
				return err
			}
		}
	}
	fmt.Printf("%-26s %10s %10s %8s\n", fmt.Sprintf("median of %d rounds", rounds), "zones", "runc", "ratio")
	report("boot to init running", zones.booted, runc.booted)
	report("a program inside (true)", zones.executed, runc.executed)
	return nil
}

// once starts a container, runs programs in it and removes it.
func (s *side) once(counts bool, logins int) error {
	time.Sleep(settle)
	booted, err := timed(s.boot...)
	if err != nil {
		return err
	}
	var executed []time.Duration
	for range logins {
		took, err := timed(s.exec...)
		if err != nil {
			return err
		}
		executed = append(executed, took)
	}
	if counts {
		s.booted = append(s.booted, booted)
		s.executed = append(s.executed, executed...)
	}
	_, err = timed(s.down...)
	return err
}

func report(what string, ours, theirs []time.Duration) {
	a, b := median(ours), median(theirs)
	fmt.Printf("%-26s %10s %10s %8.2f\n", what, rounded(a), rounded(b), float64(a)/float64(b))
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

// timed runs a command and waits for it to exit. Its output goes to a file, as in a
// script: with a pipe, the wait would last until every process that has it open exits.
func timed(argv ...string) (time.Duration, error) {
	out, err := os.CreateTemp("", "benchboot-out")
	if err != nil {
		return 0, err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	command := exec.CommandContext(going, argv[0], argv[1:]...)
	command.Stdout, command.Stderr = out, out
	begin := time.Now()
	err = command.Run()
	took := time.Since(begin)
	if err != nil {
		text, _ := os.ReadFile(out.Name())
		return took, fmt.Errorf("%v: %w\n%s", argv, err, text)
	}
	return took, nil
}

// makeBundle writes an OCI bundle for the zone's root file system: the configuration
// that runc itself proposes, with the same directories of the host bound read-only.
func makeBundle(bundle, root string) error {
	if err := os.Mkdir(bundle, 0o755); err != nil {
		return err
	}
	spec := exec.Command("runc", "spec")
	spec.Dir = bundle
	if out, err := spec.CombinedOutput(); err != nil {
		return fmt.Errorf("runc spec: %w: %s", err, out)
	}
	path := filepath.Join(bundle, "config.json")
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var config map[string]json.RawMessage
	if err := json.Unmarshal(text, &config); err != nil {
		return err
	}
	var process map[string]any
	var mounts []any
	if err := errors.Join(json.Unmarshal(config["process"], &process), json.Unmarshal(config["mounts"], &mounts)); err != nil {
		return err
	}
	process["terminal"] = false
	process["args"] = []string{"sleep", "infinity"}
	for _, dir := range []string{"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"} {
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if target, err := os.Lstat(filepath.Join(root, dir)); err != nil || !target.IsDir() {
			continue // a link within the root, as with a merged /usr
		}
		mounts = append(mounts, map[string]any{"destination": dir, "type": "bind", "source": dir, "options": []string{"rbind", "ro"}})
	}
	parts := map[string]any{"process": process, "mounts": mounts, "root": map[string]any{"path": root, "readonly": false}}
	for name, part := range parts {
		if config[name], err = json.Marshal(part); err != nil {
			return err
		}
	}
	if text, err = json.Marshal(config); err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}

// stopKernel stops the kernel process that the commands started in runDir, and with it
// every zone, and returns when the daemons have exited.
func stopKernel(runDir string) {
	text, err := os.ReadFile(filepath.Join(runDir, "kernel.pid"))
	if err != nil {
		return
	}
	var pid int
	if _, err := fmt.Sscan(string(text), &pid); err != nil || pid <= 1 {
		return
	}
	process, err := os.FindProcess(pid)
	if err != nil || process.Signal(os.Interrupt) != nil {
		return
	}
	// The kernel holds this lock until it exits.
	if turn, err := os.OpenFile(filepath.Join(runDir, "kernel.turn"), os.O_RDWR, 0); err == nil {
		defer turn.Close()
		_ = posix.LockExclusive(turn)
	}
	// These daemons aren't children of this process, so their exit has to be polled.
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if doors, err := filepath.Glob(filepath.Join(runDir, "*.zoneadmd*")); err != nil || len(doors) == 0 {
			return
		}
	}
}
