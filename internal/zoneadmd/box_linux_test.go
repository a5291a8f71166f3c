package zoneadmd_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/rootfs/skeleton"
	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// These tests run the daemon and the kernel as programs, with real zones.

// binVariable passes the directory with the programs to a test that runs as a user.
const binVariable = "ZONES_TEST_BIN"

var programs = sync.OnceValues(func() (string, error) {
	if dir := os.Getenv(binVariable); dir != "" {
		return dir, nil
	}
	dir, err := os.MkdirTemp("", "zoneadmd-test")
	if err != nil {
		return "", err
	}
	made = dir
	if err := os.Chmod(dir, 0o755); err != nil {
		return "", err
	}
	build := exec.Command("go", "build", "-o", dir, "../../cmd/zones-kernel", "../../cmd/zoneadmd-go")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%v: %v\n%s", build.Args, err, out)
	}
	return dir, nil
})

var made string // the directory, if this process made it

func TestMain(m *testing.M) {
	status := m.Run()
	if made != "" {
		os.RemoveAll(made)
	}
	os.Exit(status)
}

// box is a host of a test's own: an /etc/zones, a run directory, a kernel process.
type box struct {
	*testing.T
	root, run, bin string
}

// newBox makes a box with an installed zone named web. The zone's init runs rc first;
// elements are added to its XML.
func newBox(t *testing.T, rc, attributes, elements string) *box {
	t.Helper()
	t.Parallel()
	testenv.Need(t, testenv.Long)
	if os.Getenv(binVariable) == "" { // TestAsUser covers ordinary users
		testenv.Need(t, testenv.Root)
	}
	bin, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	b := &box{T: t, root: t.TempDir(), bin: bin}
	b.run = b.root + "/run"
	t.Cleanup(b.end)
	b.configure(attributes, elements)
	b.write("/etc/zones/index", "web:installed:/z/web:\n")
	root := b.root + "/z/web/root"
	if err := os.MkdirAll(root, 0o755); err != nil {
		t.Fatal(err)
	}
	kind, err := brand.Open("", "sparse")
	if err == nil {
		err = skeleton.Install(t.Context(), kind, &skeleton.Installation{Zone: &zonecfg.Zone{Name: "web"}, Root: root})
	}
	if err != nil {
		t.Fatal(err)
	}
	if rc != "" {
		b.write("/z/web/root/etc/rc.local", "#!/bin/sh\n"+rc)
		os.Chmod(root+"/etc/rc.local", 0o755)
	}
	return b
}

func (b *box) configure(attributes, elements string) {
	b.write("/etc/zones/web.xml", `<?xml version="1.0"?>
<!DOCTYPE zone PUBLIC "-//Sun Microsystems Inc//DTD Zones//EN" "file:///usr/share/lib/xml/dtd/zonecfg.dtd.1">
<zone name="web" zonepath="/z/web" autoboot="false" brand="sparse" `+attributes+`>`+elements+`</zone>
`)
}

func (b *box) write(path, text string) {
	b.Helper()
	if err := os.MkdirAll(filepath.Dir(b.root+path), 0o755); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(b.root+path, []byte(text), 0o644); err != nil {
		b.Fatal(err)
	}
}

// launch runs the daemon's program as zoneadm does.
func (b *box) launch() (string, error) {
	b.Helper()
	command := exec.Command(b.bin+"/zoneadmd-go", "-z", "web")
	command.Env = []string{"ZONES_ROOT=" + b.root, "ZONES_RUN=" + b.run, "PATH=" + os.Getenv("PATH"), "SECRET=of the caller"}
	out, err := command.CombinedOutput()
	return string(out), err
}

// ask makes a request, and starts a daemon if none serves. It returns only the fields
// that other daemons fill in too.
func (b *box) ask(c zone.Command, args string) zone.CommandReply {
	b.Helper()
	reply := b.whole(c, args)
	return zone.CommandReply{Result: reply.Result, Text: reply.Text}
}

// whole is ask with all fields that this daemon fills in.
func (b *box) whole(c zone.Command, args string) zone.CommandReply {
	b.Helper()
	for {
		conn, err := door.Dial(b.run + "/web.zoneadmd_door")
		if err != nil {
			if out, err := b.launch(); err != nil && out != "" {
				b.Fatalf("%v: %s", err, out)
			}
			continue
		}
		r := zone.CommandRequest{Command: c, BootArgs: args, Locale: "C"}
		raw, _ := r.MarshalBinary()
		answer, _, err := conn.Call(raw)
		conn.Close()
		if err != nil || len(answer) == 0 {
			continue // it was exiting
		}
		var reply zone.CommandReply
		if err := reply.UnmarshalBinary(answer); err != nil {
			b.Fatal(err)
		}
		return reply
	}
}

// do is ask for a request that must succeed without text.
func (b *box) do(c zone.Command, args string) {
	b.Helper()
	if reply := b.ask(c, args); reply != (zone.CommandReply{}) {
		b.Fatalf("%v: %+v", c, reply)
	}
}

// connect connects to the console.
func (b *box) connect(flag string) *bufio.ReadWriter {
	b.Helper()
	conn, err := net.Dial("unix", b.run+"/web.console_sock")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "IDENT %d C %s\n", os.Getpid(), flag)
	rw := bufio.NewReadWriter(bufio.NewReader(conn), bufio.NewWriterSize(conn, 0))
	if line, err := rw.ReadString('\n'); line != "OK\n" {
		b.Fatalf("the console answers %q, %v", line, err)
	}
	return rw
}

// until reads from the console up to a text.
func (b *box) until(in io.ByteReader, text string) {
	b.Helper()
	var seen strings.Builder
	for !strings.HasSuffix(seen.String(), text) {
		c, err := in.ReadByte()
		if err != nil {
			b.Fatalf("the console shows %q, %v; want %q", seen.String(), err, text)
		}
		seen.WriteByte(c)
	}
}

func typeIn(out *bufio.ReadWriter, text string) {
	out.WriteString(text)
	out.Flush()
}

// daemons returns the process IDs of the zone's daemons.
func (b *box) daemons() (pids []int) {
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		program, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		environment, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
		if strings.Contains(string(program), "zoneadmd-go") && strings.Contains(string(environment), "ZONES_RUN="+b.run+"\x00") {
			pids = append(pids, pid)
		}
	}
	return pids
}

// gone waits until a process has exited.
func (b *box) gone(pid int) {
	b.Helper()
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return
	}
	defer unix.Close(fd)
	for {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 30000)
		if err == unix.EINTR {
			continue
		}
		if n == 0 {
			b.Errorf("process %d goes on", pid)
		}
		return
	}
}

// someGone waits until one of several processes has exited, and returns false after a
// timeout.
func (b *box) someGone(pids []int) bool {
	var fds []unix.PollFd
	for _, pid := range pids {
		fd, err := unix.PidfdOpen(pid, 0)
		if err != nil {
			return true
		}
		defer unix.Close(fd)
		fds = append(fds, unix.PollFd{Fd: int32(fd), Events: unix.POLLIN})
	}
	for {
		n, err := unix.Poll(fds, 30000)
		if err != unix.EINTR {
			return n > 0
		}
	}
}

func (b *box) kernel() int {
	text, _ := os.ReadFile(b.run + "/kernel.pid")
	pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return pid
}

// left waits for the daemons to exit and checks that they left nothing in the run
// directory.
func (b *box) left() {
	b.Helper()
	for _, pid := range b.daemons() {
		b.gone(pid)
	}
	entries, _ := os.ReadDir(b.run)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "web") {
			b.Errorf("%s is left in the run directory", e.Name())
		}
	}
	if _, err := os.Stat(b.root + b.run + "/web.snapshot.xml"); err == nil {
		b.Error("the snapshot is left")
	}
	mounts, _ := os.ReadFile("/proc/self/mountinfo")
	if strings.Contains(string(mounts), b.root) {
		b.Errorf("a mount is left:\n%s", mounts)
	}
}

// end stops the kernel process, and the daemons with it.
func (b *box) end() {
	pids := b.daemons()
	if pid := b.kernel(); pid > 0 {
		unix.Kill(pid, unix.SIGTERM)
		b.gone(pid)
	}
	for _, pid := range pids {
		b.gone(pid)
	}
	if b.Failed() {
		for _, name := range []string{"zoneadmd.log", "kernel.log"} {
			log, _ := os.ReadFile(filepath.Join(b.run, name))
			b.Logf("%s:\n%s", name, log)
		}
	}
}
