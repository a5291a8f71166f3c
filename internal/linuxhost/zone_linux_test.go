package linuxhost

import (
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/zone"
)

// TestNewsInOrder: a program may end before its start has been answered. That the zone
// is empty then is told after it, or the zone would wait for the rest of the program.
func TestNewsInOrder(t *testing.T) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	told := make(chan host.Exit, 8)
	key := host.ZoneKey{ID: 1, UniqID: 2}
	z := newHostZone(&Host{notify: func(e host.Exit) { told <- e }}, key, "web")
	z.room = &room{ends: pair[0]}
	z.starts, z.starting[1] = 1, struct{}{}
	done := make(chan struct{})
	go func() { z.listen(); close(done) }()
	news := func(e ended) {
		t.Helper()
		if err := sendMessage(pair[1], &e); err != nil {
			t.Fatal(err)
		}
	}
	news(ended{Last: true}) // of what was there before
	if e := <-told; e != (host.Exit{Key: key, Last: true}) {
		t.Errorf("first %+v", e)
	}
	news(ended{Pid: 7, Code: 3})
	news(ended{Last: true})
	news(ended{Pid: 9})
	p := &process{inside: 7, pid: 1007, fd: -1, done: make(chan struct{})}
	z.mu.Lock()
	z.starts, z.starting[2] = 2, struct{}{} // one that begins later, and isn't waited for
	z.processes[7] = p
	delete(z.starting, 1)
	z.answered.Broadcast()
	z.mu.Unlock()
	if e := <-told; e != (host.Exit{Key: key, Pid: 1007, Status: zone.ExitStatus{Code: 3}}) {
		t.Errorf("second %+v", e)
	}
	if e := <-told; e != (host.Exit{Key: key, Last: true}) {
		t.Errorf("third %+v", e)
	}
	// The other one was an orphan, if it isn't what the second start is answered with.
	z.mu.Lock()
	delete(z.starting, 2)
	z.answered.Broadcast()
	z.mu.Unlock()
	unix.Close(pair[1])
	<-done
	if len(told) != 0 {
		t.Errorf("and then %+v", <-told)
	}
}
