//go:build linux && amd64

package check

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/pty"
)

// machine has its own run directory and configuration, and the programs of this project for
// both systems.
type machine struct {
	*testing.T
	run      string
	programs map[string]string // directories by system
	env      []string
}

// commands builds the commands once for each system and returns their directories.
func commands(t *testing.T) map[string]string {
	t.Helper()
	building.Lock()
	defer building.Unlock()
	dirs := map[string]string{}
	for _, system := range []string{"linux", "illumos"} {
		bin := filepath.Join(buildDir, system)
		dirs[system] = bin
		if _, err := os.Stat(bin); err == nil {
			continue
		}
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
	return dirs
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	testenv.Need(t, testenv.Root)
	dir := t.TempDir()
	m := &machine{T: t, run: filepath.Join(dir, "run"), programs: commands(t)}
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

// apart checks that the daemon of the illumos build is in a process contract of its own: it
// must outlive a service that is stopped, and what else is in the contract of zoneadm-go.
func (m *machine) apart() {
	m.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		m.Fatal(err)
	}
	for _, file := range files {
		text, _ := os.ReadFile(file) // the process may have exited
		words := strings.Split(string(text), "\x00")
		if !slices.Contains(words, filepath.Join(m.programs["illumos"], "zoneadmd-go")) || !slices.Contains(words, m.run) {
			continue
		}
		at := slices.Index(words, "--contract")
		if pid := strings.Split(file, "/")[2]; at < 0 || words[at+1] != pid {
			m.Errorf("the daemon, process %s, is run as %q", pid, words)
		}
		return
	}
	m.Error("there is no daemon")
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
		{"illumos", "mount", "mounted"},
		{"illumos", "unmount", "installed"},
		{"linux", "mount", "mounted"},
		{"linux", "unmount", "installed"},
		{"illumos", "mount", "mounted"},
		{"illumos", "unmount", "installed"},
	} {
		m.do(step.system, "zoneadm-go", "-z", "web", step.verb)
		if step.system == "illumos" && step.state != "installed" {
			m.apart()
		}
		if state := m.state(); state != step.state {
			t.Errorf("after %s by the %s build the zone is %s, not %s", step.verb, step.system, state, step.state)
		}
		// zlogin-go enters the zone in a child process.
		if step.state == "mounted" {
			for _, system := range []string{"linux", "illumos"} {
				if said := m.do(system, "zlogin-go", "web", "hostname; test -e /a/etc/hostname && ls -d /usr/bin && id -u"); said != "web\n/usr/bin\n0\n" {
					t.Errorf("a program that the %s build started in the scratch zone said %q", system, said)
				}
			}
		}
		if step.state == "running" {
			for _, system := range []string{"linux", "illumos"} {
				if said := m.do(system, "zlogin-go", "web", "hostname; id -u"); said != "web\n0\n" {
					t.Errorf("a program that the %s build started in the zone said %q", system, said)
				}
			}
		}
	}
}

// TestLogin logs in with the illumos build of zlogin-go: on a terminal, as a user does, and
// with a command that gets signals. Entering a zone takes the child's session and process
// group away, so both depend on when it makes them.
func TestLogin(t *testing.T) {
	runner(t)
	m := newMachine(t)
	m.do("linux", "zonecfg-go", "-z", "web", "create -b; set zonepath="+filepath.Join(m.TempDir(), "web")+"; set brand=sparse")
	m.do("linux", "zoneadm-go", "-z", "web", "install")
	m.do("linux", "zoneadm-go", "-z", "web", "boot")
	t.Run("terminal", func(t *testing.T) {
		u := m.user(t, "zlogin-go", "web")
		u.expect("# ") // what is typed before is dropped
		u.enter("exec 9</dev/tty && echo controlling $((1 + 1))\n")
		u.expect("controlling 2")
		// The shell gives each job a process group and the terminal; keys send signals to it.
		running := func(line string) { // cat, which prints what is typed
			u.enter(line + "\n")
			u.expect(line + "\r\n")
			u.expect(line + "\r\n")
		}
		u.enter("cat\n")
		running("one")
		u.enter("\x1a")
		u.expect("Stopped")
		u.expect("# ")
		u.enter("fg\n")
		running("two")
		u.enter("\x03")
		u.expect("# ")
		u.enter("echo interrupted $?\n")
		u.expect("interrupted 130")
		u.enter("exit\n")
		u.expect("closed]")
		if err := u.cmd.Wait(); err != nil {
			t.Error(err)
		}
	})
	t.Run("signal", func(t *testing.T) {
		cmd := exec.Command(runner(t), filepath.Join(m.programs["illumos"], "zlogin-go"), "web", `trap 'echo got it; exit 3' INT; echo ready; while :; do sleep 0.1; done`)
		cmd.Env = m.env
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		late := time.AfterFunc(patience, func() { cmd.Process.Kill() })
		defer late.Stop()
		lines := bufio.NewScanner(out)
		for _, want := range []string{"ready", "got it"} {
			if !lines.Scan() || lines.Text() != want {
				t.Fatalf("the program said %q, not %q", lines.Text(), want)
			}
			cmd.Process.Signal(syscall.SIGINT)
		}
		if cmd.Wait(); cmd.ProcessState.ExitCode() != 3 {
			t.Errorf("it exits with %v", cmd.ProcessState)
		}
	})
}

// TestUpcall reboots a zone from inside, with a daemon of the illumos build. The kernel's
// request is that of process 0: what is to be said about it goes to the log, since there is
// nobody to answer.
func TestUpcall(t *testing.T) {
	program := runner(t)
	testenv.Need(t, testenv.Tool("/usr/bin/python3"))
	m := newMachine(t)
	daemon := guest(t, "daemon")
	m.do("linux", "zonecfg-go", "-z", "web", "create -b; set zonepath="+filepath.Join(m.TempDir(), "web")+"; set brand=sparse; set bootargs=\"-v surplus\"; add net; set physical=ipmp0; set address=192.0.2.1/24; end")
	m.do("linux", "zoneadm-go", "-z", "web", "install")
	cmd := exec.Command(program, daemon, "web")
	cmd.Env = append(m.env, "ILLUMOS_RUN_INTERFACES=ipmp0") // which is no link
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(patience, func() { cmd.Process.Kill() })
	defer late.Stop()
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "serves" {
	}
	m.do("linux", "zoneadm-go", "-z", "web", "boot")
	said := make(chan string, 1)
	go func() {
		defer close(said)
		for lines.Scan() {
			// The address stays after a halt if it isn't removed, and then can't be given to
			// the zone that is booted next.
			if strings.Contains(lines.Text(), "network interface") {
				t.Error(lines.Text())
			}
			if strings.Contains(lines.Text(), "WARNING: Unused or invalid boot arguments") {
				said <- lines.Text()
			}
		}
	}()
	const restart = 0x01234567 // LINUX_REBOOT_CMD_RESTART
	m.do("linux", "zlogin-go", "web", fmt.Sprintf("python3 -c 'import ctypes; ctypes.CDLL(None).reboot(%d)' & wait", restart))
	if line := <-said; line == "" {
		t.Error("a request of the kernel was answered as a user's")
	}
	m.do("linux", "zoneadm-go", "-z", "web", "halt")
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// patience is how long a program may take to answer.
const patience = 30 * time.Second

// user is a user at a terminal of this machine, on which a program runs.
type user struct {
	*testing.T
	cmd      *exec.Cmd
	terminal *os.File // the manager's side
	said     string   // and not yet expected
}

// user runs an illumos program of this project on a new terminal.
func (m *machine) user(t *testing.T, args ...string) *user {
	t.Helper()
	manager, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { manager.Close() })
	name, err := pty.NameOf(manager)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(manager.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	terminal, err := os.OpenFile(name, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	args[0] = filepath.Join(m.programs["illumos"], args[0])
	u := &user{T: t, cmd: exec.Command(runner(t), args...), terminal: manager}
	u.cmd.Env = append(m.env, "TERM=dumb")
	u.cmd.Stdin, u.cmd.Stdout, u.cmd.Stderr = terminal, terminal, terminal
	u.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := u.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(patience, func() { u.cmd.Process.Kill() })
	t.Cleanup(func() { late.Stop() })
	return u
}

func (u *user) enter(text string) {
	u.Helper()
	if _, err := u.terminal.WriteString(text); err != nil {
		u.Fatal(err)
	}
}

// expect reads until the program has said something.
func (u *user) expect(want string) {
	u.Helper()
	buf := make([]byte, 4096)
	for {
		if _, rest, found := strings.Cut(u.said, want); found {
			u.said = rest
			return
		}
		n, err := u.terminal.Read(buf)
		if err != nil {
			u.Fatalf("instead of %q the program said %q, %v", want, u.said, err)
		}
		u.said += string(buf[:n])
	}
}
