package linuxhost

import (
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/uadmin"
	"github.com/gozones/zones/sys/zone"
)

// ends returns both ends of a channel.
func ends(t testing.TB) (ours, theirs *channel) {
	t.Helper()
	ours, fd, err := newChannel()
	if err == nil {
		theirs, err = openChannel(fd)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ours.close(); theirs.close() })
	return ours, theirs
}

// TestNewsInOrder: a program may exit before its start has been answered. The report
// that the zone is empty must come after the program's exit, or the zone would wait
// for the program forever.
func TestNewsInOrder(t *testing.T) {
	ours, zsched := ends(t)
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
	news(exit{Last: true}) // of earlier processes
	if e := <-told; e != (host.Exit{Key: key, Last: true}) {
		t.Errorf("first %+v", e)
	}
	news(exit{Pid: 7, Code: 3})
	news(exit{Last: true})
	news(exit{Pid: 9})
	p := &process{inside: 7, pid: 1007, done: make(chan struct{})}
	z.mu.Lock()
	z.starts, z.starting[2] = 2, struct{}{} // one that begins later isn't waited for
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
	// The other process was an orphan, unless the second start is answered with its
	// process ID.
	z.mu.Lock()
	delete(z.starting, 2)
	z.answered.Broadcast()
	z.mu.Unlock()
	zsched.close()
	<-done
	if len(told) != 0 {
		t.Errorf("then %+v", <-told)
	}
}

// TestUadmin: Linux tells what was asked of reboot(2) in a zone by the signal that ends its
// zsched.
func TestUadmin(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		status unix.WaitStatus
		want   host.Uadmin
	}{
		{"reboot", unix.WaitStatus(unix.SIGHUP), host.Uadmin{Cmd: int(uadmin.Shutdown), Fcn: int(uadmin.Boot)}},
		{"halt", unix.WaitStatus(unix.SIGINT), host.Uadmin{Cmd: int(uadmin.Shutdown), Fcn: int(uadmin.Halt)}},
		{"killed", unix.WaitStatus(unix.SIGKILL), host.Uadmin{Cmd: int(uadmin.Shutdown), Fcn: int(uadmin.Halt)}},
		{"an exit with the number of the signal", unix.WaitStatus(unix.SIGHUP) << 8, host.Uadmin{Cmd: int(uadmin.Shutdown), Fcn: int(uadmin.Halt)}},
	} {
		if got := uadminOf(test.status); *got != test.want {
			t.Errorf("%s: %+v, want %+v", test.name, *got, test.want)
		}
	}
}
