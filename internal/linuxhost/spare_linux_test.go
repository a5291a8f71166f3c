package linuxhost

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/gozones/zones/sys/zone"
)

// waiting returns the room that is kept, when it is there.
func (m *machine) waiting() *room {
	m.Helper()
	r, ok := m.h.rooms.Ready()
	if !ok {
		m.Fatal("no room is kept")
	}
	return r
}

// TestSpareEmpty: what waits for a zone has nothing of the machine's file systems,
// which could go out of date there or be kept busy.
func TestSpareEmpty(t *testing.T) {
	m := newMachine(t)
	r := m.waiting()
	table, err := mountTable("/proc/" + strconv.Itoa(r.pid) + "/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	if len(table) == 0 {
		t.Fatal("the room has no mounts")
	}
	for _, on := range table {
		if on.Point != "/" && !strings.HasPrefix(on.Point, "/proc") && !strings.HasPrefix(on.Point, "/dev") {
			t.Errorf("the room has %s (%s) on %s", on.Resource, on.FSType, on.Point)
		}
	}
}

// TestSpareTaken: a zone gets the room that waits, though its root was mounted only
// after the room was made, and the next room is made.
func TestSpareTaken(t *testing.T) {
	m := newMachine(t)
	r := m.waiting()
	late := m.dir + "/taken"
	if err := os.Mkdir(late, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("late", late, "tmpfs", 0, ""); err != nil {
		t.Fatal(err)
	}
	defer syscall.Unmount(late, syscall.MNT_DETACH)
	m.write(late+"/file", "seen\n")
	id, _ := m.zone("taken", nil)
	z, _ := m.h.zone(m.key(id))
	if z.room != r {
		t.Error("the zone has another room than the one that waited")
	}
	if out, _ := m.run(id, "cat /file"); out != "seen\n" {
		t.Errorf("the zone's file: %q", out)
	}
	if next := m.waiting(); next == r || !next.alive() {
		t.Error("no new room was made")
	}
	m.halt(id)
	if err := syscall.Unmount(late, 0); err != nil {
		t.Errorf("the file system of a zone that has gone is held: %v", err)
	}
	m.leftovers("taken")
}

// TestSpareKilled: a room that somebody has ended is no zone's.
func TestSpareKilled(t *testing.T) {
	m := newMachine(t)
	r := m.waiting()
	if err := syscall.Kill(r.pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-r.gone
	id, _ := m.booted("anew")
	if out, _ := m.run(id, "hostname"); out != "anew\n" {
		t.Errorf("hostname %q", out)
	}
	m.halt(id)
}

// TestSpareKind: a zone with a network of its own gets a room that has one, and so
// does the next.
func TestSpareKind(t *testing.T) {
	m := newMachine(t)
	m.waiting()
	for _, name := range []string{"one", "two"} {
		id, _ := m.zone(name, func(d *zone.Def) { d.Flags = zone.CreateNetExcl })
		if out, _ := m.run(id, "wc -l < /proc/net/dev"); out != "3\n" { // two lines of heading and lo
			t.Errorf("%s has devices beside lo: %q lines", name, out)
		}
		if next := m.waiting(); !next.exclusive {
			t.Errorf("after %s the room that waits shares the machine's network", name)
		}
		m.halt(id)
	}
}

// TestSpareClosed: a host that is closed leaves no process.
func TestSpareClosed(t *testing.T) {
	m := newMachine(t)
	r := m.waiting()
	if err := m.h.Close(); err != nil {
		t.Error(err)
	}
	if r.alive() {
		t.Error("the room that waited is still there")
	}
}
