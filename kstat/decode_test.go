package kstat

import (
	"encoding/binary"
	"errors"
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/gozones/zones/internal/abitest"
	"github.com/gozones/zones/kstat/internal/abi"
)

func TestConstants(t *testing.T) {
	header := abitest.Constants(t, "kstat")
	for name, value := range map[string]int64{
		"KSTAT_TYPE_RAW": int64(Raw), "KSTAT_TYPE_NAMED": int64(Named), "KSTAT_TYPE_INTR": int64(Intr), "KSTAT_TYPE_IO": int64(IO), "KSTAT_TYPE_TIMER": int64(Timer),
		"KSTAT_IOC_CHAIN_ID": abi.KSTAT_IOC_CHAIN_ID, "KSTAT_IOC_READ": abi.KSTAT_IOC_READ,
		"KSTAT_DATA_STRING": abi.KSTAT_DATA_STRING, "KSTAT_DATA_CHAR": abi.KSTAT_DATA_CHAR, "KSTAT_DATA_INT32": abi.KSTAT_DATA_INT32,
		"KSTAT_DATA_UINT32": abi.KSTAT_DATA_UINT32, "KSTAT_DATA_INT64": abi.KSTAT_DATA_INT64, "KSTAT_DATA_UINT64": abi.KSTAT_DATA_UINT64,
		"KSTAT_DATA_FLOAT": abi.KSTAT_DATA_FLOAT, "KSTAT_DATA_DOUBLE": abi.KSTAT_DATA_DOUBLE,
	} {
		if want, ok := header[name]; !ok || value != want {
			t.Errorf("%s is %d, the header has %d (%v)", name, value, want, ok)
		}
	}
}

const base = 0x7fff0000

// named returns the head and the data of a statistic as the kernel writes them.
func named(t *testing.T, values []Value) (*abi.Kstat, []byte) {
	t.Helper()
	layout := abitest.Layout(t, "kstat_named_t")
	offset := map[string]uintptr{}
	for _, f := range layout.Fields {
		offset[f.Name] = f.Offset
	}
	data := make([]byte, len(values)*int(layout.Size))
	for i, v := range values {
		at := data[i*int(layout.Size):]
		copy(at[offset["name"]:], v.Name)
		value := at[offset["value"]:]
		var kind byte
		switch x := v.Value.(type) {
		case int32:
			kind = 1
			binary.LittleEndian.PutUint32(value, uint32(x))
		case uint32:
			kind = 2
			binary.LittleEndian.PutUint32(value, x)
		case int64:
			kind = 3
			binary.LittleEndian.PutUint64(value, uint64(x))
		case uint64:
			kind = 4
			binary.LittleEndian.PutUint64(value, x)
		case float32:
			kind = 5
			binary.LittleEndian.PutUint32(value, math.Float32bits(x))
		case float64:
			kind = 6
			binary.LittleEndian.PutUint64(value, math.Float64bits(x))
		case string:
			kind = 9
			if x != "" {
				binary.LittleEndian.PutUint64(value, base+uint64(len(data)))
				binary.LittleEndian.PutUint32(value[8:], uint32(len(x)+1))
				data = append(append(data, x...), 0)
			}
		}
		data[i*int(layout.Size)+int(offset["data_type"])] = kind
	}
	head := &abi.Kstat{Instance: 3, Type: uint8(Named), NData: uint32(len(values)), DataSize: uintptr(len(data)), CrTime: 5, SnapTime: 7}
	copy(head.Module[:], "zones")
	copy(head.Name[:], "web")
	copy(head.Class[:], "zone_misc")
	return head, data
}

func zoneValues() []Value {
	return []Value{
		{"zonename", "a name that is longer than thirty characters"}, {"nothing", ""}, {"nsec_user", uint64(1) << 63}, {"avenrun_1min", uint32(7)},
		{"a", int32(-1)}, {"b", int64(-2)}, {"c", float32(1.5)}, {"d", 2.25},
	}
}

func TestNamed(t *testing.T) {
	head, data := named(t, zoneValues())
	got, err := decode(head, data, within(data, base))
	if err != nil {
		t.Fatal(err)
	}
	want := &Stat{Module: "zones", Instance: 3, Name: "web", Class: "zone_misc", Type: Named, Created: 5, Snapshot: 7, Values: zoneValues()}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, not %+v", got, want)
	}
	if v, ok := got.Uint64("nsec_user"); v != 1<<63 || !ok {
		t.Errorf("nsec_user is %d, %v", v, ok)
	}
	if _, ok := got.Uint64("a"); ok {
		t.Error("-1 is a Uint64")
	}
	if v, ok := got.Text("zonename"); v != zoneValues()[0].Value || !ok {
		t.Errorf("zonename is %q, %v", v, ok)
	}
	if _, ok := got.Text("nsec_user"); ok {
		t.Error("a number is a Text")
	}
	if got.String() != "zones:3:web (zone_misc)" {
		t.Errorf("its name is %s", got)
	}
}

// TestOtherTypes reads each of the other types.
func TestOtherTypes(t *testing.T) {
	io := make([]byte, abitest.Layout(t, "kstat_io_t").Size)
	for _, f := range abitest.Layout(t, "kstat_io_t").Fields {
		io[f.Offset] = byte(f.Offset + 1)
	}
	s, err := decode(&abi.Kstat{Type: uint8(IO), NData: 1}, io, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range abitest.Layout(t, "kstat_io_t").Fields {
		if v, ok := s.Uint64(f.Name); !ok || v != uint64(f.Offset+1) {
			t.Errorf("%s is %d, %v", f.Name, v, ok)
		}
	}
	s, err = decode(&abi.Kstat{Type: uint8(Raw), NData: 3}, []byte("abc"), nil)
	if err != nil || string(s.Bytes) != "abc" {
		t.Errorf("raw: %+v, %v", s, err)
	}
	s, err = decode(&abi.Kstat{Type: uint8(Intr), NData: 1}, []byte{1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0}, nil)
	if v, _ := s.Uint64("watchdog"); err != nil || v != 3 {
		t.Errorf("interrupts: %+v, %v", s, err)
	}
	timer := make([]byte, 80)
	copy(timer, "seek")
	timer[32], timer[40] = 9, 10
	s, err = decode(&abi.Kstat{Type: uint8(Timer), NData: 1}, timer, nil)
	if v, _ := s.Uint64("seek.elapsed_time"); err != nil || v != 10 {
		t.Errorf("timer: %+v, %v", s, err)
	}
}

// TestCounts: the number of timers is that of the head, if the data has as many.
func TestCounts(t *testing.T) {
	for count, ok := range map[int]bool{-1: false, 0: true, 2: true, 3: false} {
		if v, err := decodeTimers(make([]byte, 2*80), count); (err == nil) != ok || !ok && !errors.Is(err, errData) {
			t.Errorf("%d timers of 2: %v, %v", count, v, err)
		}
	}
}

// TestBroken decodes data that doesn't match its head.
func TestBroken(t *testing.T) {
	whole, data := named(t, zoneValues())
	change := func(f func(head *abi.Kstat, data []byte) []byte) func() (*abi.Kstat, []byte) {
		return func() (*abi.Kstat, []byte) {
			head := *whole
			return &head, f(&head, slices.Clone(data))
		}
	}
	for name, c := range map[string]func() (*abi.Kstat, []byte){
		"truncated":              change(func(_ *abi.Kstat, d []byte) []byte { return d[:100] }),
		"truncated strings":      change(func(_ *abi.Kstat, d []byte) []byte { return d[:len(d)-1] }),
		"many values":            change(func(h *abi.Kstat, d []byte) []byte { h.NData = 1 << 31; return d }),
		"a string before":        change(func(_ *abi.Kstat, d []byte) []byte { binary.LittleEndian.PutUint64(d[32:], base-1); return d }),
		"a string after":         change(func(_ *abi.Kstat, d []byte) []byte { binary.LittleEndian.PutUint64(d[32:], base+1<<20); return d }),
		"a long string":          change(func(_ *abi.Kstat, d []byte) []byte { binary.LittleEndian.PutUint32(d[40:], 1<<31); return d }),
		"a value of no type":     change(func(_ *abi.Kstat, d []byte) []byte { d[31] = 77; return d }),
		"no type":                change(func(h *abi.Kstat, d []byte) []byte { h.Type = 9; return d }),
		"half an io":             change(func(h *abi.Kstat, d []byte) []byte { h.Type = uint8(IO); return d[:79] }),
		"more timers than bytes": change(func(h *abi.Kstat, d []byte) []byte { h.Type = uint8(Timer); return d[:79] }),
	} {
		head, data := c()
		if s, err := decode(head, data, within(data, base)); !errors.Is(err, errData) {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
}

// TestEmpty: nothing is no error: no values, no text, a string at the beginning, or none.
func TestEmpty(t *testing.T) {
	if values, err := decodeNamed(nil, 0, nil); len(values) != 0 || err != nil {
		t.Errorf("no values: %v, %v", values, err)
	}
	if values, err := decodeTimers(nil, 0); len(values) != 0 || err != nil {
		t.Errorf("no timers: %v, %v", values, err)
	}
	if got := text([]byte("\x00abc")); got != "" {
		t.Errorf("no text: %q", got)
	}
	for _, c := range []struct {
		name    string
		address uint64
		length  uint32
		want    string
	}{
		{"first", base, 4, "abc"}, {"no address", 0, 4, ""}, {"no length", base, 0, ""}, {"no length elsewhere", 5, 0, ""},
	} {
		var n abi.KstatNamed
		binary.LittleEndian.PutUint64(n.Value[:], c.address)
		binary.LittleEndian.PutUint32(n.Value[8:], c.length)
		if got, err := within([]byte("abc\x00"), base)(&n); got != c.want || err != nil {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(uint8(1), uint32(2), make([]byte, 100))
	f.Fuzz(func(t *testing.T, kind uint8, count uint32, data []byte) {
		decode(&abi.Kstat{Type: kind, NData: count}, data, within(data, base))
	})
}
