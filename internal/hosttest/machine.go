package hosttest

import (
	"sync"
	"testing"
	"time"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/zone"
)

// Machine is a host under test, with what the tests need from it.
type Machine struct {
	Host host.Host
	// Root makes the root directory of a zone, with a directory /tmp.
	Root func(t *testing.T, name string) string
	// Programs are the file systems that provide /bin/sh in a zone. nil: the host runs
	// no processes.
	Programs []host.Mount
	// Broken is a file system that can't be mounted after [Machine.Tmp].
	Broken host.Mount
	// Link is a data link of the host, or "" if none can be used.
	Link string

	exits exitLog
	next  zone.ID
}

// Tmp can be mounted in every zone.
var Tmp = host.Mount{Point: "/tmp", Resource: "swap", FSType: "tmpfs"}

// exitLog records exits in the order in which the host reported them.
type exitLog struct {
	mu   sync.Mutex // guards the following fields
	all  []host.Exit
	more chan struct{} // closed at the next exit
}

func (l *exitLog) add(e host.Exit) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, e)
	if l.more != nil {
		close(l.more)
		l.more = nil
	}
}

// of returns a zone's exits, and a channel that is closed at the next exit.
func (l *exitLog) of(key host.ZoneKey) (exits []host.Exit, more <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.all {
		if e.Key == key {
			exits = append(exits, e)
		}
	}
	if l.more == nil {
		l.more = make(chan struct{})
	}
	return exits, l.more
}

// await returns a zone's exits once there are enough.
func (m *Machine) await(t *testing.T, key host.ZoneKey, enough func([]host.Exit) bool) []host.Exit {
	t.Helper()
	late := time.After(time.Minute)
	for {
		exits, more := m.exits.of(key)
		if enough(exits) {
			return exits
		}
		select {
		case <-more:
		case <-late:
			t.Fatalf("the host reported only %+v", exits)
		}
	}
}

// last returns a function that reports whether the zone was reported empty after the
// exit of a process.
func last(pid int32) func([]host.Exit) bool {
	return func(exits []host.Exit) bool {
		exited := false
		for _, e := range exits {
			exited = exited || e.Pid == pid
			if exited && e.Last {
				return true
			}
		}
		return false
	}
}

// spec describes a zone with a key that no other test uses.
func (m *Machine) spec(t *testing.T, name string) *host.Spec {
	m.next++
	all := ^uint32(0)
	return &host.Spec{
		Key: host.ZoneKey{ID: m.next, UniqID: uint64(m.next) + 100}, Name: name, Nodename: name,
		Root: m.Root(t, name), Privs: priv.Set{all, all, all},
	}
}

// create creates a zone and mounts the programs. The zone is destroyed after the test.
func (m *Machine) create(t *testing.T, name string) host.ZoneKey {
	t.Helper()
	spec := m.spec(t, name)
	pid, err := m.Host.CreateZone(spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Host.DestroyZone(spec.Key); err != nil {
			t.Error(err)
		}
	})
	if (pid > 0) != (m.Programs != nil) {
		t.Errorf("the zsched has number %d", pid)
	}
	if done, err := m.Host.Mount(spec.Key, m.Programs); done != len(m.Programs) || err != nil {
		t.Fatalf("%d of %d were mounted: %v", done, len(m.Programs), err)
	}
	return spec.Key
}

// is checks an error's number.
func is(t *testing.T, what string, err error, want errno.Errno) {
	t.Helper()
	if zone.ErrnoOf(err) != want {
		t.Errorf("%s: %v, want %s", what, err, want.Name())
	}
}
