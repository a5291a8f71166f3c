package kernelrpc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/kernelrpc/server"
	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/zone"
)

// TestSplit: a reply of any length arrives whole.
func TestSplit(t *testing.T) {
	t.Parallel()
	us, them := pair(t)
	for _, length := range []int{0, 1, door.MaxMessage - 6, door.MaxMessage, 3*door.MaxMessage + 1} {
		want := strings.Repeat("x", length)
		reply, err := wire.EncodeReply(want, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		sent := make(chan error)
		go func() { sent <- wire.Send(us, reply) }()
		var got string
		raw, _, err := wire.Receive(them, wire.MaxReply)
		if err == nil {
			_, _, err = wire.DecodeReply(raw, &got)
		}
		if err != nil || got != want {
			t.Errorf("of %d bytes %d came, %v", length, len(got), err)
		}
		if err := <-sent; err != nil {
			t.Error(err)
		}
	}
}

// TestBroken: the server closes the connection of a caller that breaks the protocol or
// disconnects, closes the descriptors that came, and goes on serving others.
func TestBroken(t *testing.T) {
	t.Parallel()
	s, k, m := served(t)
	before := snapshot(t, k, m)
	create := request(t, &wire.Request{Op: wire.OpMake}, &zone.Definition{Def: zone.Def{Name: "x", Root: "/x"}})
	raw, err := (&wire.Raw{Kind: wire.RawCall, Number: 227}).AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	const last, more = "\x00", "\x01" // the marks of package wire
	part := more + string(make([]byte, door.MaxMessage-1))
	for _, c := range []struct {
		name  string
		parts []string
		reply bool        // the server replies with an error
		errno errno.Errno // of which this is the number
	}{
		{"nothing", nil, false, 0},
		{"half a request", []string{more + string(create[:20])}, false, 0},
		{"half a large one", []string{part, part}, false, 0},
		{"a request that is too large", []string{part, part, part, part, part, part, part, part, part}, true, errno.EMSGSIZE},
		{"an unknown mark", []string{"\x02" + string(create)}, true, 0},
		{"an unknown mark later", []string{part, "\x02"}, true, 0},
		{"no request", []string{last}, true, errno.EINVAL},
		{"half a request as a whole one", []string{last + string(create[:20])}, true, errno.EINVAL},
		{"another version", []string{last + "\x63" + string(create[1:])}, true, errno.EINVAL},
		{"half a system call", []string{string(raw[:wire.RawSize-1])}, false, 0},
		{"a system call's answer", []string{string(raw[:4]) + "\x03" + string(raw[5:])}, false, 0},
	} {
		caller, done := attach(t, s)
		mark := newMarker(t)
		for _, p := range c.parts {
			if err := caller.Send([]byte(p), mark.write); err != nil && !errors.Is(err, syscall.EPIPE) {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		if c.reply {
			if failure, err := caller.answered(nil); err != nil || failure == nil || failure.Errno != c.errno {
				t.Errorf("%s: %v, %v, not %v", c.name, failure, err, c.errno)
			}
		}
		caller.Close()
		<-done
		mark.closed(t)
	}
	if after := snapshot(t, k, m); after != before {
		t.Errorf("something has changed:\n%s", difference(before, after))
	}
	works(t, s)
}

// TestDisconnectDuringMake: a zone whose maker disconnects before it is made is removed,
// with what it had.
func TestDisconnectDuringMake(t *testing.T) {
	t.Parallel()
	def := exclusive()
	for op, body := range map[string]any{wire.OpMake: def, wire.OpCreate: def.Def} {
		s, k, m := served(t)
		before := snapshot(t, k, m)
		m.creating = make(chan struct{})
		c, done := attach(t, s)
		if err := wire.Send(c.Conn, request(t, &wire.Request{Op: op}, body)); err != nil {
			t.Fatal(err)
		}
		m.creating <- struct{}{}
		c.Close()
		m.creating <- struct{}{}
		<-done
		if after := snapshot(t, k, m); after != before {
			t.Errorf("something is left after %s:\n%s", op, difference(before, after))
		}
		m.mu.Lock()
		m.creating = nil
		m.mu.Unlock()
		again, _ := attach(t, s)
		again.must(&wire.Request{Op: op}, body, nil)
	}
}

// TestDisconnectDuringWait: a caller that disconnects while it waits takes nothing with it,
// and the program that it waited for continues.
func TestDisconnectDuringWait(t *testing.T) {
	t.Parallel()
	s, k, m := served(t)
	id := booted(t, k.Global().Local())
	c, done := attach(t, s)
	var started wire.Started
	c.must(&wire.Request{Op: wire.OpStart, ID: id}, &wire.Cmd{Path: "/bin/wait"}, &started)
	if err := wire.Send(c.Conn, request(t, &wire.Request{Op: wire.OpWait}, started.Handle)); err != nil {
		t.Fatal(err)
	}
	c.Close()
	<-done
	other, _ := attach(t, s)
	if failure, err := other.ask(request(t, &wire.Request{Op: wire.OpSignal}, wire.Signal{Handle: started.Handle, Number: 1}), nil); err != nil || failure == nil || failure.Errno != errno.ESRCH {
		t.Errorf("the server keeps the program: %v, %v", failure, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, programs := range m.running {
		if programs[int32(started.PID)] == nil {
			t.Errorf("the program has ended: %v", programs)
		}
	}
}

// booted makes and boots a zone.
func booted(t testing.TB, k zone.Kernel) zone.ID {
	t.Helper()
	out, err := k.Make(&zone.Definition{Def: zone.Def{Name: "web", Root: "/zones/web"}})
	if err == nil {
		err = k.Boot(out.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.ID
}

// TestNothingFollows: a request on a connection that waits or watches ends it.
func TestNothingFollows(t *testing.T) {
	t.Parallel()
	s, k, _ := served(t)
	id := booted(t, k.Global().Local())
	for _, op := range []string{wire.OpWait, wire.OpWatch} {
		c, done := attach(t, s)
		var started wire.Started
		c.must(&wire.Request{Op: wire.OpStart, ID: id}, &wire.Cmd{Path: "/bin/wait"}, &started)
		for _, op := range []string{op, wire.OpVersion} {
			if err := wire.Send(c.Conn, request(t, &wire.Request{Op: op}, started.Handle)); err != nil {
				t.Fatal(err)
			}
		}
		<-done
	}
	works(t, s)
}

// stranger is a connection of a user who has no privileges.
func stranger(t *testing.T, s *server.Server) *caller {
	t.Helper()
	made := make(chan struct{})
	var c *caller
	go func() {
		defer close(made)
		runtime.LockOSThread() // and never unlocked: the thread exits with its identity
		if os.Getuid() == 0 {
			const nobody = 65534
			if _, _, e := syscall.RawSyscall(unix.SYS_SETRESUID, ^uintptr(0), nobody, ^uintptr(0)); e != 0 {
				t.Error(e)
				return
			}
		}
		c, _ = attach(t, s)
	}()
	if <-made; c == nil {
		t.FailNow()
	}
	return c
}

// TestUnprivileged: every call of a user without privileges has the error that it has on
// illumos, and changes nothing.
func TestUnprivileged(t *testing.T) {
	t.Parallel()
	m := newMachine()
	k := newKernel(t, m)
	s := server.New(k, uint32(os.Getuid())+1)
	l := k.Global().Local()
	made(t, &side{Kernel: l, System: l.Rctls(), machine: m})
	const web, db, net0, net1 = zone.ID(1), zone.ID(2), zone.LinkID(1), zone.LinkID(2)
	value := rctl.Limited(77, rctl.Deny)
	calls := map[string]struct {
		body  any
		errno errno.Errno // 0: everybody may make the call
	}{
		wire.OpCreate:       {zone.Def{Name: "x", Root: "/x"}, errno.EPERM},
		wire.OpMake:         {zone.Definition{Def: zone.Def{Name: "x", Root: "/x"}}, errno.EPERM},
		wire.OpBoot:         {nil, errno.EPERM},
		wire.OpBootWith:     {[]zone.Step{{Mount: &zone.Mount{Point: "/m", FSType: "tmpfs"}}}, errno.EPERM},
		wire.OpShutdown:     {nil, errno.EPERM},
		wire.OpDestroy:      {nil, errno.EPERM},
		wire.OpSetattr:      {zone.TextAttribute(zone.AttrBootArgs, "-x").Attr, errno.EPERM},
		wire.OpAddLink:      {net0, errno.EPERM},
		wire.OpRemoveLink:   {net1, errno.EPERM},
		wire.OpMount:        {[]zone.Mount{{Point: "/m", FSType: "tmpfs"}}, errno.EPERM},
		wire.OpUnmount:      {wire.Unmount{Point: "/a"}, errno.EPERM},
		wire.OpSetAddress:   {wire.Address{Prefix: "10.0.0.7/8", Add: true}, errno.EPERM},
		wire.OpStart:        {wire.Cmd{Path: "/bin/say"}, errno.EPERM},
		wire.OpWait:         {int64(1), errno.ESRCH},
		wire.OpSignal:       {wire.Signal{Handle: 1, Number: 9}, errno.ESRCH},
		wire.OpRctlInsert:   {value, errno.EPERM},
		wire.OpRctlReplace:  {wire.Replace{Old: value, Value: rctl.Limited(78, rctl.Deny)}, errno.EPERM},
		wire.OpRctlDelete:   {value, errno.EPERM},
		wire.OpGetattr:      {wire.Getattr{Attr: zone.AttrName, Room: 64}, 0},
		wire.OpList:         {9, 0},
		wire.OpLookup:       {nil, 0},
		wire.OpInspect:      {nil, 0},
		wire.OpVersion:      {nil, 0},
		wire.OpTable:        {nil, 0},
		wire.OpCheckLink:    {net1, 0},
		wire.OpListLinks:    {4, 0},
		wire.OpLinkByName:   {nil, 0},
		wire.OpLinkName:     {net0, 0},
		wire.OpKstats:       {nil, 0},
		wire.OpReport:       {nil, 0},
		wire.OpHolds:        {nil, errno.EPERM},
		wire.OpWatch:        {nil, 0},
		wire.OpRctlControls: {nil, 0},
		wire.OpRctlValues:   {nil, 0},
		wire.OpRctlUsage:    {nil, 0},
	}
	for op, c := range calls {
		r := &wire.Request{Op: op, ID: web, Name: "web"}
		switch op {
		case wire.OpRemoveLink, wire.OpCheckLink, wire.OpAddLink, wire.OpShutdown, wire.OpStart:
			r.ID = db
		case wire.OpSetAddress, wire.OpLinkByName:
			r.Name = "net0"
		case wire.OpRctlInsert, wire.OpRctlReplace, wire.OpRctlDelete, wire.OpRctlValues, wire.OpRctlUsage:
			r.Name = "zone.max-lwps"
		}
		before := snapshot(t, k, m)
		failure, err := stranger(t, s).ask(request(t, r, c.body), nil)
		if err != nil || (failure != nil) != (c.errno != 0) || failure != nil && failure.Errno != c.errno {
			t.Errorf("%s: %v, %v, not %v", op, failure, err, c.errno)
		}
		if after := snapshot(t, k, m); after != before {
			t.Errorf("%s changes something:\n%s", op, difference(before, after))
		}
	}
	for op := range bodies {
		if _, ok := calls[op]; !ok {
			t.Errorf("nobody without privileges calls %s", op)
		}
	}
}

// TestUnasked: descriptors that come with a request or a reply and have no place there are
// closed.
func TestUnasked(t *testing.T) {
	t.Parallel()
	s, k, _ := served(t)
	id := booted(t, k.Global().Local())
	for op, body := range bodies {
		t.Run(op, func(t *testing.T) {
			mark := newMarker(t)
			c, done := attach(t, s)
			message := request(t, &wire.Request{Op: op, ID: id, Name: "web"}, filled(body.request))
			if err := wire.Send(c.Conn, message, mark.write, mark.write); err != nil {
				t.Fatal(err)
			}
			if _, err := c.answered(nil); err != nil {
				t.Error(err)
			}
			c.Close()
			<-done
			mark.closed(t)
		})
	}
	callFake(t, steps, func(op string) ([]byte, error) { return wire.EncodeReply(filled(bodies[op].reply), nil, nil) })
}

// answer replies to every request, whatever it asks for.
func answer(conn *door.Conn, reply func(op string) ([]byte, error), files ...*os.File) {
	for {
		message, passed, err := wire.Receive(conn, wire.MaxRequest)
		for _, f := range passed {
			f.Close()
		}
		if err != nil {
			return
		}
		r, err := wire.DecodeRequest(message)
		if err != nil {
			return
		}
		raw, err := reply(r.Op)
		if err != nil || wire.Send(conn, raw, files...) != nil {
			return
		}
	}
}

// TestSlowWatch: a caller that doesn't read its events holds up nobody, is sent a bounded
// number of them, and learns that it has missed some.
func TestSlowWatch(t *testing.T) {
	t.Parallel()
	s := remote(t)
	events, err := s.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const zones = 4 * zone.EventsMax / 5 // each has more than five
	for i := range zones {
		id, err := s.Create(&zone.Def{Name: fmt.Sprint("z", i), Root: "/zones/z"})
		if err := errors.Join(err, s.Shutdown(id), s.Destroy(id)); err != nil {
			t.Fatal(err)
		}
	}
	received, lost, last := 0, 0, -1
	for last < zones-1 {
		e := <-events
		received++
		if e.Lost {
			lost++
			continue
		}
		var number int
		if _, err := fmt.Sscanf(e.Name, "z%d", &number); err != nil || number < last {
			t.Fatalf("%+v after zone %d: %v", e, last, err)
		}
		if number > last+1 && lost == 0 {
			t.Fatalf("zone %d comes after %d, and nothing was told to be lost", number, last)
		}
		last = number
	}
	if lost == 0 {
		t.Errorf("nothing was lost of %d events", received)
	}
}

// TestManyClients: sixty-four programs live a zone's life each, at once.
func TestManyClients(t *testing.T) {
	t.Parallel()
	m := newMachine()
	k := newKernel(t, m)
	run := serve(t, k)
	before := snapshot(t, k, m)
	var all sync.WaitGroup
	for i := range 64 {
		all.Go(func() {
			c := dial(t, run)
			if err := life(t.Context(), c, fmt.Sprint("z", i)); err != nil {
				t.Errorf("zone %d: %v", i, err)
			}
		})
	}
	all.Wait()
	if after := snapshot(t, k, m); after != before {
		t.Errorf("something is left:\n%s", difference(before, after))
	}
}

// life makes a zone, runs a program in it and removes it, and watches that.
func life(ctx context.Context, k zone.Kernel, name string) error {
	events, err := k.Watch(ctx)
	if err != nil {
		return err
	}
	out, err := k.Make(&zone.Definition{
		Def: zone.Def{Name: name, Root: "/zones/" + name}, Steps: []zone.Step{{Mount: &zone.Mount{Special: "swap", Point: "/tmp", FSType: "tmpfs"}}}})
	if err != nil {
		return err
	}
	if err := k.Boot(out.ID); err != nil {
		return err
	}
	p, err := k.Start(out.ID, &zone.Cmd{Path: "/bin/wait"})
	if err != nil {
		return err
	}
	defer p.Close()
	signalErr := p.Signal(syscall.SIGTERM)
	if status, err := p.Wait(); err != nil || signalErr != nil || status != (zone.ExitStatus{Signal: int(syscall.SIGTERM)}) {
		return fmt.Errorf("the program exits with %+v: %w", status, errors.Join(err, signalErr))
	}
	if table, err := k.Table(); err != nil || !slices.ContainsFunc(table.Zones, func(i zone.Info) bool { return i.Name == name }) {
		return fmt.Errorf("it isn't in %+v: %w", table, err)
	}
	if err := errors.Join(k.Shutdown(out.ID), k.Destroy(out.ID)); err != nil {
		return err
	}
	for e := range events {
		if e.Name == name && e.Status == zone.StatusDead {
			return nil
		}
	}
	return errors.New("the watch ends before the zone does")
}
