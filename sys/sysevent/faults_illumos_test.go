package sysevent

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
	"testing"
	"unsafe"

	"github.com/gozones/zones/internal/testenv/faults"
	"github.com/gozones/zones/sys/internal/abi"
)

// TestFaults: each call that fails is the error of Subscribe or Close, and the pipe is given back.
func TestFaults(t *testing.T) {
	faults.Need(t)
	do := func() error {
		s, err := Subscribe(abi.ZONE_EVENT_CHANNEL, abi.ZONE_EVENT_STATUS_CLASS)
		if err == nil {
			err = s.Close()
		}
		return err
	}
	if err := zones(t).Close(); err != nil {
		t.Fatal(err)
	}
	before := free()
	f := faults.Fault{Of: []string{"sysevent_evc_bind", "sysevent_evc_subscribe", "sysevent_evc_unsubscribe", "sigprocmask"}}
	f.Noticed(t, do)
	if after := free(); after != before {
		t.Errorf("%d pipes were free, now %d", before, after)
	}
	// Without a free pipe one is made.
	pipes.Lock()
	kept := pipes.free
	pipes.free = nil
	pipes.Unlock()
	for _, f := range []faults.Fault{{Of: []string{"pipe2"}}, {Of: []string{"fcntl"}}, {Of: []string{"fcntl"}, Call: 2}} {
		if failed, err := f.Do(t, do); failed == "" || !f.Is(err) {
			t.Errorf("%s failed: %v", failed, err)
		}
	}
	pipes.Lock()
	pipes.free = append(pipes.free, kept...)
	pipes.Unlock()
}

// TestNext reads events from a pipe: a whole one, what isn't one, and what ends too early.
func TestNext(t *testing.T) {
	whole, err := zoneEvent().MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	broken := make([]byte, headSize)
	binary.LittleEndian.PutUint32(broken[unsafe.Offsetof(abi.Sysevent{}.PayloadSize):], 1<<31)
	for _, c := range []struct {
		name string
		raw  []byte
		want error
	}{
		{"an event", whole, nil}, {"no head", whole[:headSize-1], io.ErrUnexpectedEOF}, {"none", nil, io.EOF},
		{"no body", whole[:headSize+1], io.ErrUnexpectedEOF}, {"no event", make([]byte, 2*headSize), ErrEvent},
		{"no event's head", broken, ErrEvent},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if _, err := w.Write(c.raw); err != nil {
				t.Fatal(err)
			}
			w.Close()
			s := &Subscription{pipe: pipe{reader: r}}
			e, err := s.Next()
			if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) || err == nil && (e == nil || e.Class != zoneEvent().Class) {
				t.Errorf("%+v, %v", e, err)
			}
		})
	}
}

// TestUnread: a pipe that is given back is empty.
func TestUnread(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := w.Write(make([]byte, 10000)); err != nil {
		t.Fatal(err)
	}
	w.Close()
	before := free()
	givePipe(pipe{reader: r})
	pipes.Lock()
	pipes.free = pipes.free[:before]
	pipes.Unlock()
	if rest, err := io.ReadAll(r); len(rest) != 0 || err != nil {
		t.Errorf("%d bytes are left, %v", len(rest), err)
	}
}
