//go:build linux && amd64

package check

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gozones/zones/internal/testenv"
)

// machine has its own run directory and configuration, and the programs of this project for
// both systems.
type machine struct {
	*testing.T
	run      string
	programs map[string]string // directories by system
	env      []string
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	testenv.Need(t, testenv.Root)
	dir := t.TempDir()
	m := &machine{T: t, run: filepath.Join(dir, "run"), programs: map[string]string{}}
	for _, system := range []string{"linux", "illumos"} {
		bin := filepath.Join(dir, system)
		m.programs[system] = bin
		packages := []string{"./cmd/zoneadm-go", "./cmd/zoneadmd-go", "./cmd/zlogin-go"}
		if system == "linux" {
			packages = append(packages, "./cmd/zonecfg-go", "./cmd/zones-kernel")
		}
		build := exec.Command("go", append([]string{"build", "-o", bin + "/"}, packages...)...)
		build.Dir = "../../.."
		build.Env = append(os.Environ(), "GOOS="+system, "GOARCH=amd64", "CGO_ENABLED=0")
		if output, err := build.CombinedOutput(); err != nil {
			t.Fatalf("building for %s: %v\n%s", system, err, output)
		}
	}
	m.env = append(os.Environ(), "ZONES_RUN="+m.run, "ZONES_ROOT="+filepath.Join(dir, "root"), "ZONES_KERNEL="+m.programs["linux"]+"/zones-kernel",
		"PATH="+m.programs["linux"]+":"+os.Getenv("PATH"))
	for _, made := range []string{m.run, filepath.Join(dir, "root")} {
		if err := os.Mkdir(made, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(m.end)
	return m
}

// end ends the kernel process, which destroys the zones.
func (m *machine) end() {
	text, err := os.ReadFile(filepath.Join(m.run, "kernel.pid"))
	if err != nil {
		return
	}
	exec.Command("kill", strings.TrimSpace(string(text))).Run()
	for syscall.Access("/proc/"+strings.TrimSpace(string(text)), 0) == nil {
		exec.Command("sleep", "0.05").Run()
	}
}

// do runs a program of one of the systems and returns its output.
func (m *machine) do(system string, args ...string) string {
	m.Helper()
	args[0] = filepath.Join(m.programs[system], args[0])
	if system == "illumos" {
		args = append([]string{runner(m.T)}, args...)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = m.env
	output, err := cmd.CombinedOutput()
	if err != nil {
		m.Fatalf("%s: %v: %v\n%s", system, args, err, output)
	}
	return string(output)
}

// state returns the state of the zone, which both builds must agree on.
func (m *machine) state() string {
	m.Helper()
	var states []string
	for _, system := range []string{"linux", "illumos"} {
		line := m.do(system, "zoneadm-go", "-z", "web", "list", "-p")
		fields := strings.Split(line, ":")
		if len(fields) < 3 {
			m.Fatalf("%s lists %q", system, line)
		}
		states = append(states, line)
	}
	if states[0] != states[1] {
		m.Errorf("the Linux build lists %q, the illumos build %q", states[0], states[1])
	}
	return strings.Split(states[0], ":")[2]
}

// TestZoneadm lists, boots and halts zones with the illumos build of zoneadm-go and enters
// them with that of zlogin-go, in a kernel process that the Linux build uses too.
func TestZoneadm(t *testing.T) {
	runner(t)
	m := newMachine(t)
	m.do("linux", "zonecfg-go", "-z", "web", "create -b; set zonepath="+filepath.Join(m.TempDir(), "web")+"; set brand=sparse")
	m.do("linux", "zoneadm-go", "-z", "web", "install")
	for _, step := range []struct{ system, verb, state string }{
		{"illumos", "boot", "running"},
		{"linux", "halt", "installed"},
		{"linux", "boot", "running"},
		{"illumos", "halt", "installed"},
		{"illumos", "ready", "ready"},
		{"illumos", "boot", "running"},
		{"illumos", "halt", "installed"},
	} {
		m.do(step.system, "zoneadm-go", "-z", "web", step.verb)
		if state := m.state(); state != step.state {
			t.Errorf("after %s by the %s build the zone is %s, not %s", step.verb, step.system, state, step.state)
		}
		// zlogin-go enters the zone in a child process.
		if step.state == "running" {
			for _, system := range []string{"linux", "illumos"} {
				if said := m.do(system, "zlogin-go", "web", "hostname; id -u"); said != "web\n0\n" {
					t.Errorf("a program that the %s build started in the zone said %q", system, said)
				}
			}
		}
	}
}
