package zoneadmd

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

func farAway() time.Time { return time.Now().Add(time.Hour) }

// watcher is a console client in a test.
type watcher struct {
	*testing.T
	net.Conn
	in *bufio.Reader
}

func (s *stage) connect(first string) *watcher {
	s.Helper()
	conn, err := net.Dial("unix", socketPath(s.run, "z1"))
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { conn.Close() })
	io.WriteString(conn, first)
	return &watcher{s.T, conn, bufio.NewReader(conn)}
}

func (w *watcher) expect(want string) {
	w.Helper()
	buffer := make([]byte, len(want))
	if n, err := io.ReadFull(w.in, buffer); err != nil || string(buffer) != want {
		w.Fatalf("the console shows %q, %v; want %q", buffer[:n], err, want)
	}
}

func (w *watcher) closed() {
	w.Helper()
	if rest, err := io.ReadAll(w.in); err != nil || len(rest) > 0 {
		w.Fatalf("the console shows %q, %v; want its end", rest, err)
	}
}

// request makes a request through the door, which wakes the console. It returns only
// the fields that other daemons fill in too.
func (s *stage) request(c zone.Command, args string) zone.CommandReply {
	s.Helper()
	return plain(s.requestWhole(zone.CommandRequest{Command: c, BootArgs: args}))
}

// requestWhole is request with all fields that this daemon fills in.
func (s *stage) requestWhole(r zone.CommandRequest) zone.CommandReply {
	s.Helper()
	conn, err := door.Dial(doorPath(s.run, "z1"))
	if err != nil {
		s.Fatal(err)
	}
	defer conn.Close()
	raw, _ := r.MarshalBinary()
	answer, _, err := conn.Call(raw)
	if err != nil {
		s.Fatal(err)
	}
	var reply zone.CommandReply
	if err := reply.UnmarshalBinary(answer); err != nil {
		s.Fatal(err)
	}
	return reply
}

// TestConsole is door-008 and the other notices, in the order in which a client sees
// them.
func TestConsole(t *testing.T) {
	t.Parallel()
	s := newStage(t, "installed", "", "")
	s.start()
	w := s.connect("IDENT 400 en_US.UTF-8 1\n")
	w.expect("OK\n")
	other := s.connect("IDENT 401 C 0\n")
	other.expect("400\n")
	other.closed()
	wrong := s.connect("HELLO\n")
	wrong.closed()

	s.request(zone.CommandReady, "")
	w.expect("\r\n[NOTICE: Zone readied]\r\n")
	s.request(zone.CommandBoot, "-m verbose")
	w.expect("\r\n[NOTICE: Zone booting up with arguments: -m verbose]\r\n")
	s.request(zone.CommandReboot, "-s -x")
	w.expect("\r\n[NOTICE: Zone rebooting with arguments: -s -x]\r\n")
	w.expect("\r\n[WARNING: Ignoring invalid boot arguments:  -x]\r\n")
	s.request(zone.CommandReboot, "")
	w.expect("\r\n[NOTICE: Zone rebooting]\r\n")
	s.request(zone.CommandHalt, "")
	w.expect("\r\n[NOTICE: Zone halted.  Disconnecting...]\r\n")
	w.closed()
	<-s.ended // the zone is installed and no client is connected
	for _, path := range []string{socketPath(s.run, "z1"), doorPath(s.run, "z1"), s.run + "/z1.zoneadmd.lock", s.d.Store.SnapshotPath("z1")} {
		if _, err := os.Lstat(path); err == nil {
			t.Errorf("%s is left", path)
		}
	}
}

// TestConsoleStays: a client that doesn't ask to be disconnected with the zone keeps
// the daemon running until it disconnects.
func TestConsoleStays(t *testing.T) {
	t.Parallel()
	s := newStage(t, "installed", "", "")
	s.start()
	w := s.connect("IDENT 400 C 0\n")
	w.expect("OK\n")
	s.request(zone.CommandBoot, "-s")
	w.expect("\r\n[NOTICE: Zone booting up]\r\n")
	s.request(zone.CommandHalt, "")
	w.expect("\r\n[NOTICE: Zone halted]\r\n")
	s.write(s.root+"/fail-post-1", "", 0o644)
	s.request(zone.CommandBoot, "")
	w.expect("\r\n[NOTICE: Zone booting up]\r\n\r\n[NOTICE: Zone boot failed]\r\n")
	if reply := s.request(zone.CommandHalt, ""); reply.Text != "zone is already halted\n" {
		t.Errorf("%+v", reply)
	}
	s.request(zone.CommandNoteUninstalling, "")
	w.expect("\r\n[NOTICE: Zone is being uninstalled.  Disconnecting...]\r\n")
	w.closed()
	<-s.ended
}

// TestConsoleTerminal: the client receives what the zone writes, and the zone what the
// client types.
func TestConsoleTerminal(t *testing.T) {
	t.Parallel()
	testenv.Need(t, testenv.System("linux")) // illumos' console is a device of zcons, see sys/zcons
	s := newStage(t, "installed", "", "")
	s.start()
	if s.d.terminal == nil {
		t.Fatal("the console has no terminal")
	}
	s.request(zone.CommandBoot, "")
	if points := strings.Join(s.points(), " "); !strings.Contains(points, "/dev/console") {
		t.Errorf("the zone has no console: %s", points)
	}
	inside, err := os.OpenFile(s.d.terminal.device, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer inside.Close()
	io.WriteString(inside, "lost\n")
	w := s.connect("IDENT 400 C 0\n")
	w.expect("OK\n")
	for { // earlier output may still arrive
		io.WriteString(inside, "heard\n")
		line, err := w.in.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(line, "heard") {
			break
		}
	}
	io.WriteString(w, "typed\n")
	buffer := make([]byte, 64)
	if n, err := inside.Read(buffer); err != nil || string(buffer[:n]) != "typed\n" {
		t.Errorf("the zone reads %q, %v", buffer[:n], err)
	}
}

// consoles is a kernel with a device for the console of a zone.
type consoles struct {
	*memory
	t       *testing.T
	refuse  bool
	zone    *os.File // the zone's side of the device
	manager *os.File
	removed chan bool // whether the manager's side was closed before
}

func (c *consoles) OpenConsole(string) (*os.File, string, error) {
	if c.refuse {
		return nil, "", errno.EBUSY
	}
	terminal, err := openPty()
	if err != nil {
		return nil, "", err
	}
	c.manager, c.zone = terminal.manager, terminal.zone
	c.t.Cleanup(func() { terminal.zone.Close() })
	return terminal.manager, terminal.device, nil
}

func (c *consoles) RemoveConsole(string) error {
	_, err := c.manager.Write(nil)
	c.removed <- errors.Is(err, os.ErrClosed)
	return nil
}

// TestConsoleDevice: a console that is a device of its own is in the profile of the zone's /dev
// instead of mounted, and the daemon that isn't needed any more removes it. A daemon that can't
// have it serves the zone nevertheless.
func TestConsoleDevice(t *testing.T) {
	t.Parallel()
	testenv.Need(t, testenv.System("linux")) // illumos' console is a device of zcons, see sys/zcons
	for _, test := range []struct {
		name, files string
		refuse      bool
		mounted     bool
	}{
		{"profile", "dev", false, false},
		{"no profile", "lofs", false, true},
		{"busy", "dev", true, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, "installed", "", "")
			platform := s.root + brandFiles + "/platform.xml"
			text, err := os.ReadFile(platform)
			if err != nil {
				t.Fatal(err)
			}
			s.write(platform, strings.Replace(string(text), `type="dev"`, `type="`+test.files+`"`, 1), 0o644)
			c := &consoles{memory: s.memory, t: t, refuse: test.refuse, removed: make(chan bool, 1)}
			s.kernel = c
			s.start()
			if reply := s.request(zone.CommandBoot, ""); reply.Result != 0 {
				t.Errorf("%+v", reply)
			}
			if points := strings.Join(s.points(), " "); strings.Contains(points, "/dev/console") != test.mounted {
				t.Errorf("the zone has mounted %s", points)
			}
			if !test.refuse {
				w := s.connect("IDENT 400 C 0\n")
				w.expect("OK\n")
				io.WriteString(c.zone, "heard\n")
				w.expect("heard\r\n")
				w.Close()
			}
			if reply := s.request(zone.CommandHalt, ""); reply.Result != 0 {
				t.Errorf("%+v", reply)
			}
			<-s.ended
			if test.refuse {
				if !s.logged("Device busy") {
					t.Errorf("the log has %q", s.log)
				}
				return
			}
			select {
			case closed := <-c.removed:
				if !closed {
					t.Error("the device was removed while it was open")
				}
			default:
				t.Error("the device is left")
			}
		})
	}
}

// TestOneDaemon: if two start, only one serves. One that starts after another has died
// takes the zone over and reports it.
func TestOneDaemon(t *testing.T) {
	t.Parallel()
	s := newStage(t, "installed", "", "")
	s.start()
	if _, err := Start(s.config("z1")); err != ErrServed {
		t.Errorf("a second daemon: %v", err)
	}
	s.request(zone.CommandBoot, "")
	s.killDaemon()
	s.start()
	want := "zone 'z1': WARNING: zone is in state 'running', but zoneadmd does not appear to be available; restarted zoneadmd to recover."
	if len(s.d.Warnings) != 1 || s.d.Warnings[0] != want {
		t.Errorf("%q", s.d.Warnings)
	}
	s.stateIs(zonecfg.Running)
	if reply := s.request(zone.CommandHalt, ""); reply.Result != 0 {
		t.Errorf("%+v", reply)
	}
	<-s.ended
}

// killDaemon leaves the state of a killed daemon: its door doesn't answer.
func (s *stage) killDaemon() {
	dead := s.d
	dead.doors.Close()
	dead.stop()
	os.WriteFile(doorPath(s.run, "z1"), nil, 0o600)
	dead.console.Close()
}

// bootsAnew boots a ready zone and expects that it is made ready again first.
func (s *stage) bootsAnew() {
	s.Helper()
	if reply := s.request(zone.CommandBoot, ""); reply != (zone.CommandReply{}) {
		s.Errorf("%+v", reply)
	}
	if hooks := strings.Join(s.calls(), ","); hooks != "pre 3 4,halt -,post 3 4,pre 2 0,post 2 0,pre 2 1,boot -,post 2 1" {
		s.Errorf("hooks %s", hooks)
	}
	s.stateIs(zonecfg.Running)
}

// TestHalfReady: a zone that a dead daemon left ready is remade before it is booted,
// because it may be incomplete.
func TestHalfReady(t *testing.T) {
	t.Parallel()
	s := newStage(t, "installed", "", "")
	s.start()
	s.request(zone.CommandReady, "")
	s.killDaemon()
	s.start()
	s.calls()
	s.bootsAnew()
}

// TestReadyByNobody: so is a zone that the kernel finishes making for a dead daemon
// while the next daemon already runs.
func TestReadyByNobody(t *testing.T) {
	t.Parallel()
	s := newStage(t, "installed", "", "")
	s.start()
	if _, err := s.Create(&zone.Def{Name: "z1", Root: s.root + "/z/z1/root", Privs: priv.Full()}); err != nil {
		t.Fatal(err)
	}
	s.bootsAnew()
}

// TestChecks: the reasons why no daemon is started.
func TestChecks(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		zone, want string
		change     func(*stage)
	}{
		{"global", "cannot manage the global zone", nil},
		{"none", "could not manage none: No such zone configured", nil},
		{"../etc", "could not manage ../etc: No such zone configured", nil},
		{"z1", "cannot manage a zone which is in state 'configured'", func(s *stage) {
			s.write(s.root+"/etc/zones/index", "z1:configured:/z/z1:\n", 0o644)
		}},
		{"z1", "unable to determine default brand", func(s *stage) { s.write(s.root+"/etc/zones/SUNWdefault.xml", "<x/>", 0o644) }},
		{"z1", "unable to determine zone brand", func(s *stage) { s.write(s.root+"/etc/zones/z1.xml", "<zone/>", 0o644) }},
		{"z1", "unable to open zone brand", func(s *stage) { os.RemoveAll(s.root + "/brands") }},
		{"z1", "'ROOT/run' is not a directory: Not a directory", func(s *stage) { s.write(s.root+"/run", "", 0o644) }},
	} {
		s := newStage(t, "installed", "", "")
		if test.change != nil {
			test.change(s)
		}
		_, err := Start(s.config(test.zone))
		if err == nil || strings.ReplaceAll(err.Error(), s.root, "ROOT") != test.want {
			t.Errorf("%s: %v, want %s", test.zone, err, test.want)
		}
	}
}
