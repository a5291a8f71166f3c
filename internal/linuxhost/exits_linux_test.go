package linuxhost

import (
	"testing"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/zone"
)

// TestNewsInOrder: a program may end before its start has been answered. That the zone
// is empty then is told after it, or the zone would wait for the rest of the program.
func TestNewsInOrder(t *testing.T) {
	ours, fd, err := newChannel()
	if err != nil {
		t.Fatal(err)
	}
	zsched, err := openChannel(fd)
	if err != nil {
		t.Fatal(err)
	}
	told := make(chan host.Exit, 8)
	key := host.ZoneKey{ID: 1, UniqID: 2}
	z := newHostZone(&Host{notify: func(e host.Exit) { told <- e }}, key, "web")
	z.sandbox = &sandbox{exits: ours}
	z.starts, z.starting[1] = 1, struct{}{}
	done := make(chan struct{})
	go func() { z.listen(); close(done) }()
	news := func(e exit) {
		t.Helper()
		if err := zsched.send(&e); err != nil {
			t.Fatal(err)
		}
	}
	news(exit{Last: true}) // of what was there before
	if e := <-told; e != (host.Exit{Key: key, Last: true}) {
		t.Errorf("first %+v", e)
	}
	news(exit{Pid: 7, Code: 3})
	news(exit{Last: true})
	news(exit{Pid: 9})
	p := &process{inside: 7, pid: 1007, done: make(chan struct{})}
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
	zsched.close()
	<-done
	if len(told) != 0 {
		t.Errorf("and then %+v", <-told)
	}
}
