package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"github.com/gozones/zones/sys/zone"
)

func TestRequestRoundTrip(t *testing.T) {
	want := &Request{V: Version, Op: OpCreate, Def: &zone.Def{Name: "web", Rctls: []byte{1, 2}}, Cmd: &Cmd{Path: "/x", Std: [3]bool{true}}}
	raw, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeRequest(raw)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := DecodeRequest([]byte(`{"v":7}`)); err == nil {
		t.Error("a request of another version is taken")
	}
}

func FuzzDecodeRequest(f *testing.F) {
	f.Add([]byte(`{"v":2,"op":"zone_create","def":{"Name":"web"}}`))
	f.Add([]byte(`{"v":2,"op":"start","cmd":{"std":[true,false,true]}}`))
	f.Fuzz(func(t *testing.T, message []byte) {
		r, err := DecodeRequest(message)
		if err == nil && r.V != Version {
			t.Errorf("version %d", r.V)
		}
	})
}

func TestRaw(t *testing.T) {
	want := &Raw{Kind: RawWrite, Number: -3, Error: 14, A: [6]uint64{1, 2, 3, 4, 5, 1 << 63}, Data: []byte("bytes")}
	raw, err := want.AppendBinary(nil)
	if err != nil || len(raw) != RawSize+len(want.Data) || !IsRaw(raw) {
		t.Fatalf("% x, %v", raw, err)
	}
	if got, err := DecodeRaw(raw); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	for name, message := range map[string][]byte{
		"nothing":         nil,
		"a request":       []byte(`{"v":2}`),
		"half":            raw[:RawSize-1],
		"much":            append(raw[:RawSize:RawSize], make([]byte, RawData+1)...),
		"an unknown kind": append([]byte("xraw\x07\x00\x00\x00"), make([]byte, RawSize-8)...),
	} {
		if _, err := DecodeRaw(message); !errors.Is(err, ErrRaw) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzDecodeRaw(f *testing.F) {
	first, _ := (&Raw{Kind: RawCall, Number: 227, A: [6]uint64{4}}).AppendBinary(nil)
	f.Add(first)
	f.Fuzz(func(t *testing.T, message []byte) {
		r, err := DecodeRaw(message)
		if err != nil {
			return
		}
		if again, _ := r.AppendBinary(nil); !bytes.Equal(again, message) {
			t.Errorf("%x is read as %x", message, again)
		}
	})
}
