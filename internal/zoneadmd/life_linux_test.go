package zoneadmd_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/zone"
)

// TestLife: ready, boot, reboot and halt, and a dialogue with the zone at its console.
func TestLife(t *testing.T) {
	b := newBox(t, `[ "$1" = -s ] || exit
tty </dev/console
echo "what is your name?"
read name
echo "hello $name in $(cat /etc/hostname) $*"
`, `bootargs="-s"`, `<filesystem special="/etc" directory="/mnt/of/host" type="lofs"><fsoption name="ro"/></filesystem>`)
	b.do(zone.CommandReady, "")
	console := b.connect("0")
	b.do(zone.CommandBoot, "")
	b.until(console, "\r\n[NOTICE: Zone booting up]\r\n")
	b.until(console, "/dev/console\r\n")
	b.until(console, "what is your name?\r\n")
	typeIn(console, "gopher\n")
	b.until(console, "hello gopher in web -s\r\n")
	if reply := b.ask(zone.CommandBoot, ""); reply.Text != "zone is already booted\n" {
		t.Errorf("%+v", reply)
	}
	b.do(zone.CommandReboot, "-s -m two")
	b.until(console, "\r\n[NOTICE: Zone rebooting with arguments: -s -m two]\r\n")
	b.until(console, "what is your name?\r\n")
	typeIn(console, "again\n")
	b.until(console, "hello again in web -s -m two\r\n")
	b.do(zone.CommandHalt, "")
	b.until(console, "\r\n[NOTICE: Zone halted]\r\n")
	pids := b.daemons()
	if len(pids) != 1 {
		t.Fatalf("daemons %v, with a client at the console", pids)
	}
	environment, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pids[0]))
	if strings.Contains(string(environment), "SECRET") {
		t.Errorf("the daemon has the caller's environment: %q", environment)
	}
	if _, err := os.Stat(b.root + "/z/web/root/mnt/of/host"); err != nil {
		t.Errorf("the mount point was not made: %v", err)
	}
}

// TestSmartosLive1119NothingLeft: the daemon of a halted zone exits and leaves nothing behind.
func TestSmartosLive1119NothingLeft(t *testing.T) {
	b := newBox(t, "", "", "")
	b.do(zone.CommandBoot, "")
	if len(b.daemons()) != 1 {
		t.Error("a running zone has no daemon")
	}
	b.do(zone.CommandHalt, "")
	b.left()
	// And again immediately.
	b.do(zone.CommandBoot, "")
	b.do(zone.CommandShutdown, "")
	b.left()
	if reply := b.ask(zone.CommandHalt, ""); reply.Text != "zone is already halted\n" || reply.Result != 0 {
		t.Errorf("%+v", reply)
	}
	b.left()
}

// TestFromInside: when init exits the zone is halted; reboot(2) reboots it.
func TestFromInside(t *testing.T) {
	testenv.Need(t, testenv.Tool("/usr/bin/python3"))
	b := newBox(t, `n=$(cat /root/boots 2>/dev/null || echo 0)
echo $((n + 1)) >/root/boots
echo "boot $n"
read line # the boot itself is over then
[ "$n" != 0 ] || exec python3 -c '
import ctypes
libc = ctypes.CDLL(None)
libc.reboot(0x01234567)
'
kill -TERM 1 $PPID
`, "", "")
	b.do(zone.CommandReady, "")
	console := b.connect("1")
	b.do(zone.CommandBoot, "")
	b.until(console, "boot 0\r\n")
	typeIn(console, "\n")
	b.until(console, "\r\n[NOTICE: Zone rebooting]\r\n")
	b.until(console, "boot 1\r\n")
	typeIn(console, "\n")
	b.until(console, "\r\n[NOTICE: Zone halted.  Disconnecting...]\r\n")
	if _, err := console.ReadByte(); err != io.EOF {
		t.Errorf("the console: %v", err)
	}
	b.left()
}

// TestForkBomb: a zone that only forks can be halted.
func TestForkBomb(t *testing.T) {
	testenv.Need(t, testenv.Root) // without control groups nothing limits it
	b := newBox(t, "echo go; bomb() { while :; do (bomb) & done; }; (bomb) >/dev/null 2>&1 &\n", "",
		`<rctl name="zone.max-lwps"><rctl-value priv="privileged" limit="60" action="deny"/></rctl>`)
	b.do(zone.CommandReady, "")
	console := b.connect("0")
	b.do(zone.CommandBoot, "")
	b.until(console, "go\r\n")
	b.do(zone.CommandHalt, "")
	b.until(console, "\r\n[NOTICE: Zone halted]\r\n")
}

// TestDaemonKilled: the zone continues to run, and the next daemon takes it over with
// a warning and gives it a console again.
func TestDaemonKilled(t *testing.T) {
	b := newBox(t, "", "", "")
	b.do(zone.CommandBoot, "")
	pids := b.daemons()
	if len(pids) != 1 {
		t.Fatalf("daemons: %v", pids)
	}
	unix.Kill(pids[0], unix.SIGKILL)
	b.gone(pids[0])
	out, err := b.launch()
	want := "zone 'web': WARNING: zone is in state 'running', but zoneadmd does not appear to be available; restarted zoneadmd to recover.\n"
	if err != nil || out != want {
		t.Errorf("%q, %v", out, err)
	}
	if out, err := b.launch(); err == nil || out != "" {
		t.Errorf("a second daemon: %q, %v", out, err)
	}
	if reply := b.ask(zone.CommandBoot, ""); reply.Text != "zone is already booted\n" {
		t.Errorf("%+v", reply)
	}
	b.write("/z/web/root/etc/rc.local", "#!/bin/sh\necho 'here again'\n")
	os.Chmod(b.root+"/z/web/root/etc/rc.local", 0o755)
	console := b.connect("0")
	b.do(zone.CommandReboot, "")
	b.until(console, "here again\r\n")
	b.do(zone.CommandHalt, "")
}

// TestKernelEnds: the daemon exits when the kernel is killed or exits cleanly, and the
// next daemon finds the zone installed.
func TestKernelEnds(t *testing.T) {
	b := newBox(t, "", "", "")
	for _, sig := range []unix.Signal{unix.SIGKILL, unix.SIGTERM} {
		b.do(zone.CommandBoot, "")
		kernel := b.kernel()
		unix.Kill(kernel, sig)
		log := b.run + "/zoneadmd.log"
		for _, pid := range b.daemons() {
			b.gone(pid)
		}
		b.gone(kernel) // otherwise it may still accept a call and exit before it answers
		// A kernel that exits cleanly may have reported the end of the zone first, and a
		// system that has its own log gets the line.
		text, _ := os.ReadFile(log)
		_, noSyslog := os.Stat("/dev/log")
		if must := sig == unix.SIGKILL && noSyslog != nil; (must || len(text) > 0) && !strings.Contains(string(text), "has exited, and the zone with it") {
			t.Errorf("after %v the log says %q", sig, text)
		}
		os.Remove(log)
		b.left()
		if reply := b.ask(zone.CommandHalt, ""); reply.Text != "zone is already halted\n" {
			t.Errorf("%+v", reply)
		}
		b.do(zone.CommandBoot, "")
		b.do(zone.CommandHalt, "")
		b.left()
	}
}

// TestManyAtOnce: if several daemons are started at once only one stays, and
// concurrent requests are serialized.
func TestManyAtOnce(t *testing.T) {
	b := newBox(t, "", "", "")
	var work sync.WaitGroup
	for i := range 6 {
		work.Go(func() {
			for range 2 {
				if i%2 == 0 {
					b.ask(zone.CommandBoot, "")
				} else {
					b.ask(zone.CommandHalt, "")
				}
			}
		})
	}
	work.Wait()
	// Besides the one there may be some that are still exiting.
	for pids := b.daemons(); len(pids) > 1; pids = b.daemons() {
		if !b.someGone(pids) {
			t.Fatalf("daemons %v", pids)
		}
	}
	if reply := b.ask(zone.CommandHalt, ""); reply.Result != 0 {
		t.Errorf("%+v", reply)
	}
	b.left()
}

// TestStart: how long it takes until the door is served; the bound is so wide that
// only a defect exceeds it.
func TestStart(t *testing.T) {
	b := newBox(t, "", "", "")
	b.ask(zone.CommandHalt, "")
	b.left()
	begin := time.Now()
	if out, err := b.launch(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	took := time.Since(begin)
	t.Log("started in", took)
	if took > 5*time.Second {
		t.Errorf("the start took %v", took)
	}
}

// TestAsUser runs the tests of this file as an ordinary user.
func TestAsUser(t *testing.T) {
	testenv.Need(t, testenv.Long, testenv.Root)
	bin, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(bin, "as-user.test")
	if err := testenv.WriteProgram(program, self, 0o755); err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "zoneadmd-user")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	const uid = 54321
	if err := os.Chown(dir, uid, uid); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program, "-test.run=^(TestLife|TestSmartosLive1119NothingLeft|TestFromInside|TestDaemonKilled|TestKernelEnds|TestDoorFromInside)$", "-test.v")
	command.Dir = dir
	command.Env = []string{"PATH=" + os.Getenv("PATH"), binVariable + "=" + bin, "TMPDIR=" + dir, "HOME=" + dir}
	command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	out, err := command.CombinedOutput()
	switch {
	case strings.Contains(string(out), "can't create user namespaces"):
		testenv.Need(t, testenv.Namespaces(uid, errors.New("the kernel refuses them")))
	case err != nil:
		t.Errorf("%v\n%s", err, out)
	}
}

// TestMounts: a zone is refused if the host has mounts below its root, or its root is
// mounted elsewhere; mounts made there while the zone is up are unmounted.
func TestMounts(t *testing.T) {
	testenv.Need(t, testenv.Root)
	b := newBox(t, "", "", "")
	root := b.root + "/z/web/root"
	elsewhere := b.root + "/elsewhere"
	if err := os.Mkdir(elsewhere, 0o755); err != nil {
		t.Fatal(err)
	}
	mount := func(source, point, fstype string, flags uintptr) {
		t.Helper()
		if err := unix.Mount(source, point, fstype, flags, ""); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { unix.Unmount(point, unix.MNT_DETACH) })
	}
	mount(root, elsewhere, "", unix.MS_BIND)
	want := zone.CommandReply{Result: -1, Text: "zone root " + root + " is reachable through " + elsewhere + "\n"}
	if reply := b.ask(zone.CommandBoot, ""); reply != want {
		t.Errorf("%+v", reply)
	}
	unix.Unmount(elsewhere, 0)
	mount("t", root+"/opt", "tmpfs", 0)
	want.Text = "These file-systems are mounted on subdirectories of " + root + ":\n  " + root + "/opt\n"
	if reply := b.ask(zone.CommandBoot, ""); reply != want {
		t.Errorf("%+v", reply)
	}
	unix.Unmount(root+"/opt", 0)
	b.do(zone.CommandBoot, "")
	mount("t", root+"/opt", "tmpfs", 0)
	mount("t", root+"/srv", "tmpfs", 0)
	busy, err := os.Open(root + "/srv")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	if reply := b.ask(zone.CommandHalt, ""); reply.Result == 0 {
		t.Log("a busy file system was taken off by force")
	} else if !strings.Contains(reply.Text, "unable to unmount '"+root+"/srv'\n") || !strings.HasSuffix(reply.Text, "unable to unmount file systems in zone\nunable to destroy zone\n") {
		t.Errorf("%+v", reply)
	}
	busy.Close()
	if reply := b.ask(zone.CommandHalt, ""); reply.Result != 0 {
		t.Errorf("%+v", reply)
	}
	b.left()
}

// TestDoorFromInside: a request of a program in a zone that has got hold of the door
// is refused.
func TestDoorFromInside(t *testing.T) {
	testenv.Need(t, testenv.Tool("/usr/bin/python3"))
	b := newBox(t, `python3 -c '
import socket, struct
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.connect("/mnt/run/web.zoneadmd_door")
s.send(struct.pack("<Qi", 0, 4) + bytes(1284))
print("answer", struct.unpack("<i", s.recv(4096)[:4])[0])
'
`, "", "")
	b.configure("", `<filesystem special="`+b.run+`" directory="/mnt/run" type="lofs"/>`)
	b.do(zone.CommandReady, "")
	console := b.connect("0")
	b.do(zone.CommandBoot, "")
	b.until(console, "answer -1\r\n")
	log, _ := os.ReadFile(b.run + "/zoneadmd.log")
	if len(log) > 0 && !strings.Contains(string(log), "[zone 'web'] insufficient privileges") {
		t.Errorf("log: %s", log)
	}
	os.Remove(b.run + "/zoneadmd.log")
	b.do(zone.CommandHalt, "")
}

// TestKilledAnytime: wherever in bringing a zone up or down the daemon or the kernel
// is killed, the next command works, and a halt leaves nothing behind.
func TestKilledAnytime(t *testing.T) {
	b := newBox(t, "", "", `<filesystem special="/etc" directory="/mnt/etc" type="lofs"/>`)
	for i := range 15 {
		command := []zone.Command{zone.CommandBoot, zone.CommandReboot, zone.CommandHalt}[i%3]
		if command != zone.CommandBoot {
			b.ask(zone.CommandBoot, "")
		} else {
			b.ask(zone.CommandHalt, "") // its daemon has exited, or is about to
			b.launch()
		}
		answered := make(chan zone.CommandReply, 1)
		go func() { answered <- b.ask(command, "") }()
		time.Sleep(time.Duration(2*i) * time.Millisecond) // not a wait: it varies the moment of the kill
		if i%2 == 0 {
			for _, pid := range b.daemons() {
				unix.Kill(pid, unix.SIGKILL)
			}
		} else {
			unix.Kill(b.kernel(), unix.SIGKILL)
		}
		<-answered
		if reply := b.ask(zone.CommandHalt, ""); reply.Result != 0 {
			t.Errorf("after %d ms of a %v: halt: %+v", 2*i, command, reply)
		}
		if reply := b.ask(zone.CommandBoot, ""); reply.Result != 0 || reply.Text != "" {
			t.Errorf("after %d ms of a %v: boot: %+v", 2*i, command, reply)
		}
	}
	b.ask(zone.CommandHalt, "")
	for _, pid := range b.daemons() {
		b.gone(pid)
	}
	os.Remove(b.run + "/zoneadmd.log")
	b.left()
}
