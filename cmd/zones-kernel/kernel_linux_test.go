package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/internal/linuxhost"
	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/internal/machine"
	"github.com/gozones/zones/internal/posix"
	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/zone"
)

// The test binary is also the kernel's program: it runs as zsched, and as the kernel
// process when it is started by that name.
func TestMain(m *testing.M) {
	if linuxhost.IsZsched() {
		os.Exit(linuxhost.ZschedMain())
	}
	if os.Getenv("ZONES_TEST_KERNEL") != "" || filepath.Base(os.Args[0]) == locate.Program {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// ownMachine gives a test a run directory with its own kernel process, which is
// stopped after the test.
func ownMachine(t *testing.T, hostName string) string {
	t.Helper()
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// A script, because the client gives the kernel process a clean environment.
	program := filepath.Join(dir, locate.Program)
	script := "#!/bin/sh\nZONES_TEST_KERNEL=1 exec " + self + " --host " + hostName + " \"$@\"\n"
	if err := testenv.WriteProgram(program, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	run := filepath.Join(dir, "run")
	t.Setenv("ZONES_RUN", run)
	t.Setenv("ZONES_KERNEL", program)
	t.Cleanup(func() { stopKernel(t, run, syscall.SIGTERM) })
	return run
}

func kernelPid(run string) int {
	text, err := os.ReadFile(filepath.Join(run, "kernel.pid"))
	if err != nil {
		return 0
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return pid
}

// stopKernel signals the kernel process and returns when it has exited.
func stopKernel(t *testing.T, run string, sig syscall.Signal) {
	t.Helper()
	pid := kernelPid(run)
	if pid == 0 {
		return
	}
	process, err := os.FindProcess(pid)
	if err != nil || process.Signal(sig) != nil {
		return
	}
	// It isn't a child of this process after its parent has exited, so wait for its
	// door and its lock. A killed process releases them in any order.
	for c, err := zoneProbe(run); err == nil; c, err = zoneProbe(run) {
		c.Close()
	}
	turn(t, run).Close()
}

// turn takes the lock of a run directory that has no kernel process.
func turn(t *testing.T, run string) *os.File {
	t.Helper()
	file, err := os.OpenFile(filepath.Join(run, "kernel.turn"), os.O_RDWR|os.O_CREATE, 0o600)
	if err == nil {
		err = posix.LockExclusive(file)
	}
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// TestTurn: a kernel process that is started while another is exiting waits for it,
// and so does the process that starts it.
func TestTurn(t *testing.T) {
	run := ownMachine(t, "sim")
	if err := os.Mkdir(run, 0o700); err != nil {
		t.Fatal(err)
	}
	ending := turn(t, run)
	opened := make(chan error, 1)
	go func() {
		k, err := machine.Open()
		if err == nil {
			_, err = k.Version()
			k.Close()
		}
		opened <- err
	}()
	// It has started once its log exists, but it must not serve yet.
	for _, err := os.Stat(filepath.Join(run, "kernel.log")); err != nil; _, err = os.Stat(filepath.Join(run, "kernel.log")) {
		runtime.Gosched()
	}
	select {
	case err := <-opened:
		t.Fatalf("a second kernel process next to the first: %v", err)
	default:
	}
	if c, err := zoneProbe(run); err == nil {
		c.Close()
		t.Error("the door is there already")
	}
	ending.Close()
	if err := <-opened; err != nil {
		t.Error(err)
	}
}

// TestEnding: a kernel process that receives SIGTERM stops accepting connections
// immediately, and the next one has none of its zones.
func TestEnding(t *testing.T) {
	run := ownMachine(t, "sim")
	k := open(t)
	if _, err := k.Create(&zone.Def{Name: "web", Root: "/z/web", Privs: priv.Set{1, 2, 3}}); err != nil {
		t.Fatal(err)
	}
	first := kernelPid(run)
	if err := syscall.Kill(first, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(locate.KernelDoor(run)); err != nil {
			break
		}
		runtime.Gosched()
	}
	next := open(t)
	if ids, err := zone.IDs(next); err != nil || len(ids) != 1 {
		t.Errorf("zones of the next kernel: %v, %v", ids, err)
	}
	if second := kernelPid(run); second == first || second == 0 {
		t.Errorf("process %d after %d", second, first)
	}
}

// TestCreatedForNobody: a zone is destroyed if its creator disconnects while it is
// being made. Otherwise the next caller would find an incomplete zone.
func TestCreatedForNobody(t *testing.T) {
	run := ownMachine(t, "sim")
	k := open(t)
	events, err := k.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	request, err := wire.EncodeRequest(&wire.Request{Op: wire.OpCreate}, &zone.Def{Name: "web", Root: "/z/web", Privs: priv.Full()})
	if err == nil {
		err = errors.Join(unix.Connect(fd, &unix.SockaddrUnix{Name: locate.KernelDoor(run)}), unix.Shutdown(fd, unix.SHUT_RD))
	}
	if err == nil {
		err = unix.Send(fd, append([]byte{0}, request...), unix.MSG_NOSIGNAL)
	}
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for e := range events {
		if told = append(told, e.New); e.New == "uninitialized" {
			break
		}
	}
	if ids, err := zone.IDs(k); err != nil || len(ids) != 1 {
		t.Errorf("after %v there are %v, %v", told, ids, err)
	}
}

func open(t *testing.T) zone.Kernel {
	t.Helper()
	k, err := machine.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	return k
}

func TestOneKernelForAll(t *testing.T) {
	run := ownMachine(t, "sim")
	var (
		work sync.WaitGroup
		mu   sync.Mutex
		pids = map[int]bool{}
	)
	for range 6 {
		work.Go(func() {
			k, err := machine.Open()
			if err != nil {
				t.Error(err)
				return
			}
			defer k.Close()
			report, err := k.Report()
			if err != nil || report.Host != "sim" {
				t.Errorf("report %+v, %v", report, err)
			}
			mu.Lock()
			pids[report.PID] = true
			mu.Unlock()
		})
	}
	work.Wait()
	if len(pids) != 1 || !pids[kernelPid(run)] {
		t.Errorf("kernel processes %v, file says %d", pids, kernelPid(run))
	}
}

func TestCallsOverTheDoor(t *testing.T) {
	ownMachine(t, "sim")
	k := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	events, err := k.Watch(ctx)
	if err != nil {
		t.Fatal(err)
	}
	id, err := k.Create(&zone.Def{Name: "web", Root: "/z/web", Privs: priv.Set{1, 2, 3}, Datasets: "tank/a"})
	if err != nil {
		t.Fatal(err)
	}
	if e := <-events; e.Name != "web" || e.New != "initialized" {
		t.Errorf("event %+v", e)
	}
	if e := <-events; e.New != "ready" || e.Status != zone.StatusReady {
		t.Errorf("event %+v", e)
	}
	cancel()
	for range events {
	}
	_, err = k.Create(&zone.Def{Name: "web", Root: "/z/other"})
	var failed *zone.Error
	if !errors.As(err, &failed) || failed.Errno != errno.EEXIST || failed.Name != "web" || failed.Op != "zone_create" {
		t.Errorf("a second one of the name: %v", err)
	}
	if err := errors.Join(zone.SetText(k, id, zone.AttrBootArgs, "-v"), zone.SetBrand(k, id, "sparse"), zone.SetHostID(k, id, 0x1234),
		zone.SetPhysMcap(k, id, 1<<30), zone.NoRestart(k, id), k.AddDatalink(id, 9), k.Boot(id)); err != nil {
		t.Fatal(err)
	}
	name, err1 := zone.NameOf(k, id)
	root, err2 := zone.RootOf(k, id)
	brand, err3 := zone.BrandOf(k, id)
	args, err4 := zone.BootArgsOf(k, id)
	status, err5 := zone.StatusOf(k, id)
	uniqid, err6 := zone.UniqIDOf(k, id)
	init, err7 := zone.InitPIDOf(k, id)
	flags, err8 := zone.FlagsOf(k, id)
	if err := errors.Join(err1, err2, err3, err4, err5, err6, err7, err8); err != nil {
		t.Fatal(err)
	}
	if name != "web" || root != "/z/web" || brand != "sparse" || args != "-v" || status != zone.StatusRunning || uniqid != 1 || init == 0 || flags != 0 {
		t.Error(name, root, brand, args, status, uniqid, init, flags)
	}
	if ids, err := zone.IDs(k); err != nil || len(ids) != 2 || ids[1] != id {
		t.Error(ids, err)
	}
	if owner, err := k.CheckDatalink(zone.AllZones, 9); owner != id || err != nil {
		t.Error(owner, err)
	}
	links := make([]zone.LinkID, 3)
	if n, err := k.ListDatalinks(id, links); n != 1 || links[0] != 9 || err != nil {
		t.Error(n, links, err)
	}
	if err := k.RemoveDatalink(id, 9); err != nil {
		t.Error(err)
	}
	if found, err := k.Lookup("web"); found != id || err != nil {
		t.Error(found, err)
	}
	if v, err := k.Version(); v != zone.APIVersion || err != nil {
		t.Error(v, err)
	}
	if err := zone.MountOn(k, id, zone.Mount{Special: "/a", Point: "/b", FSType: "lofs"}); err != nil {
		t.Error(err)
	}
	if err := errors.Join(k.Unmount(id, "/b", false)); err != nil {
		t.Error(err)
	}
	if err := k.Unmount(id, "/b", false); !errors.Is(err, errno.EINVAL) {
		t.Errorf("unmounting what isn't: %v", err)
	}
	if err := k.Enter(id); !errors.Is(err, errno.ENOTSUP) {
		t.Error(err)
	}
	if _, err := k.Start(id, &zone.Cmd{Path: "/bin/true"}); !errors.Is(err, errno.ENOENT) {
		t.Errorf("a program in memory: %v", err)
	}
	if _, err := k.LinkByName("net0"); !errors.Is(err, errno.ENXIO) {
		t.Error(err)
	}
	stats, err := k.Kstats()
	if err != nil || len(stats) != 10 || stats[9].Data["zonename"] != "web" {
		t.Error(len(stats), err)
	}
	if err := errors.Join(k.Shutdown(id), k.Destroy(id)); err != nil {
		t.Fatal(err)
	}
}

// TestKernelKilled: if a kernel process is killed its zones are, too, and the next
// program starts a new one.
func TestKernelKilled(t *testing.T) {
	testenv.Need(t, testenv.Root)
	run := ownMachine(t, "linux")
	k := open(t)
	id := bootedZone(t, k)
	root, err := zone.RootOf(k, id)
	if err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	p, err := k.Start(id, &zone.Cmd{Path: "/bin/sh", Args: []string{"sh", "-c", "hostname; exit 3"}, Stdout: w, Env: []string{"PATH=/bin:/usr/bin"}})
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	io.Copy(&out, r)
	if status, err := p.Wait(); status.Code != 3 || err != nil || out.String() != "web\n" {
		t.Errorf("%q, %+v, %v", out.String(), status, err)
	}
	p.Close()
	// The write end of the pipe is open as long as the zone lives.
	r2, w2, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r2.Close()
	p, err = k.Start(id, &zone.Cmd{Path: "/bin/sleep", Args: []string{"sleep", "100000"}, Stdout: w2})
	w2.Close()
	if err != nil {
		t.Fatal(err)
	}
	stopKernel(t, run, syscall.SIGKILL)
	if _, err := r2.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the zone's program: %v", err)
	}
	if _, err := p.Wait(); err == nil {
		t.Error("waiting for a program of an exited kernel succeeds")
	}
	again := open(t)
	if ids, err := zone.IDs(again); err != nil || len(ids) != 1 {
		t.Errorf("zones of the new kernel: %v, %v", ids, err)
	}
	// Its IDs refer to other zones now: the old connection must not reach them.
	if _, err := zone.StatusOf(k, zone.GlobalID); zone.ErrnoOf(err) != errno.EIO {
		t.Errorf("a call of the kernel that has exited: %v, want EIO", err)
	}
	if _, err := k.Watch(t.Context()); zone.ErrnoOf(err) != errno.EIO {
		t.Errorf("watching the kernel that has exited: %v, want EIO", err)
	}
	if exec.Command("test", "-d", root+"/usr/bin").Run() == nil {
		t.Error("a mount is left on the host")
	}
}

// TestManyZones: replies about more zones than fit into one message.
func TestManyZones(t *testing.T) {
	ownMachine(t, "sim")
	k := open(t)
	const n = 2000
	for i := range n {
		def := &zone.Def{Name: fmt.Sprintf("zone-of-the-test-%d", i), Root: fmt.Sprintf("/zones/zone-of-the-test-%d/root", i), Privs: priv.Full()}
		if _, err := k.Create(def); err != nil {
			t.Fatal(err)
		}
	}
	table, err := k.Table()
	if err != nil || len(table.Zones) != n+1 || table.Zones[n].Name != fmt.Sprintf("zone-of-the-test-%d", n-1) || table.Zones[n].Root == "" {
		t.Errorf("the table has %d zones, %v", len(table.Zones), err)
	}
	if stats, err := k.Kstats(); err != nil || len(stats) < n {
		t.Errorf("there are %d statistics, %v", len(stats), err)
	}
}

func TestBadMessages(t *testing.T) {
	run := ownMachine(t, "sim")
	open(t)
	asks := func(op, body string) string {
		message, err := wire.EncodeRequest(&wire.Request{Op: op}, json.RawMessage(body))
		if err != nil {
			t.Fatal(err)
		}
		return string(message)
	}
	// These ask for more or less than possible, and get what exists.
	fine := []string{asks(wire.OpGetattr, `{"attr":2,"room":2147483647}`), asks(wire.OpList, "-1")}
	for _, message := range append([]string{"", "{", "null", "{\"v\":2}", "\x63\x00\x00\x00\x00\x00\x00\x00", asks("nothing", "7"),
		asks(wire.OpCreate, "7"), asks(wire.OpCreate, "{}"), asks(wire.OpMake, "null"), asks(wire.OpStart, "{}"),
		asks(wire.OpStart, `{"std":[true,true,true]}`), asks(wire.OpWait, "77"), asks(wire.OpSignal, `{"handle":1,"number":-4}`),
		asks(wire.OpGetattr, `{"attr":-1}`), asks(wire.OpMount, "[{}]"), asks(wire.OpBootWith, `[{}]`), asks(wire.OpRctlReplace, "{}")}, fine...) {
		c, err := zoneProbe(run)
		if err != nil {
			t.Fatal(err)
		}
		if err := wire.Send(c, []byte(message)); err != nil {
			t.Fatal(err)
		}
		var failure *zone.Error
		reply, _, err := wire.Receive(c, wire.MaxReply)
		if err == nil {
			failure, _, err = wire.DecodeReply(reply, nil)
		}
		if message != "" && (err != nil || (failure == nil) != slices.Contains(fine, message)) {
			t.Errorf("%q: %v, %v", message, failure, err)
		}
		c.Close()
	}
	if _, err := open(t).Version(); err != nil {
		t.Errorf("the kernel process after that: %v", err)
	}
}
