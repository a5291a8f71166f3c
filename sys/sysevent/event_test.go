package sysevent

import (
	"encoding/binary"
	"errors"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/gozones/zones/internal/abitest"
	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/internal/abi"
	"github.com/gozones/zones/sys/nvlist"
)

func TestConstants(t *testing.T) {
	header := abitest.Constants(t, "sysevent")
	if want := header["EVCH_CREAT"]; abi.EVCH_CREAT != want {
		t.Errorf("EVCH_CREAT is %d, the header has %d", abi.EVCH_CREAT, want)
	}
}

func zoneEvent() *Event {
	list := nvlist.New(nvlist.UniqueName)
	list.AddString(abi.ZONE_CB_NAME, "web")
	list.AddInt32(abi.ZONE_CB_ZONEID, 7)
	return &Event{Class: "status", Subclass: "change", Publisher: "sun.com:kernel", Sequence: 3, Time: 5 * time.Second, Attributes: list}
}

func TestEvent(t *testing.T) {
	for name, want := range map[string]*Event{
		"of a zone":          zoneEvent(),
		"without attributes": {Class: "c", Subclass: "s", Publisher: "p", Sequence: 1},
		"long class":         {Class: "a class of many more bytes than the head has left", Subclass: "s", Publisher: "p"},
	} {
		raw, err := want.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		if size, err := sizeOf(raw[:headSize]); size != len(raw) || err != nil {
			t.Errorf("%s: the head says %d bytes, there are %d, %v", name, size, len(raw), err)
		}
		var got Event
		if err := got.UnmarshalBinary(raw); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.Class != want.Class || got.Subclass != want.Subclass || got.Publisher != want.Publisher || got.Sequence != want.Sequence || got.Time != want.Time {
			t.Errorf("%s: %+v, not %+v", name, got, want)
		}
		if (got.Attributes == nil) != (want.Attributes == nil) || got.Attributes != nil && got.Attributes.String() != want.Attributes.String() {
			t.Errorf("%s: attributes %v, not %v", name, got.Attributes, want.Attributes)
		}
	}
}

// TestBroken checks that malformed events are refused.
func TestBroken(t *testing.T) {
	whole, err := zoneEvent().MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	change := func(f func(raw []byte)) []byte {
		raw := slices.Clone(whole)
		f(raw)
		return raw
	}
	for name, raw := range map[string][]byte{
		"nothing":              nil,
		"half a head":          whole[:40],
		"cut":                  whole[:len(whole)-1],
		"not packed":           change(func(raw []byte) { raw[20] = 0 }),
		"a payload below zero": change(func(raw []byte) { binary.LittleEndian.PutUint32(raw[32:], 1<<31) }),
		"a huge payload":       change(func(raw []byte) { binary.LittleEndian.PutUint32(raw[32:], 1<<30) }),
		"a subclass before":    change(func(raw []byte) { binary.LittleEndian.PutUint16(raw[36:], 4) }),
		"a publisher after":    change(func(raw []byte) { binary.LittleEndian.PutUint16(raw[38:], 60000) }),
		"broken attributes":    change(func(raw []byte) { raw[binary.LittleEndian.Uint64(raw[40:])] = 9 }),
	} {
		if err := new(Event).UnmarshalBinary(raw); !errors.Is(err, ErrEvent) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzEvent(f *testing.F) {
	raw, _ := zoneEvent().MarshalBinary()
	f.Add(raw)
	f.Fuzz(func(t *testing.T, raw []byte) { new(Event).UnmarshalBinary(raw) })
}

// TestSubscribe opens and closes the channel of zones twice: the second subscription
// reuses the pipe of the first.
func TestSubscribe(t *testing.T) {
	for range 2 {
		s, err := Subscribe(abi.ZONE_EVENT_CHANNEL, abi.ZONE_EVENT_STATUS_CLASS)
		if runtime.GOOS != "illumos" {
			if !errors.Is(err, errno.ENOTSUP) {
				t.Errorf("subscribing: %v", err)
			}
			return
		}
		if errors.Is(err, errno.EPERM) || errors.Is(err, errno.EACCES) {
			testenv.Need(t, testenv.Given("the privilege to subscribe", err))
		}
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() {
			for {
				if _, err := s.Next(); err != nil {
					ended <- err
					return
				}
			}
		}()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := <-ended; err == nil {
			t.Error("a closed subscription returns events")
		}
	}
}
