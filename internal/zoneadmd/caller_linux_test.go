package zoneadmd

import (
	"errors"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// callerOf makes a connection pair for a daemon that isn't started yet: the caller's
// end and the daemon's.
func (s *stage) callerOf() (conn, theirs *door.Conn) {
	s.Helper()
	conn, file, err := door.Pair()
	if err != nil {
		s.Fatal(err)
	}
	defer file.Close()
	fd, err := unix.FcntlInt(file.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err == nil {
		theirs, err = door.Inherit(uintptr(fd))
	}
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { conn.Close() })
	return conn, theirs
}

// requestOn makes a request on a connection; ok is false if it was closed without an
// answer.
func (s *stage) requestOn(conn *door.Conn, c zone.Command) (reply zone.CommandReply, ok bool) {
	s.Helper()
	r := zone.CommandRequest{Command: c, Locale: "C"}
	raw, err := r.MarshalBinary()
	if err != nil {
		s.Error(err)
	}
	answer, _, err := conn.Call(raw)
	if err != nil || len(answer) == 0 {
		return reply, false
	}
	if err := reply.UnmarshalBinary(answer); err != nil {
		s.Error(err)
	}
	return plain(reply), true
}

// TestCaller: the caller that starts a daemon is answered on a connection that exists
// before the door.
func TestCaller(t *testing.T) {
	t.Parallel()
	s := newStage(t, "installed", "", "")
	conn, theirs := s.callerOf()
	type answer struct {
		zone.CommandReply
		ok bool
	}
	answered := make(chan answer)
	go func() {
		reply, ok := s.requestOn(conn, zone.CommandBoot)
		answered <- answer{reply, ok}
	}()
	s.caller = theirs
	s.start()
	if a := <-answered; !a.ok || a.Result != 0 {
		t.Fatalf("%+v, log %q", a, s.log)
	}
	s.stateIs(zonecfg.Running)
	conn.Close()
	// The caller has closed its connection and the zone is active: the daemon stays.
	if reply := s.request(zone.CommandReady, ""); reply.Result != 0 {
		t.Errorf("a request at the door: %+v", reply)
	}
	s.request(zone.CommandHalt, "")
	<-s.ended
}

// TestCallerWithout: a daemon whose caller makes no request exits.
func TestCallerWithout(t *testing.T) {
	t.Parallel()
	s := newStage(t, "installed", "", "")
	conn, theirs := s.callerOf()
	s.caller = theirs
	conn.Close()
	s.start()
	<-s.ended
	if _, err := os.Stat(doorPath(s.run, "z1")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the door of a daemon that has left: %v", err)
	}
}

// TestCallerSlow: a caller that is slow to make its request doesn't keep others from
// the door.
func TestCallerSlow(t *testing.T) {
	t.Parallel()
	s := newStage(t, "installed", "", "")
	conn, theirs := s.callerOf()
	s.caller = theirs
	s.start()
	if reply := s.request(zone.CommandReady, ""); reply.Result != 0 {
		t.Errorf("another's request: %+v", reply)
	}
	if reply, ok := s.requestOn(conn, zone.CommandHalt); !ok || reply.Result != 0 {
		t.Errorf("its own: %+v, %v", reply, ok)
	}
}

// TestCallerActive: the caller's request also works on a zone that is already active.
func TestCallerActive(t *testing.T) {
	t.Parallel()
	s := newStage(t, "installed", "", "")
	s.start()
	if reply := s.request(zone.CommandReady, ""); reply.Result != 0 {
		t.Fatalf("%+v", reply)
	}
	s.killDaemon()
	conn, theirs := s.callerOf()
	s.caller = theirs
	s.start()
	if reply, ok := s.requestOn(conn, zone.CommandHalt); !ok || reply.Result != 0 {
		t.Errorf("%+v, %v", reply, ok)
	}
}

// TestCallerNoDaemon: a daemon that fails to start leaves nothing behind.
func TestCallerNoDaemon(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(s *stage){
		"no console": func(s *stage) { s.write(socketPath(s.run, "z1")+"/in/the/way", "", 0o644) },
		"no door":    func(s *stage) { s.write(doorPath(s.run, "z1")+"/in/the/way", "", 0o644) },
		"no zone":    func(s *stage) { os.Remove(s.root + "/etc/zones/z1.xml") },
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, "installed", "", "")
			spoil(s)
			conn, theirs := s.callerOf()
			done := make(chan bool)
			go func() {
				reply, ok := s.requestOn(conn, zone.CommandBoot)
				done <- ok && reply.Result == 0
			}()
			c := s.config("z1")
			c.Caller = theirs
			if d, err := Start(c); err == nil {
				t.Errorf("there is a daemon: %v", d)
			}
			if <-done {
				t.Error("the zone was booted")
			}
			if id, err := s.Lookup("z1"); err == nil {
				t.Errorf("zone %d is left", id)
			}
		})
	}
}

// TestCallerSecond: a zone with a daemon gets no second one, and the caller's
// connection is closed.
func TestCallerSecond(t *testing.T) {
	t.Parallel()
	s := newStage(t, "installed", "", "")
	s.start()
	conn, theirs := s.callerOf()
	c := s.config("z1")
	c.Caller = theirs
	if _, err := Start(c); !errors.Is(err, ErrServed) {
		t.Errorf("a second daemon: %v", err)
	}
	if _, ok := s.requestOn(conn, zone.CommandBoot); ok {
		t.Error("the second daemon answers")
	}
}
