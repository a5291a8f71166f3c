package linuxhost

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/errortest"
	"github.com/gozones/zones/internal/trace"
	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// TestErrorOfZsched: an error of zsched arrives unchanged in the kernel process.
func TestErrorOfZsched(t *testing.T) {
	t.Parallel()
	errortest.Check(t, func(failure error) error {
		requests, zsched := ends(t)
		go func() {
			if fds, err := zsched.receive(new(request), maxMessage); err == nil {
				closeFDs(fds)
				zsched.send(&response{Err: zone.AsError(failure)})
			}
		}()
		s := &sandbox{requests: requests}
		_, _, err := s.ask(&request{Op: opKill})
		return err
	})
}

// FuzzMessages sends arbitrary bytes as a request to zsched, as its answer to several
// requests, and as an exit. They may only cause errors: no panic, no hang, no leaked
// descriptor. A zsched runs inside its zone, so the kernel process must not trust its
// messages.
func FuzzMessages(f *testing.F) {
	failure := &zone.Error{Op: zone.OpMountPoint, Name: "/a", Errno: 2}
	for _, message := range []any{
		&request{Op: opSandbox, Trace: true, Devices: []string{"null"}},
		&request{Op: opZone, Zone: &zoneRequest{Nodename: "web", Capabilities: 7, Unified: true}},
		&request{Op: opMount, Mounts: []mountEntry{{Point: "/a", Make: makeDir, FSType: "tmpfs", Flags: 2, Options: "size=1"}}},
		&request{Op: opUnmount, Point: "/a", Force: true},
		&request{Op: opStart, Program: &program{Path: "/a", Args: []string{"a"}, Env: []string{"A=b"}, Dir: "/", Groups: []uint32{1}, Pty: true, Like: new(looks)}},
		&response{Pid: 7, Trace: []trace.Span{{Process: "zsched", Name: "start"}}},
		&response{Err: failure, Done: 1},
		&response{Err: failure, Done: -1},
		&exit{Pid: 7, Code: 3}, &exit{Pid: 7, Signal: 9}, &exit{Last: true},
	} {
		raw, err := json.Marshal(message)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) == 0 { // an empty message means that the connection is closed
			return
		}
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		passed := []int{int(w.Fd()), int(w.Fd()), int(w.Fd())}
		send := func(to *channel) {
			to.conn.WriteMsgUnix(raw, unix.UnixRights(passed...), nil)
			to.close()
		}
		fuzzRequest(t, send)
		fuzzAnswers(t, send)
		fuzzExit(t, send)
		w.Close()
		r.SetReadDeadline(time.Now().Add(10 * time.Second))
		if _, err := r.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("a descriptor is kept: %v", err)
		}
	})
}

func fuzzRequest(t *testing.T, send func(*channel)) {
	ours, theirs := ends(t)
	send(theirs)
	var q, again request
	fds, err := ours.receive(&q, maxMessage)
	if err != nil {
		return
	}
	closeFDs(fds)
	raw, err := json.Marshal(&q)
	if err == nil {
		err = json.Unmarshal(raw, &again)
	}
	if err != nil || again.Op != q.Op || !reflect.DeepEqual(again.Zone, q.Zone) {
		t.Errorf("%+v is read as %+v, %v", q, again, err)
	}
}

// fuzzAnswers sends the bytes as the answer to requests to mount, start two programs,
// and kill.
func fuzzAnswers(t *testing.T, send func(*channel)) {
	for _, ask := range []func(z *hostZone){
		func(z *hostZone) {
			done, err := z.mountSome([]host.Mount{{Point: "/a", FSType: "tmpfs"}, {Point: "/b", FSType: "tmpfs"}})
			if done < 0 || done > 2 || err != nil && done == 2 {
				t.Errorf("%d of two were mounted, %v", done, err)
			}
			var e *zone.Error
			if errors.As(err, &e) && e.Depth() > zone.MaxCauses {
				t.Errorf("an error of %d causes", e.Depth())
			}
		},
		func(z *hostZone) {
			if p, err := z.run(&program{Path: "/a", Pty: true}); err == nil && p.pty != nil {
				p.pty.Close()
			}
		},
		func(z *hostZone) {
			if p, err := z.run(&program{Path: "/a"}); err == nil && p.pty != nil {
				t.Error("a terminal that nobody asked for")
			}
		},
		func(z *hostZone) { z.sandbox.ask(&request{Op: opKill}) },
	} {
		requests, zsched := ends(t)
		z := newHostZone(&Host{notify: func(host.Exit) {}}, host.ZoneKey{ID: 1}, "web")
		z.sandbox = &sandbox{requests: requests, gone: make(chan struct{})}
		go func() {
			if fds, err := zsched.receive(new(request), maxMessage); err == nil {
				closeFDs(fds)
				send(zsched)
			}
		}()
		ask(z)
	}
}

func fuzzExit(t *testing.T, send func(*channel)) {
	exits, zsched := ends(t)
	told := 0
	z := newHostZone(&Host{notify: func(host.Exit) { told++ }}, host.ZoneKey{ID: 1}, "web")
	z.sandbox = &sandbox{exits: exits}
	z.processes[7] = &process{inside: 7, pid: 1007, done: make(chan struct{})}
	send(zsched)
	z.listen()
	if told > 1 {
		t.Errorf("one message is %d exits", told)
	}
}

// TestMessages: a message arrives with its descriptors; one that can't be read keeps none
// of them open.
func TestMessages(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, err := os.Create(dir + "/sent")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	fd := int(file.Fd())
	all := slices.Repeat([]int{fd}, maxFDs)
	fits := len(`{"pid":7}`)
	for _, test := range []struct {
		name string
		size int
		raw  string
		fds  []int
		kind error
	}{
		{"whole", fits, `{"pid":7}`, []int{fd}, nil},
		{"as many descriptors as there may be", fits, `{"pid":7}`, all, nil},
		{"no descriptors", fits, `{"pid":7}`, nil, nil},
		{"too large", fits - 1, `{"pid":7}`, []int{fd, fd}, unix.EMSGSIZE},
		{"no JSON", fits, `{"pid":`, []int{fd, fd}, io.ErrUnexpectedEOF},
	} {
		t.Run(test.name, func(t *testing.T) {
			ours, theirs := ends(t)
			var control []byte
			if len(test.fds) > 0 {
				control = unix.UnixRights(test.fds...)
			}
			if _, _, err := ours.conn.WriteMsgUnix([]byte(test.raw), control, nil); err != nil {
				t.Fatal(err)
			}
			var e exit
			fds, err := theirs.receive(&e, test.size)
			var syntax *json.SyntaxError
			if !errors.Is(err, test.kind) && !(test.kind == io.ErrUnexpectedEOF && errors.As(err, &syntax)) {
				t.Errorf("%v, not %v", err, test.kind)
			}
			if test.kind == nil && (e.Pid != 7 || len(fds) != len(test.fds)) {
				t.Errorf("%+v with %d descriptors, sent %d", e, len(fds), len(test.fds))
			}
			closeFDs(fds)
			if n := openFiles(dir); n != 1 {
				t.Errorf("%d descriptors of the file are open", n)
			}
		})
	}
	ours, theirs := ends(t)
	if err := ours.send(strings.Repeat("x", maxMessage-len(`""`))); err != nil {
		t.Errorf("the largest message: %v", err)
	}
	if err := ours.send(strings.Repeat("x", maxMessage-len(`""`)+1)); !errors.Is(err, errno.E2BIG) {
		t.Errorf("one larger: %v", err)
	}
	var text string
	if _, err := theirs.receive(&text, maxMessage); err != nil || len(text) != maxMessage-2 {
		t.Errorf("%d bytes, %v", len(text), err)
	}
	ours.close()
	if _, err := theirs.receive(&text, maxMessage); !errors.Is(err, io.EOF) {
		t.Errorf("after the other end was closed: %v", err)
	}
}
