// Command benchstart times the cheapest run of each command of this project next to a
// Go program that does nothing, in turns so that both run under the same conditions.
// It prints the medians with their ratios, and fails if "zoneadm-go list" of an empty
// machine takes more than the limit. On the machine of the other lines a kernel process
// runs, which list asks.
//
//	benchstart -bin DIR -cmd DIR [-rounds N] [-limit RATIO]
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/gozones/zones/internal/locate"
)

func main() {
	bin := flag.String("bin", "bin", "directory of the commands")
	cmd := flag.String("cmd", "cmd", "directory with a directory for each command")
	rounds := flag.Int("rounds", 200, "times that each is measured")
	limit := flag.Float64("limit", 2, "the most that zoneadm-go list may take on an empty machine, in starts of an empty program")
	flag.Parse()
	if err := run(*bin, *cmd, *rounds, *limit); err != nil {
		fmt.Fprintln(os.Stderr, "benchstart:", err)
		os.Exit(1)
	}
}

// subject is a command line that is measured.
type subject struct {
	argv    []string
	status  int    // that it exits with
	root    string // of its machine; "" is the one with a kernel process and a zone
	note    string // printed behind it
	limited bool
	took    []time.Duration
}

// cheapest has the cheapest useful command line of each command. The commands that
// aren't here print their help.
var cheapest = map[string]subject{
	"zoneadm-go":   {argv: []string{"list"}, note: ", with a kernel process"},
	"zonecfg-go":   {argv: []string{"-z", "x", "info", "zonename"}},
	"zlogin-go":    {status: 2}, // the usage
	"zoneadmd-go":  {status: 2},
	"zones-unpack": {status: 2},
}

func run(bin, cmd string, rounds int, limit float64) error {
	top, err := os.MkdirTemp("", "benchstart")
	if err != nil {
		return err
	}
	defer os.RemoveAll(top)
	runDir := filepath.Join(top, "run")
	_ = os.Setenv("ZONES_ROOT", top)
	_ = os.Setenv("ZONES_RUN", runDir)
	empty, err := buildEmpty(top)
	if err != nil {
		return err
	}
	subjects, err := commands(bin, cmd)
	if err != nil {
		return err
	}
	stop, err := startKernel(bin, runDir)
	if err != nil {
		return err
	}
	defer stop()
	create := exec.Command(filepath.Join(bin, "zonecfg-go"), "-z", "x", "create -b; set zonepath=/zones/x")
	if out, err := create.CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w\n%s", create.Args, err, out)
	}
	bare := filepath.Join(top, "bare")
	if err := os.Mkdir(bare, 0o755); err != nil {
		return err
	}
	subjects = append([]*subject{{argv: []string{empty}},
		{argv: []string{filepath.Join(bin, "zoneadm-go"), "list"}, root: bare, limited: true}}, subjects...)
	for round := -1; round < rounds; round++ { // the first warms up
		for _, s := range subjects {
			took, err := s.time()
			if err != nil {
				return err
			}
			if round >= 0 {
				s.took = append(s.took, took)
			}
		}
	}
	return report(subjects, rounds, limit)
}

// commands returns the measured command lines of the commands in a directory.
func commands(bin, cmd string) ([]*subject, error) {
	bin, err := filepath.Abs(bin)
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(cmd)
	if err != nil {
		return nil, err
	}
	var subjects []*subject
	for _, entry := range entries {
		s, known := cheapest[entry.Name()]
		if !known {
			s.argv = []string{"--help"}
		}
		s.argv = append([]string{filepath.Join(bin, entry.Name())}, s.argv...)
		subjects = append(subjects, &s)
	}
	return subjects, nil
}

// buildEmpty builds a program that does nothing, as the commands are built.
func buildEmpty(dir string) (string, error) {
	source, program := filepath.Join(dir, "empty.go"), filepath.Join(dir, "empty")
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() {}\n"), 0o644); err != nil {
		return "", err
	}
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s", "-o", program, source)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%v: %w\n%s", build.Args, err, out)
	}
	return program, nil
}

// startKernel starts the kernel process of a run directory, which serves the commands
// while they are measured. stop stops it.
func startKernel(bin, runDir string) (stop func(), err error) {
	if err := locate.MakeRunDir(runDir); err != nil {
		return nil, err
	}
	ready, theirs, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer ready.Close()
	const readyFD = 3 // the first descriptor of ExtraFiles
	kernel := exec.Command(filepath.Join(bin, locate.Program), "--run-dir", runDir, "--host", "sim", "--idle", "0", "--ready-fd", fmt.Sprint(readyFD))
	kernel.ExtraFiles = []*os.File{theirs}
	err = kernel.Start()
	theirs.Close()
	if err != nil {
		return nil, err
	}
	stop = func() {
		kernel.Process.Signal(os.Interrupt)
		_ = kernel.Wait()
	}
	var told [64]byte
	if n, err := ready.Read(told[:]); string(told[:n]) != "ready\n" {
		stop()
		return nil, errors.Join(fmt.Errorf("the kernel process said %q", told[:n]), err)
	}
	return stop, nil
}

// time runs a command line and waits until it exits.
func (s *subject) time() (time.Duration, error) {
	command := exec.Command(s.argv[0], s.argv[1:]...)
	// Files instead of pipes: those would have to be read until they are closed.
	out, err := os.CreateTemp("", "benchstart-out")
	if err != nil {
		return 0, err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	command.Stdout, command.Stderr = out, out
	if s.root != "" {
		command.Env = append(os.Environ(), "ZONES_ROOT="+s.root, "ZONES_RUN="+filepath.Join(s.root, "run"))
	}
	begin := time.Now()
	err = command.Run()
	took := time.Since(begin)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return 0, err
	}
	if status := command.ProcessState.ExitCode(); status != s.status {
		text, _ := os.ReadFile(out.Name())
		return 0, fmt.Errorf("%v exited with %d, not %d:\n%s", s.argv, status, s.status, bytes.TrimSpace(text))
	}
	return took, nil
}

// report prints the table. The first subject is the empty program.
func report(subjects []*subject, rounds int, limit float64) error {
	base := median(subjects[0].took)
	fmt.Printf("%-42s %10s %8s\n", fmt.Sprintf("median of %d rounds", rounds), "took", "ratio")
	var over error
	for _, s := range subjects {
		name := filepath.Base(s.argv[0])
		took := median(s.took)
		ratio := float64(took) / float64(base)
		line := name
		for _, arg := range s.argv[1:] {
			line += " " + arg
		}
		fmt.Printf("%-42s %10s %8.2f\n", line+s.note, took.Round(10*time.Microsecond), ratio)
		if s.limited && ratio > limit {
			over = fmt.Errorf("%s takes %.2f starts of an empty program, %.2f is the limit", line, ratio, limit)
		}
	}
	return over
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}
