package kernelrpc

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gozones/zones/internal/kernelrpc/server"
	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/internal/kernelseam"
	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/zone"
)

// filled is a value like another, with something in every field; nil for nil.
func filled(like any) any {
	if like == nil {
		return nil
	}
	v := reflect.New(reflect.TypeOf(like)).Elem()
	fill(v, 0)
	return v.Addr().Interface()
}

func fill(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.String:
		v.SetString("web")
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(1)
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(1)
	case reflect.Pointer:
		if depth < 4 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), depth+1)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), depth)
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), depth)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), depth)
		}
	}
}

// opNames are the operations in the order of their numbers in the inputs of the fuzzing.
var opNames = func() (names []string) {
	for op := range bodies {
		names = append(names, op)
	}
	slices.Sort(names)
	return names
}()

// A script is what a caller of the fuzzing sends: for each message one byte for its kind,
// one for the zone, the name and the body, each behind a length of two bytes.
type script []byte

// Kinds of messages besides the operations.
const (
	kindTraced = 0x80 // a bit: the reply is to have spans
	kindRaw    = 0x7e // a system call with the name as its bytes; the body is the memory
	kindBytes  = 0x7f // the body as it is
)

func (s script) add(kind byte, id zone.ID, name string, body []byte) script {
	s = append(s, kind, byte(id))
	for _, part := range [][]byte{[]byte(name), body} {
		s = append(binary.LittleEndian.AppendUint16(s, uint16(len(part))), part...)
	}
	return s
}

// call adds a request, with a body as a client encodes it.
func (s script) call(t testing.TB, op string, id zone.ID, name string, body any) script {
	r, err := wire.DecodeRequest(request(t, &wire.Request{}, body))
	if err != nil {
		t.Fatal(err)
	}
	return s.add(byte(slices.Index(opNames, op)), id, name, r.Body)
}

// next cuts a message off.
func (s script) next() (kind byte, id zone.ID, name string, body []byte, rest script) {
	kind, id, s = s[0], zone.ID(int8(s[1])), s[2:]
	part := func() []byte {
		if len(s) < 2 {
			s = nil
			return nil
		}
		n := min(int(binary.LittleEndian.Uint16(s)), len(s)-2)
		p := s[2 : 2+n]
		s = s[2+n:]
		return p
	}
	n, b := part(), part()
	return kind, id, string(n), b, s
}

// rawCall is a system call as a script has it.
func rawCall(t testing.TB, number int32, args ...uint64) string {
	r := wire.Raw{Kind: wire.RawCall, Number: number}
	copy(r.A[:], args)
	b, err := r.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// run sends the messages to a server, with a descriptor each, until it disconnects.
func (s script) run(t *testing.T, to *server.Server) {
	c, done := attach(t, to)
	mark := newMarker(t)
	defer mark.closed(t)
	defer func() { <-done }()
	defer c.Close()
	for len(s) >= 2 {
		var kind byte
		var id zone.ID
		var name string
		var body []byte
		kind, id, name, body, s = s.next()
		switch kind {
		case kindRaw:
			if c.Send([]byte(name), mark.write) != nil || !c.lend(body) {
				return
			}
			continue
		case kindBytes:
			if c.Send(body, mark.write) != nil {
				return
			}
			if len(body) > 0 && body[0] == 1 {
				continue // more has to follow
			}
			if wire.IsRaw(body) {
				return
			}
		default:
			op := opNames[int(kind&^kindTraced)%len(opNames)]
			message, err := wire.EncodeRequest(&wire.Request{Op: op, Trace: kind&kindTraced != 0, ID: id, Name: name}, nil)
			if err != nil || wire.Send(c.Conn, append(message, body...), mark.write) != nil {
				return
			}
		}
		failure, err := c.answered(nil)
		if err != nil {
			if errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error(err)
			}
			return
		}
		if failure != nil && failure.Error() == "" {
			t.Error("a failure without a text")
		}
	}
}

// lend lets the kernel copy memory until it is done with a system call. It reports whether
// the connection goes on.
func (c *caller) lend(memory []byte) bool {
	for {
		message, files, err := c.Receive()
		for _, f := range files {
			f.Close()
		}
		if err != nil {
			return false
		}
		r, err := wire.DecodeRaw(message)
		if err != nil {
			c.Fatalf("the server sends % x: %v", message, err)
		}
		answer := &wire.Raw{Kind: r.Kind}
		switch r.Kind {
		case wire.RawDone:
			return true
		case wire.RawRead:
			if at := r.A[0]; at <= uint64(len(memory)) && r.A[1] <= uint64(len(memory))-at {
				answer.Data = memory[at : at+r.A[1]]
			} else {
				answer.Error = 14 // EFAULT
			}
		}
		raw, err := answer.AppendBinary(nil)
		if err != nil || c.Send(raw) != nil {
			return false
		}
	}
}

// FuzzRequests sends whatever it is to a server of a kernel in memory. The server neither
// fails nor hangs, keeps no descriptor, the kernel's books are right afterwards, and the
// next caller is served.
func FuzzRequests(f *testing.F) {
	var life, every script
	life = life.call(f, wire.OpMake, 0, "", definition()).call(f, wire.OpMake, 0, "", exclusive()).call(f, wire.OpBoot, 1, "", nil)
	life = life.call(f, wire.OpStart, 1, "", &wire.Cmd{Path: "/bin/say", Std: [3]bool{false, true, false}}).call(f, wire.OpSignal, 0, "", wire.Signal{Handle: 1, Number: 1})
	for _, id := range []zone.ID{1, 2} {
		life = life.call(f, wire.OpShutdown, id, "", nil).call(f, wire.OpDestroy, id, "", nil)
	}
	f.Add([]byte(life.call(f, wire.OpWait, 0, "", 1)))
	for op, body := range bodies {
		if body := filled(body.request); op != wire.OpWatch && op != wire.OpWait {
			every = every.call(f, op, 1, "web", body)
			f.Add([]byte(script(nil).call(f, wire.OpCreate, 0, "", &zone.Def{Name: "web", Root: "/r"}).call(f, op, 1, "web", body)))
		}
	}
	f.Add([]byte(every.call(f, wire.OpWatch, 0, "", nil)))
	const zoneCall = 227
	enter := script(nil).call(f, wire.OpMake, 0, "", definition()).call(f, wire.OpBoot, 1, "", nil)
	enter = enter.add(kindRaw, 0, rawCall(f, zoneCall, 4, 1), nil)
	memory := append(binary.LittleEndian.AppendUint64(make([]byte, 16), 32), make([]byte, 8)...)
	f.Add([]byte(enter.add(kindRaw, 0, rawCall(f, wire.RawExec, 32, 16, 24), append(memory, "/bin/say\x00"...))))
	f.Add([]byte(script(nil).add(kindBytes, 0, "", []byte("\x01\x03")).add(kindBytes, 0, "", []byte("\x00\x00")).add(kindBytes, 0, "", []byte("\x02"))))
	f.Fuzz(func(t *testing.T, input []byte) {
		if len(input) > 1<<14 || bytes.Contains(input, []byte("/bin/wait")) { // which nobody signals
			return
		}
		m := newMachine()
		k, err := kernel.New(kernel.Config{Host: m, Clock: clock{}, FirstPid: 1 << 22, Brands: []*kernel.Brand{{Name: "lx"}}})
		if err != nil {
			t.Fatal(err)
		}
		defer k.Close()
		s := server.New(k, uint32(os.Getuid()))
		script(input).run(t, s)
		if wrong := kernelseam.Of(k).(interface{ Invariants() []string }).Invariants(); wrong != nil {
			t.Fatal(strings.Join(wrong, "\n"))
		}
		if _, err := k.Global().Lookup("proper"); err != nil {
			works(t, s)
		}
	})
}

// FuzzReplies replies to the calls of a client that send an operation with whatever it is.
// No call fails but by an error, none hangs, and no descriptor is kept.
func FuzzReplies(f *testing.F) {
	var callers [][]step // by the number of the operation
	failed, err := wire.EncodeReply(nil, &zone.Error{Op: "zone_boot", ID: 1, Errno: 22, Cause: &zone.Error{Op: "open", Name: "/x"}}, nil)
	for i, op := range opNames {
		reply, replyErr := wire.EncodeReply(filled(bodies[op].reply), nil, nil)
		if err := errors.Join(err, replyErr); err != nil {
			f.Fatal(err)
		}
		f.Add(byte(i), reply)
		f.Add(byte(i), failed)
		callers = append(callers, nil)
	}
	proper := func(op string) ([]byte, error) { return wire.EncodeReply(filled(bodies[op].reply), nil, nil) }
	for _, s := range steps {
		sent := map[string]bool{}
		callFake(f, []step{s}, func(op string) ([]byte, error) {
			sent[op] = true
			return proper(op)
		})
		for i, op := range opNames {
			if sent[op] && op != wire.OpWatch && len(callers[i]) < 2 {
				callers[i] = append(callers[i], s)
			}
		}
	}
	f.Fuzz(func(t *testing.T, number byte, reply []byte) {
		if len(reply) > 1<<16 {
			return
		}
		i := int(number) % len(opNames)
		callFake(t, callers[i], func(op string) ([]byte, error) {
			if op == opNames[i] {
				return reply, nil
			}
			return proper(op)
		})
	})
}

// callFake makes calls of a client, whose requests are answered as reply says, each with a
// descriptor that nobody asks for.
func callFake(t testing.TB, steps []step, reply func(op string) ([]byte, error)) {
	t.Helper()
	mark, run := newMarker(t), t.TempDir()
	doors, err := door.Listen(locate.KernelDoor(run), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	var one sync.Mutex // several connections, one reply at a time
	go doors.Serve(func(conn *door.Conn) {
		answer(conn, func(op string) ([]byte, error) {
			one.Lock()
			defer one.Unlock()
			return reply(op)
		}, mark.write, mark.write)
	})
	c := dial(t, run)
	ctx, cancel := context.WithCancel(t.Context())
	events, err := c.Watch(ctx)
	for _, step := range steps {
		step.do(&side{Kernel: c, System: c})
	}
	cancel()
	for err == nil {
		if _, open := <-events; !open {
			break
		}
	}
	c.Close()
	doors.Close()
	mark.closed(t)
}
