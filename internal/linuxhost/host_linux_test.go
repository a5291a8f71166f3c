package linuxhost

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/pty"
	"github.com/gozones/zones/sys/zone"
)

func TestMain(m *testing.M) {
	if IsZsched() {
		os.Exit(ZschedMain())
	}
	if attack, asked := attacks[os.Getenv("ZONES_TEST_ATTACK")]; asked {
		os.Exit(attack())
	}
	if os.Getenv("ZONES_TEST_UNIFIED") != "" {
		if err := mountUnified(); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
	if os.Geteuid() != 0 && os.Getenv("ZONES_TEST_USER") != "" {
		if err := Isolate(); err != nil {
			fmt.Println("no namespaces:", err)
			os.Exit(0)
		}
	}
	os.Exit(m.Run())
}

// hostDirectories are mounted read-only into the zones of the tests.
var hostDirectories = []string{"/usr", "/bin", "/sbin", "/lib", "/lib64"}

// machine is a kernel on this host.
type machine struct {
	*testing.T
	k   *kernel.Kernel
	p   *kernel.Proc
	h   *Host
	dir string
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	testenv.Need(t, testenv.Root) // TestAsUser covers ordinary users
	dir := t.TempDir()
	h, err := New(Options{RunDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	k, err := kernel.New(kernel.Config{Host: h, Log: func(s string) { t.Log(s) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := k.Close(); err != nil {
			t.Error(err)
		}
	})
	return &machine{t, k, k.Global(), h.(*Host), dir}
}

// zone makes a zone with the host's programs and makes it ready.
func (m *machine) zone(name string, change func(*zone.Def)) (zone.ID, string) {
	m.Helper()
	root := filepath.Join(m.dir, name)
	for _, d := range append([]string{"/proc", "/dev", "/etc", "/tmp", "/root"}, hostDirectories...) {
		if err := os.MkdirAll(root+d, 0o755); err != nil {
			m.Fatal(err)
		}
	}
	all := ^uint32(0)
	def := &zone.Def{Name: name, Root: root, Privs: priv.Set{all, all, all}}
	if change != nil {
		change(def)
	}
	id, err := m.p.Create(def)
	if err != nil {
		m.Fatal(err)
	}
	for _, d := range hostDirectories {
		if err := m.p.Mount(id, host.Mount{Point: d, Resource: d, FSType: "lofs", Options: "ro,nodevices"}); err != nil {
			m.Fatal(err)
		}
	}
	return id, root
}

// booted makes a running zone whose init does nothing.
func (m *machine) booted(name string) (zone.ID, string) {
	m.Helper()
	id, root := m.zone(name, nil)
	m.write(root+"/etc/init", "#!/bin/sh\nexec sleep 100000\n")
	if err := zone.SetText(m.p, id, zone.AttrInitName, "/etc/init"); err != nil {
		m.Fatal(err)
	}
	if err := m.p.Boot(id); err != nil {
		m.Fatal(err)
	}
	return id, root
}

func (m *machine) write(path, text string) {
	m.Helper()
	if err := testenv.WriteProgram(path, []byte(text), 0o755); err != nil {
		m.Fatal(err)
	}
}

// run runs a shell command in a zone and returns its output and exit status.
func (m *machine) run(id zone.ID, command string) (string, zone.ExitStatus) {
	m.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		m.Fatal(err)
	}
	defer r.Close()
	process, err := m.p.Start(id, &zone.Cmd{Path: "/bin/sh", Args: []string{"sh", "-c", command}, Env: []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}, Stdout: w, Stderr: w})
	w.Close()
	if err != nil {
		m.Fatal(err)
	}
	var out bytes.Buffer
	io.Copy(&out, r)
	status, err := process.Wait()
	if err != nil {
		m.Fatal(err)
	}
	return out.String(), status
}

// halt takes a zone down.
func (m *machine) halt(id zone.ID) {
	m.Helper()
	if err := errors.Join(m.p.Shutdown(id), m.p.Destroy(id)); err != nil {
		m.Fatal(err)
	}
}

func TestZoneLife(t *testing.T) {
	m := newMachine(t)
	id, root := m.booted("life")
	for _, test := range []struct{ command, want string }{
		{"hostname", "life\n"},
		{"id -u", "0\n"},
		{"echo kept > /root/kept; cat /root/kept", "kept\n"},
		{"touch /usr/x 2>/dev/null || echo read-only", "read-only\n"},
		{"cat /proc/1/comm", "zsched\n"},
		{"ls /dev | tr '\\n' ' '", "fd full null ptmx pts random shm stderr stdin stdout tty urandom zero "},
		{"echo x > /dev/null && echo ok", "ok\n"},
		{"pwd", "/\n"},
	} {
		if out, status := m.run(id, test.command); out != test.want || status.Code != 0 {
			t.Errorf("%s: %q, %+v, want %q", test.command, out, status, test.want)
		}
	}
	if _, status := m.run(id, "exit 7"); status.Code != 7 {
		t.Errorf("exit 7: %+v", status)
	}
	if _, status := m.run(id, "kill -9 $$"); status.Signal != 9 {
		t.Errorf("kill -9: %+v", status)
	}
	if _, err := os.Stat(root + "/root/kept"); err != nil {
		t.Error(err)
	}
	if _, err := m.p.Start(id, &zone.Cmd{Path: "/no/such"}); !errors.Is(err, errno.ENOENT) {
		t.Errorf("a program that isn't there: %v", err)
	}
	if _, err := m.p.Start(id, &zone.Cmd{Path: "/etc"}); !errors.Is(err, errno.EACCES) {
		t.Errorf("a directory as program: %v", err)
	}
	m.halt(id)
	m.leftovers("life")
}

// leftovers checks that a destroyed zone has left nothing on the host.
func (m *machine) leftovers(name string) {
	m.Helper()
	for c := range m.h.groups.dirs {
		if matches, _ := filepath.Glob(filepath.Join(m.h.groups.dirs[c], m.h.groups.name, name+"*")); len(matches) > 0 {
			m.Errorf("control groups are left: %v", matches)
		}
	}
	if mounts, _ := os.ReadFile("/proc/self/mountinfo"); strings.Contains(string(mounts), m.dir) {
		m.Error("mounts are left")
	}
	m.h.mu.Lock()
	defer m.h.mu.Unlock()
	for _, z := range m.h.zones {
		if z.name == name {
			m.Error("the host still has the zone")
		}
	}
}

func TestInitFails(t *testing.T) {
	m := newMachine(t)
	id, _ := m.zone("noinit", nil)
	if err := zone.SetText(m.p, id, zone.AttrInitName, "/etc/none"); err != nil {
		t.Fatal(err)
	}
	if err := m.p.Boot(id); !errors.Is(err, errno.ENOENT) {
		t.Errorf("boot without an init: %v", err)
	}
	m.halt(id)
	m.leftovers("noinit")
}

func TestTerminal(t *testing.T) {
	m := newMachine(t)
	id, _ := m.booted("tty")
	process, err := m.p.Start(id, &zone.Cmd{Path: "/bin/sh", Args: []string{"sh", "-c", "tty; test -t 0 && echo terminal; read x; echo got $x"}, Pty: true})
	if err != nil {
		t.Fatal(err)
	}
	terminal := process.Pty()
	defer terminal.Close()
	if _, err := terminal.WriteString("hello\n"); err != nil {
		t.Fatal(err)
	}
	out, _ := io.ReadAll(terminal) // fails with EIO when the terminal is closed
	for _, want := range []string{"/dev/pts/0", "terminal", "got hello"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("terminal shows %q, without %q", out, want)
		}
	}
	if status, err := process.Wait(); status.Code != 0 || err != nil {
		t.Error(status, err)
	}
	m.halt(id)
}

// TestTerminalLike: the terminal gets another one's mode and size before the program
// runs. If they can't be read, it is an error and nothing is started.
func TestTerminalLike(t *testing.T) {
	m := newMachine(t)
	id, _ := m.booted("like")
	defer m.halt(id)
	model, err := m.p.Start(id, &zone.Cmd{Path: "/bin/sleep", Args: []string{"sleep", "100000"}, Pty: true})
	if err != nil {
		t.Fatal(err)
	}
	like := model.Pty()
	defer like.Close()
	if err := pty.Resize(like, pty.Size{Rows: 43, Cols: 132}); err != nil {
		t.Fatal(err)
	}
	mode, err := unix.IoctlGetTermios(int(like.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	mode.Cc[unix.VERASE] = 8
	mode.Iflag |= unix.IUTF8
	if err := unix.IoctlSetTermios(int(like.Fd()), unix.TCSETS, mode); err != nil {
		t.Fatal(err)
	}
	process, err := m.p.Start(id, &zone.Cmd{Path: "/bin/sh", Args: []string{"sh", "-c", "stty size; stty -a"}, Pty: true, Like: like})
	if err != nil {
		t.Fatal(err)
	}
	terminal := process.Pty()
	defer terminal.Close()
	out, _ := io.ReadAll(terminal)
	for _, want := range []string{"43 132", "erase = ^H", " iutf8"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the terminal is %q, without %q", out, want)
		}
	}
	file, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := m.p.Start(id, &zone.Cmd{Path: "/bin/sh", Pty: true, Like: file}); !errors.Is(err, errno.ENOTTY) {
		t.Errorf("like a file: %v", err)
	}
}

// TestIsolation tries to escape from the zone, one restriction per line.
func TestIsolation(t *testing.T) {
	m := newMachine(t)
	id, root := m.booted("jail")
	victim := exec.Command("sleep", "1000")
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { victim.Process.Kill(); victim.Wait() }()
	secret := filepath.Join(m.dir, "secret")
	m.write(secret, "secret")
	self, err := os.Open(m.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer self.Close()
	for _, test := range []struct{ name, command, want string }{
		{"outside processes are not seen", fmt.Sprintf("ls /proc/%d 2>/dev/null; kill -0 %[1]d 2>/dev/null && echo alive; true", victim.Process.Pid+100000), ""},
		{"only the zone's processes", "test $(ls -d /proc/[0-9]* | wc -l) -le 8 && echo few", "few\n"},
		{"no way up", "cd ../../../..; pwd; ls -d " + secret + " 2>/dev/null", "/\n"},
		{"no way through zsched's root", "ls /proc/1/root" + secret + " 2>/dev/null; ls /proc/1/cwd/" + secret + " 2>/dev/null; true", ""},
		{"no descriptor but three", "ls /proc/self/fd | wc -l | tr -d ' '", "4\n"},
		{"the program that enters can't be overwritten", "echo x 2>/dev/null > /proc/1/exe || echo refused", "refused\n"},
		{"no mounting", "mount -t tmpfs x /tmp 2>/dev/null || echo refused", "refused\n"},
		{"no unmounting", "umount /proc/sys 2>/dev/null || echo refused", "refused\n"},
		{"no namespaces", "unshare -U true 2>/dev/null || echo refused", "refused\n"},
		{"no devices of the machine", "mknod /tmp/sda b 8 0 2>/dev/null || echo refused", "refused\n"},
		{"no settings of the machine", "echo 1 2>/dev/null > /proc/sys/kernel/panic || echo refused", "refused\n"},
		{"no memory of the machine", "head -c 1 /proc/kcore 2>/dev/null | wc -c | tr -d ' '", "0\n"},
		{"no system requests", "echo h 2>/dev/null > /proc/sysrq-trigger || echo refused", "refused\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if out, _ := m.run(id, test.command); out != test.want {
				t.Errorf("%s: %q, want %q", test.command, out, test.want)
			}
		})
	}
	t.Run("chroot leads nowhere but to the zone's root", func(t *testing.T) {
		if out := m.attack(id, root, "chroot"); out != "the zone's root\n" {
			t.Errorf("%q", out)
		}
	})
	t.Run("no thread of zsched can be traced", func(t *testing.T) {
		if out := m.attack(id, root, "trace"); out != "refused\n" {
			t.Errorf("%q", out)
		}
	})
	t.Run("the names of the host's control groups are hidden", func(t *testing.T) {
		out, _ := m.run(id, "cat /proc/self/cgroup")
		for line := range strings.Lines(out) {
			if _, path, _ := strings.Cut(strings.SplitN(line, ":", 2)[1], ":"); strings.Contains(path, m.h.groups.name) {
				t.Errorf("%q", line)
			}
		}
	})
	t.Run("links can't steer a mount outside", func(t *testing.T) {
		outside := filepath.Join(m.dir, "outside")
		if err := errors.Join(os.Mkdir(outside, 0o755), os.Symlink(outside, root+"/steer")); err != nil {
			t.Fatal(err)
		}
		if err := m.p.Mount(id, host.Mount{Point: "/steer", Resource: "/usr", FSType: "lofs"}); err == nil {
			t.Error("mounted through a link that leads nowhere in the zone")
		}
		if entries, _ := os.ReadDir(outside); len(entries) != 0 {
			t.Error("something was mounted outside")
		}
	})
	m.halt(id)
	m.leftovers("jail")
}

// TestForkBomb: a zone can't use up the host's processes, and is halted in seconds
// whatever it does.
func TestForkBomb(t *testing.T) {
	m := newMachine(t)
	m.needGroups("pids")
	id, _ := m.booted("bomb")
	z, err := m.h.zone(m.key(id))
	if err != nil {
		t.Fatal(err)
	}
	if err := m.h.SetRctl(z.key, "zone.max-lwps", 30); err != nil {
		t.Fatal(err)
	}
	out, _ := m.run(id, "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50; do sleep 1000 >/dev/null 2>&1 & done 2>&1; echo")
	if !strings.Contains(out, "fork") && !strings.Contains(out, "Resource") {
		t.Errorf("fifty processes under a limit of thirty: %q", out)
	}
	if n := z.group.number("pids", "pids.current"); n <= 0 || n > 30+threadsOfZsched {
		t.Errorf("the group has %d tasks", n)
	}
	m.halt(id)
	m.leftovers("bomb")
}

func (m *machine) key(id zone.ID) host.ZoneKey {
	m.h.mu.Lock()
	defer m.h.mu.Unlock()
	for key := range m.h.zones {
		if key.ID == id {
			return key
		}
	}
	m.Fatalf("the host has no zone %d", id)
	return host.ZoneKey{}
}

// TestZschedKilled: when the kernel process exits, the zone's processes are killed.
func TestZschedKilled(t *testing.T) {
	m := newMachine(t)
	id, _ := m.booted("killed")
	key := m.key(id)
	z, _ := m.h.zone(key)
	w := m.k.Watch()
	defer w.Close()
	if err := syscall.Kill(z.sandbox.pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for {
		if s, err := zone.StatusOf(m.p, id); err != nil || s >= zone.StatusShuttingDown {
			break
		}
		<-w.More()
		w.Events()
	}
	m.halt(id)
	m.leftovers("killed")
}

// TestZschedSignals: no process in the zone can kill or stop zsched, and the programs
// that zsched starts have the default signal handling.
func TestZschedSignals(t *testing.T) {
	m := newMachine(t)
	id, _ := m.booted("signals")
	for number := 1; number <= 64; number++ {
		m.run(id, fmt.Sprintf("kill -%d 1", number)) // some signals can't be sent by any program
	}
	if out, status := m.run(id, "echo here; kill -TERM $$; echo not here"); out != "here\n" || status.Signal != 15 {
		t.Errorf("after all signals: %q, %+v", out, status)
	}
	m.halt(id)
	m.leftovers("signals")
}

// TestAsUser runs the tests again as an ordinary user.
func TestAsUser(t *testing.T) {
	testenv.Need(t, testenv.Root)
	const nobody = 65534
	dir, err := os.MkdirTemp("", "zones-user")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	program := filepath.Join(dir, "test")
	self, err := os.ReadFile("/proc/self/exe")
	if err == nil {
		err = errors.Join(testenv.WriteProgram(program, self, 0o755), os.Chmod(dir, 0o755), os.Mkdir(dir+"/tmp", 0o777), os.Chown(dir+"/tmp", nobody, nobody), os.Mkdir(dir+"/closed", 0))
	}
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program, "-test.run", "ZoneLife|Contract|Fails|Terminal|Isolation|ZschedKilled", "-test.v")
	command.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "TMPDIR=" + dir + "/tmp", "ZONES_TEST_USER=1", "ZONES_TEST_CLOSED=" + dir + "/closed"}
	command.Dir = "/"
	command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := command.CombinedOutput()
	if why, refused := strings.CutPrefix(string(out), "no namespaces: "); refused {
		testenv.Need(t, testenv.Namespaces(nobody, errors.New(strings.TrimSpace(why))))
	}
	if err != nil {
		t.Errorf("as an ordinary user: %v\n%s", err, out)
	}
}
