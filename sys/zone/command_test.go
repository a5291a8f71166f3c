package zone_test

import (
	"encoding/binary"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/abitest"
	"github.com/gozones/zones/internal/errortest"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// TestCommands compares the numbers of the commands with the header's.
func TestCommands(t *testing.T) {
	header := abitest.Constants(t, "zoneadmd.cmd")
	for name, value := range header {
		c := zone.Command(value)
		if want := "Z_" + strings.ToUpper(c.String()); !c.Valid() || name != want {
			t.Errorf("%s is %d, which is %s here", name, value, want)
		}
	}
	if zone.Command(len(header)).Valid() || zone.Command(-1).Valid() {
		t.Error("a number outside of the header's counts as a command")
	}
}

// TestCommandRequest compares the layout of a request with the header's.
func TestCommandRequest(t *testing.T) {
	layout := abitest.Layout(t, "zone_cmd_arg_t")
	if layout.Size != zone.CommandRequestSize {
		t.Fatalf("a request has %d bytes, the header's %d", zone.CommandRequestSize, layout.Size)
	}
	r := zone.CommandRequest{UniqID: 0x1122334455667788, Command: zone.CommandReboot, Locale: "de_AT.UTF-8", BootArgs: "-m verbose"}
	raw, err := r.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range layout.Fields {
		field := raw[f.Offset : f.Offset+f.Size]
		ok := true
		switch f.Name {
		case "uniqid":
			ok = binary.LittleEndian.Uint64(field) == r.UniqID
		case "cmd":
			ok = binary.LittleEndian.Uint32(field) == uint32(r.Command)
		case "locale":
			ok = strings.TrimRight(string(field), "\x00") == r.Locale
		case "bootbuf":
			ok = strings.TrimRight(string(field), "\x00") == r.BootArgs
		}
		if !ok {
			t.Errorf("%s holds % x", f.Name, field[:16])
		}
	}
	var back zone.CommandRequest
	if err := back.UnmarshalBinary(raw); err != nil || back != r {
		t.Errorf("read back: %+v, %v", back, err)
	}
	r.Trace = true
	if raw, err = r.MarshalBinary(); err != nil {
		t.Fatal(err)
	}
	if err := back.UnmarshalBinary(raw); err != nil || back != r {
		t.Errorf("read back with its mark: %+v, %v", back, err)
	}
	if err := back.UnmarshalBinary(raw[1:]); err == nil {
		t.Error("a short request is accepted")
	}
	for _, long := range []zone.CommandRequest{{Locale: strings.Repeat("x", 1024)}, {BootArgs: strings.Repeat("x", 256)}} {
		if _, err := long.MarshalBinary(); err == nil {
			t.Error("a text that doesn't fit is accepted")
		}
	}
}

func TestCommandReply(t *testing.T) {
	for _, r := range []zone.CommandReply{
		{}, {Result: -1, Text: "a\nb\n"}, {Trace: "[1]"},
		{Result: -1, Text: "a\n", Err: &zone.Error{Op: "boot", Name: "web", Cause: &zone.Error{Op: "open", Name: "/x", Errno: errno.ENOENT}}},
	} {
		raw, err := r.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		var back zone.CommandReply
		if err := back.UnmarshalBinary(raw); err != nil || !reflect.DeepEqual(back, r) {
			t.Errorf("%+v came back as %+v, %v", r, back, err)
		}
	}
	// The system's daemon sends a buffer that may have anything after the text.
	for _, behind := range []string{"\x00\x00\x00", "{", `{"err":7}`, "rest"} {
		var back zone.CommandReply
		if err := back.UnmarshalBinary([]byte("\x00\x00\x00\x00ok\x00" + behind)); err != nil || !reflect.DeepEqual(back, zone.CommandReply{Text: "ok"}) {
			t.Errorf("with %q behind: %+v, %v", behind, back, err)
		}
	}
	if err := new(zone.CommandReply).UnmarshalBinary(nil); err == nil {
		t.Error("an empty reply is accepted")
	}
}

// TestErrorsCross: AsError, DecodeError and a reply of the daemon keep the whole error.
func TestErrorsCross(t *testing.T) {
	t.Parallel()
	decoded := func(err error) error {
		raw, encodeErr := json.Marshal(zone.AsError(err))
		if encodeErr != nil {
			return encodeErr
		}
		return orNil(zone.DecodeError(raw))
	}
	replied := func(err error) error {
		raw, encodeErr := (&zone.CommandReply{Result: -1, Text: "text", Err: zone.AsError(err)}).MarshalBinary()
		var back zone.CommandReply
		if encodeErr == nil {
			encodeErr = back.UnmarshalBinary(raw)
		}
		return orNil(back.Err, encodeErr)
	}
	t.Run("AsError", func(t *testing.T) { errortest.Check(t, func(err error) error { return orNil(zone.AsError(err), nil) }) })
	t.Run("DecodeError", func(t *testing.T) { errortest.Check(t, decoded) })
	t.Run("CommandReply", func(t *testing.T) { errortest.Check(t, replied) })
}

// orNil returns e if it is set, else err.
func orNil(e *zone.Error, err error) error {
	if e != nil {
		return e
	}
	return err
}

func FuzzCommandReply(f *testing.F) {
	for _, r := range []zone.CommandReply{
		{}, {Result: -1, Text: "a\nb\n"}, {Trace: "[1]"}, {Result: 1, Err: &zone.Error{Op: "boot", Name: "web", Cause: &zone.Error{Errno: errno.ENOENT}}},
	} {
		raw, err := r.MarshalBinary()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var r, back zone.CommandReply
		if r.UnmarshalBinary(raw) != nil {
			return
		}
		if r.Err.Depth() > zone.MaxCauses {
			t.Errorf("an error of %d causes", r.Err.Depth())
		}
		again, err := r.MarshalBinary()
		if err == nil {
			err = back.UnmarshalBinary(again)
		}
		if err != nil || back.Result != r.Result || back.Text != r.Text || !reflect.DeepEqual(back.Err, r.Err) {
			t.Errorf("%+v is read as %+v, %v", r, back, err)
		}
	})
}

func FuzzCommandRequest(f *testing.F) {
	f.Add(make([]byte, zone.CommandRequestSize))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var r zone.CommandRequest
		if r.UnmarshalBinary(raw) != nil {
			return
		}
		again, err := r.MarshalBinary()
		if err != nil {
			return // a field without a NUL
		}
		var back zone.CommandRequest
		if err := back.UnmarshalBinary(again); err != nil || back != r {
			t.Errorf("%+v came back as %+v, %v", r, back, err)
		}
	})
}
