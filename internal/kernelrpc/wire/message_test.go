package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/errortest"
	"github.com/gozones/zones/internal/trace"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

func TestRequestRoundTrip(t *testing.T) {
	def := zone.Def{Name: "web", Rctls: []byte{1, 2}}
	want := &Request{Op: OpCreate, ID: 3, Name: "x"}
	raw, err := EncodeRequest(want, &def)
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeRequest(raw)
	if err != nil || got.Op != want.Op || got.ID != want.ID || got.Name != want.Name || got.Trace {
		t.Errorf("%+v, %v", got, err)
	}
	var body zone.Def
	if err := got.Take(&body); err != nil || !reflect.DeepEqual(body, def) {
		t.Errorf("%+v, %v", body, err)
	}
	if err := got.Take(new(int)); !errors.Is(err, errno.EINVAL) {
		t.Errorf("a body of another type: %v", err)
	}
	if err := new(Request).Take(&body); !errors.Is(err, errno.EFAULT) {
		t.Errorf("no body: %v", err)
	}
	for name, message := range map[string]string{
		"nothing": "", "a head": "\x03\x00\x00\x00\x00", "another version": "\x04\x00\x00\x00\x00\x00\x00\x00",
		"JSON": `{"v":2,"op":"zone_list"}`, "a mark": "\x03\x02\x00\x00\x00\x00\x00\x00",
		"half an op": "\x03\x00\x00\x00\x00\x00\x04boo", "half a length": "\x03\x00\x00\x00\x00\x00\xff",
		"a length without end": "\x03\x00\x00\x00\x00\x00" + strings.Repeat("\xff", 12),
	} {
		if r, err := DecodeRequest([]byte(message)); !errors.Is(err, errno.EINVAL) {
			t.Errorf("%s is taken for a request: %+v, %v", name, r, err)
		}
	}
}

func TestReplyRoundTrip(t *testing.T) {
	failed := &zone.Error{Op: "zone_boot", ID: 2, Errno: errno.EPERM, Cause: &zone.Error{Op: "mount", Name: "/x"}}
	table := zone.Table{Caller: 3, Zones: []zone.Info{
		{Name: "global", Status: zone.StatusRunning, Root: "/"},
		{ID: zone.ID(math.MaxInt32), UniqID: math.MaxUint64, Name: "web", Status: zone.StatusDead, Root: "/z/web/root", Brand: "sparse", Flags: math.MaxUint16},
		{ID: -1},
	}}
	recorded := []trace.Span{{Process: "p", Name: "n", Begin: 1}}
	for name, test := range map[string]struct {
		body, into, want any
		failure          *zone.Error
		spans            []trace.Span
	}{
		"nothing":              {},
		"a number":             {body: 7, into: new(int), want: 7},
		"a structure":          {body: &IDs{1, []zone.ID{4}}, into: new(IDs), want: IDs{1, []zone.ID{4}}},
		"a body for nobody":    {body: 7},
		"no body":              {into: new(int), want: 0},
		"a failure":            {failure: failed, into: new(int), want: 0},
		"a failure and a body": {body: 7, failure: failed, into: new(int), want: 7},
		"a table":              {body: (*Table)(&table), into: new(Table), want: Table(table)},
		"an empty table":       {body: new(Table), into: new(Table), want: Table{}},
		"spans":                {body: 7, into: new(int), want: 7, spans: recorded},
	} {
		raw, err := EncodeReply(test.body, test.failure, test.spans)
		if err != nil {
			t.Fatal(err)
		}
		failure, spans, err := DecodeReply(raw, test.into)
		if err != nil || !reflect.DeepEqual(failure, test.failure) || !reflect.DeepEqual(spans, test.spans) {
			t.Errorf("%s: %v, %v, %v", name, failure, spans, err)
		}
		if test.into != nil && !reflect.DeepEqual(reflect.ValueOf(test.into).Elem().Interface(), test.want) {
			t.Errorf("%s: %v", name, test.into)
		}
	}
	for _, bad := range []string{"", `{"err":{"op":"request"}}`, "\x02\x00\x00", "\x03", "\x03\x00", "\x03\x01", "\x03\x00\x02x", "\x03\x017\x00", "\x03\x00\x017", "\x03\x00\x00x"} {
		if _, _, err := DecodeReply([]byte(bad), new(int)); err == nil {
			t.Errorf("%q is taken for a reply", bad)
		}
	}
}

func FuzzDecodeRequest(f *testing.F) {
	for _, body := range []any{
		nil, 7, &zone.Def{Name: "web"}, &Cmd{Path: "/x", Std: [3]bool{true, false, true}},
		&zone.Definition{Def: zone.Def{Name: "web"}, Steps: []zone.Step{{Mount: &zone.Mount{Point: "/x"}}, zone.HostIDAttribute(1)}},
	} {
		message, err := EncodeRequest(&Request{Op: OpMake, ID: 3, Name: "web", Trace: true}, body)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(message)
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		r, err := DecodeRequest(message)
		if err != nil {
			return
		}
		for _, body := range []any{new(zone.Def), new(zone.Definition), new([]zone.Step), new(Cmd), new(Getattr), new(int)} {
			if err := r.Take(body); err != nil && zone.ErrnoOf(err) == 0 {
				t.Errorf("an error without a number: %v", err)
			}
		}
		again, err := EncodeRequest(r, json.RawMessage(nil))
		if err != nil {
			t.Fatal(err)
		}
		if r2, err := DecodeRequest(again); err != nil || r2.Op != r.Op || r2.Name != r.Name || r2.ID != r.ID || r2.Trace != r.Trace {
			t.Errorf("%+v is read as %+v, %v", r, r2, err)
		}
	})
}

// TestErrors: a reply and a failure to start pass an error on whole.
func TestErrors(t *testing.T) {
	t.Parallel()
	reply := func(err error) error {
		raw, encodeErr := EncodeReply(nil, zone.AsError(err), nil)
		if encodeErr != nil {
			return encodeErr
		}
		failure, _, err := DecodeReply(raw, nil)
		if failure != nil {
			return failure
		}
		return err
	}
	ready := func(err error) error {
		var pipe bytes.Buffer
		if err := WriteReady(&pipe, err); err != nil {
			return err
		}
		return ReadReady(&pipe)
	}
	t.Run("reply", func(t *testing.T) { errortest.Check(t, reply) })
	t.Run("ready", func(t *testing.T) { errortest.Check(t, ready) })
}

func FuzzReadReady(f *testing.F) {
	for _, err := range []error{nil, &zone.Error{Op: "mount", Name: "/x", Errno: errno.EPERM}} {
		var pipe bytes.Buffer
		if err := WriteReady(&pipe, err); err != nil {
			f.Fatal(err)
		}
		f.Add(pipe.Bytes())
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if err := ReadReady(bytes.NewReader(raw)); (err == nil) != bytes.HasPrefix(raw, []byte(ready)) {
			t.Errorf("%q is read as %v", raw, err)
		} else if err != nil && err.Error() == "" {
			t.Errorf("%q is read as a failure without a text", raw)
		}
	})
}

func FuzzTable(f *testing.F) {
	first, _ := (&Table{Caller: 3, Zones: []zone.Info{{ID: 1, UniqID: 7, Name: "web", Status: 4, Root: "/z", Brand: "tar", Flags: 5}}}).AppendBinary(nil)
	f.Add(first)
	f.Fuzz(func(t *testing.T, raw []byte) {
		var table, again Table
		if table.UnmarshalBinary(raw) != nil {
			return
		}
		written, err := table.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := again.UnmarshalBinary(written); err != nil || !reflect.DeepEqual(again, table) {
			t.Errorf("%+v is read as %+v, %v", table, again, err)
		}
	})
}

func FuzzDecodeReply(f *testing.F) {
	for _, failure := range []*zone.Error{nil, {Op: "zone_boot", ID: 2, Errno: errno.EPERM, Cause: &zone.Error{Op: "mount", Name: "/x"}}} {
		message, err := EncodeReply(&IDs{1, []zone.ID{4}}, failure, []trace.Span{{Process: "p"}})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(message)
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		for _, body := range []any{nil, new(IDs), new(Table), new(zone.Outcome), new([]zone.Kstat), new(int)} {
			failure, _, err := DecodeReply(message, body)
			if err == nil && failure != nil && failure.Error() == "" {
				t.Error("a failure without words")
			}
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
		"a request":       []byte(`{"v":3}`),
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
