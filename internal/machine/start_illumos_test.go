package machine

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/contract"
	"github.com/gozones/zones/sys/datalink"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/pty"
	"github.com/gozones/zones/sys/sysevent"
	"github.com/gozones/zones/sys/zone"
)

// noZone is a zone that the tests enter: the child stays where it is, and so it does in the
// global zone. The variable is set before any init runs, the child's too.
const noZone zone.ID = 9998

// popsInput makes the child push modules on its standard input before it does anything, and
// take one off when it has entered the zone: that is EBUSY if it could.
const popsInput = "TEST_POPS_INPUT"

var _ = func() bool {
	pops := len(os.Args) == 1 && os.Args[0] == entrance && os.Getenv(popsInput) != ""
	for i := 0; pops && i < len(pty.Modules); i++ {
		if err := unix.IoctlSetString(0, unix.I_PUSH, pty.Modules[i]); err != nil {
			os.Exit(125)
		}
	}
	real := enter
	enter = func(id zone.ID) error {
		if id == noZone || id == zone.GlobalID {
			// As zone_enter does, it moves the process out of a group of its own.
			if group, err := unix.Getpgid(os.Getppid()); err == nil {
				unix.Setpgid(0, group)
			}
			return nil
		}
		err := real(id)
		if err == nil && pops && unix.IoctlSetInt(0, unix.I_POP, 0) == nil {
			return errno.EBUSY
		}
		return err
	}
	return true
}()

func needContracts(t *testing.T) {
	t.Helper()
	active, err := contract.Terms{}.Activate()
	if errors.Is(err, os.ErrNotExist) && os.Getenv("ZONES_EMBEDDED") == "" { // illumos-run has one
		testenv.Need(t, testenv.Given("a contract file system", err))
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := active.Clear(); err != nil {
		t.Fatal(err)
	}
}

// TestStart goes the whole way but for the zone: contract, child, files, exec.
func TestStart(t *testing.T) {
	needContracts(t)
	k := new(kernel)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	inherited, err := unix.Dup(int(r.Fd())) // children get it; the program mustn't
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(inherited)
	cmd := &zone.Cmd{
		Path: "/bin/sh", Args: []string{"sh", "-c", `echo "$A in $PWD"; ps -o pgid= -p $$; ls /proc/self/fd | wc -l; exit 7`},
		Env: []string{"A=b", "PATH=/usr/bin:/bin"},
		Dir: "/tmp", Stdout: w, UID: uint32(os.Getuid()), GID: uint32(os.Getgid()),
	}
	p, err := k.Start(noZone, cmd)
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	said, err := io.ReadAll(r)
	if err != nil || !bytes.HasPrefix(said, []byte("b in /tmp\n")) {
		t.Errorf("the program said %q, %v", said, err)
	}
	if words := strings.Fields(string(said)); len(words) < 4 || words[3] != strconv.Itoa(p.Pid()) {
		t.Errorf("process %d isn't in a group of its own: %q", p.Pid(), said)
	} else if len(words) != 5 || words[4] != "4" { // the standard files, and the directory that ls reads
		t.Errorf("the program has other descriptors: %q", said)
	}
	if status, err := p.Wait(); err != nil || status != (zone.ExitStatus{Code: 7}) {
		t.Errorf("it ended with %+v, %v", status, err)
	}
}

// TestStartTerminal starts a program with a terminal, which is then that of its session.
func TestStartTerminal(t *testing.T) {
	needContracts(t)
	p, err := new(kernel).Start(zone.GlobalID, &zone.Cmd{
		Path: "/bin/sh", Args: []string{"sh", "-c", "echo here >/dev/tty; read end"}, Env: []string{"PATH=/usr/bin:/bin"}, Dir: "/", Pty: true,
		UID: uint32(os.Getuid()), GID: uint32(os.Getgid()),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Pty().Close()
	line, err := bufio.NewReader(p.Pty()).ReadString('\n')
	if err != nil || strings.TrimSpace(line) != "here" {
		t.Errorf("the program's terminal said %q, %v", line, err)
	}
	if _, err := p.Pty().WriteString("\r"); err != nil {
		t.Error(err)
	}
	if status, err := p.Wait(); err != nil || status.Signal != 0 {
		t.Errorf("it ended with %+v, %v", status, err)
	}
}

// TestStartFails: what keeps the program from being run comes back, with the call.
func TestStartFails(t *testing.T) {
	needContracts(t)
	k := new(kernel)
	for _, c := range []struct {
		name string
		id   zone.ID
		path string
		op   string
		want errno.Errno
	}{
		{"no such program", noZone, "/nonexistent/program", "exec", errno.ENOENT},
		{"no such zone", 9997, "/bin/sh", "zone_enter", errno.EINVAL},
	} {
		_, err := k.Start(c.id, &zone.Cmd{Path: c.path, UID: uint32(os.Getuid()), GID: uint32(os.Getgid())})
		var known *zone.Error
		if !errors.As(err, &known) || known.Op != c.op {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if known.Errno != c.want && !(known.Op == "zone_enter" && known.Errno == errno.EPERM) {
			t.Errorf("%s: %v, not %v", c.name, err, c.want)
		}
	}
}

// TestStartNoTerminal: a terminal that can't be given to the zone is closed again.
func TestStartNoTerminal(t *testing.T) {
	needContracts(t)
	var free [3][4]int
	for i := range free { // the first time, Go's runtime opens what it waits with
		_, err := new(kernel).Start(9997, &zone.Cmd{Path: "/bin/sh", Pty: true})
		if zone.ErrnoOf(err) != errno.EINVAL && zone.ErrnoOf(err) != errno.EPERM {
			t.Errorf("a terminal of no zone: %v", err)
		}
		free[i] = next(t)
	}
	if free[2] != free[0] {
		t.Errorf("the next descriptors are %v", free)
	}
}

// TestStartEnters starts programs in a zone whose root is an empty directory, so that the
// last step fails, with each kind of standard files. Those before it need a session or a
// process group: the ones that the process had were lost when it entered.
func TestStartEnters(t *testing.T) {
	needContracts(t)
	k, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	id, err := k.Create(&zone.Def{Name: fmt.Sprintf("enters%d", os.Getpid()), Root: t.TempDir(), Privs: priv.Basic()})
	if errors.Is(err, errno.EPERM) {
		testenv.Need(t, testenv.Given("a process that may make zones", err))
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(k.Shutdown(id), k.Destroy(id)); err != nil {
			t.Error(err)
		}
	}()
	manager, name, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer manager.Close()
	terminal, err := pty.OpenTerminal(name)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	for _, c := range []struct {
		name string
		cmd  zone.Cmd
		want string // the step that fails
	}{
		{"no files", zone.Cmd{}, "exec"},
		{"a terminal of its own", zone.Cmd{Pty: true, Like: terminal}, "exec"},
		{"the caller's terminal", zone.Cmd{Stdin: terminal, Controlling: true}, "exec"},
		{"no terminal", zone.Cmd{Stdin: os.Stdin, Controlling: true}, "standard files"},
	} {
		cmd := c.cmd
		cmd.Path, cmd.UID, cmd.GID = "/no/such/program", uint32(os.Getuid()), uint32(os.Getgid())
		_, err := k.Start(id, &cmd)
		var known *zone.Error
		if !errors.As(err, &known) || known.Op != c.want {
			t.Errorf("%s: %v; it was to fail in %s", c.name, err, c.want)
		}
	}
}

// TestStartAnchors: a program in a zone can't take modules off a stream that its caller has
// passed to it.
func TestStartAnchors(t *testing.T) {
	needContracts(t)
	k := new(kernel)
	id := newZone(t, k, "anchors", 0)
	manager, name, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer manager.Close()
	terminal, err := pty.OpenTerminal(name)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	t.Setenv(popsInput, "1")
	_, err = k.Start(id, &zone.Cmd{Path: "/no/such/program", Stdin: terminal})
	var known *zone.Error
	if !errors.As(err, &known) || known.Op != "exec" {
		t.Errorf("%v; it was to fail in exec", err)
	}
}

// TestMachine asks the running kernel for what every caller may.
func TestMachine(t *testing.T) {
	k, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	report, err := k.Report()
	if err != nil || report.Host != "illumos" || !strings.HasPrefix(report.Detail, "SunOS") || len(report.Capabilities) == 0 {
		t.Errorf("%+v, %v", report, err)
	}
	var concepts []string
	for _, c := range report.Capabilities {
		concepts = append(concepts, c.Concept)
	}
	if want := []string{"zones", "kstats", "names of data links", "state changes"}; !slices.Equal(concepts, want) {
		t.Errorf("it reports about %q, not %q", concepts, want)
	}
	if _, err := k.LinkByName("no such link"); zone.ErrnoOf(err) != errno.ENXIO {
		t.Errorf("a link of a name that none can have: %v", err)
	}
	none := &kernel{links: datalink.Client{Door: t.TempDir() + "/none"}}
	if _, err := none.LinkName(1); zone.ErrnoOf(err) != errno.ENXIO {
		t.Errorf("a link without a daemon: %v", err)
	}
	if err := none.Close(); err != nil {
		t.Error(err)
	}
	before := next(t)
	for range 3 {
		other, err := Open()
		if err != nil {
			t.Fatal(err)
		}
		if err := other.Close(); err != nil {
			t.Error(err)
		}
	}
	if after := next(t); after != before {
		t.Errorf("descriptor %d is next, was %d", after, before)
	}
}

// TestWatchAnew: who follows zones isn't told what happened before, although the pipe is that of
// one who ended without reading.
func TestWatchAnew(t *testing.T) {
	testenv.Need(t, testenv.Root)
	k := new(kernel)
	subscribe := func() *sysevent.Subscription {
		s, err := sysevent.Subscribe("com.sun:zones:status", "status")
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	make := func(name string) (zone.ID, func() error) {
		id, err := k.Create(&zone.Def{Name: fmt.Sprintf("%s%d", name, os.Getpid()), Root: t.TempDir()})
		if errors.Is(err, errno.EPERM) {
			testenv.Need(t, testenv.Given("the privilege to make zones", err))
		}
		if err != nil {
			t.Fatal(err)
		}
		return id, func() error { return errors.Join(k.Shutdown(id), k.Destroy(id)) }
	}
	told := func(s *sysevent.Subscription, want zone.ID) {
		for {
			e, err := s.Next()
			if err != nil {
				t.Fatal(err)
			}
			id, err := e.Attributes.LookupInt32("zoneid")
			if err != nil {
				t.Fatal(err)
			}
			if zone.ID(id) == want {
				return
			}
			if strings.Contains(e.Attributes.String(), fmt.Sprintf("unread%d", os.Getpid())) {
				t.Fatalf("of zone %d, that is gone, it was told %v", id, e.Attributes)
			}
		}
	}
	first := subscribe()
	id, end := make("unread")
	told(first, id) // it has come that far; what follows stays unread
	if err := errors.Join(end(), first.Close()); err != nil {
		t.Fatal(err)
	}
	second := subscribe()
	defer second.Close()
	id, end = make("next")
	told(second, id)
	if err := end(); err != nil {
		t.Error(err)
	}
}

// TestWatch follows a zone through its life, where this process may make one.
func TestWatch(t *testing.T) {
	k, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	events, err := k.Watch(ctx)
	if err != nil {
		t.Fatal(err)
	}
	name, root := fmt.Sprintf("watch%d", os.Getpid()), t.TempDir()
	for _, dir := range []string{"dev", "etc", "proc", "tmp", "var"} {
		if err := os.Mkdir(root+"/"+dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	id, err := k.Create(&zone.Def{Name: name, Root: root})
	if errors.Is(err, errno.EPERM) {
		testenv.Need(t, testenv.Given("the privilege to make zones", err))
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(k.Shutdown(id), k.Destroy(id)); err != nil {
		t.Fatal(err)
	}
	var got []zone.Status
	for e := range events {
		if e.ID != id || e.Name != name {
			continue // another zone changes meanwhile
		}
		if got = append(got, e.Status); e.Status == zone.StatusDead {
			break
		}
	}
	want := []zone.Status{zone.StatusInitialized, zone.StatusReady, zone.StatusDown, zone.StatusDying, zone.StatusDead}
	if !slices.Equal(got, want) {
		t.Errorf("it was told to be %v, not %v", got, want)
	}
	cancel()
	for range events { // ends when the channel is closed
	}
}
