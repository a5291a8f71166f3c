package linuxhost

import (
	"encoding/binary"
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/zone"
)

// TestHostID: programs in the zone find its host id. What the zone has in place of the file
// leads nowhere.
func TestHostID(t *testing.T) {
	m := newMachine(t)
	id, root := m.booted("hostid")
	key := m.key(id)
	set := func(n uint32) error {
		return m.h.SetAttr(key, zone.AttrHostID, binary.LittleEndian.AppendUint32(nil, n))
	}
	if err := set(0xffffffff); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(root + hostIDFile); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a zone without a host id has the file: %v", err)
	}
	outside := m.dir + "/outside"
	for _, there := range []func() error{
		func() error { return nil },
		func() error { return nil }, // the file of before
		func() error { return os.Symlink(outside, root+hostIDFile) },
		func() error { return syscall.Mkfifo(root+hostIDFile, 0o600) },
	} {
		if err := os.Remove(root + hostIDFile); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		if err := errors.Join(there(), set(0x1234abcd)); err != nil {
			t.Fatal(err)
		}
		if out, _ := m.run(id, "hostid"); out != "1234abcd\n" {
			t.Errorf("hostid prints %q", out)
		}
	}
	if _, err := os.Lstat(outside); !errors.Is(err, os.ErrNotExist) {
		t.Error("a link led outside")
	}
	if err := errors.Join(os.Remove(root+hostIDFile), os.Mkdir(root+hostIDFile, 0o755)); err != nil {
		t.Fatal(err)
	}
	if err := set(1); !errors.Is(err, syscall.EISDIR) || !strings.Contains(err.Error(), hostIDFile) {
		t.Errorf("a directory: %v", err)
	}
	if entries, _ := os.ReadDir(root + "/etc"); len(entries) != 2 { // init and that directory
		t.Errorf("%v are left", entries)
	}
	m.halt(id)
	m.leftovers("hostid")
}

// TestSchedulingClass: programs that are started have the policy of the zone's class.
func TestSchedulingClass(t *testing.T) {
	m := newMachine(t)
	testenv.Need(t, testenv.Tool("chrt", "util-linux"))
	id, _ := m.booted("class")
	for _, test := range []struct{ class, policy string }{{"FX", "SCHED_BATCH"}, {"FSS", "SCHED_OTHER"}, {"TS", "SCHED_OTHER"}} {
		if err := m.h.SetAttr(m.key(id), zone.AttrSchedClass, []byte(test.class)); err != nil {
			t.Fatal(err)
		}
		if out, _ := m.run(id, "chrt -p $$"); !strings.Contains(out, test.policy+"\n") {
			t.Errorf("%s: %q, want %s", test.class, out, test.policy)
		}
	}
	// Control groups of Linux may have no time for real-time programs: that is said.
	if err := m.h.SetAttr(m.key(id), zone.AttrSchedClass, []byte("RT")); err != nil {
		t.Fatal(err)
	}
	p, err := m.p.Start(id, &zone.Cmd{Path: "/bin/sh", Args: []string{"sh", "-c", `chrt -p $$ | grep -q SCHED_RR`}, Env: []string{"PATH=/usr/bin:/bin"}})
	if err != nil && !strings.Contains(err.Error(), "sched_setscheduler") {
		t.Errorf("RT: %v", err)
	}
	if err == nil {
		if status, err := p.Wait(); err != nil || status.Code != 0 {
			t.Errorf("RT: %v, %v", status, err)
		}
	}
	m.halt(id)
	m.leftovers("class")
}
