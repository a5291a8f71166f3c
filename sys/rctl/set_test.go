package rctl_test

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/nvlist"
	"github.com/gozones/zones/sys/rctl"
)

func TestSet(t *testing.T) {
	var s rctl.Set
	s.Put("zone.max-lwps", rctl.Limited(200, rctl.Deny))
	s.Put("zone.cpu-shares", rctl.Limited(5, rctl.None))
	s.Put("zone.max-lwps", rctl.Limited(300, rctl.Deny), rctl.Limited(400, rctl.None))
	if len(s) != 2 || s[0].Name != "zone.max-lwps" || len(s.Values("zone.max-lwps")) != 2 {
		t.Fatalf("set %v", s)
	}
	if err := s.Check(); err != nil {
		t.Error(err)
	}
	if s.Values("zone.max-swap") != nil {
		t.Error("values of a control that isn't in the set")
	}
	if !s.Remove("zone.max-lwps") || s.Remove("zone.max-lwps") || len(s) != 1 {
		t.Errorf("after removing: %v", s)
	}
}

func TestSetCheck(t *testing.T) {
	lwps := func(limit uint64) rctl.Entry {
		return rctl.Entry{Name: "zone.max-lwps", Values: []rctl.Value{rctl.Limited(limit, rctl.Deny)}}
	}
	for _, c := range []struct {
		name, message string
		set           rctl.Set
	}{
		{"unknown", "rctl zone.max-nothing: no such control of zones", rctl.Set{{Name: "zone.max-nothing"}}},
		{"twice", "rctl zone.max-lwps: given twice", rctl.Set{lwps(1), lwps(2)}},
		{"too large", "rctl zone.max-lwps (priv=privileged,limit=2147483648,action=deny): the largest limit is 2147483647", rctl.Set{lwps(1 << 31)}},
	} {
		err := c.set.Check()
		var e *rctl.Error
		if err == nil || err.Error() != c.message || !errors.Is(err, errno.EINVAL) || !errors.As(err, &e) {
			t.Errorf("%s: %v\nwant %s", c.name, err, c.message)
		}
	}
}

// TestSetPack packs and unpacks sets.
func TestSetPack(t *testing.T) {
	g := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var want rctl.Set
		for _, i := range g.Perm(11)[:g.IntN(12)] {
			c := rctl.Controls()[i]
			values := make([]rctl.Value, g.IntN(4))
			for i := range values {
				values[i] = rctl.Limited(g.Uint64()>>g.IntN(64), []rctl.Action{rctl.None, rctl.Deny}[g.IntN(2)])
			}
			want.Put(c.Name, values...)
		}
		raw, err := want.Pack()
		if err != nil {
			t.Fatal(err)
		}
		if len(want) == 0 {
			if raw != nil {
				t.Fatal("an empty set has bytes")
			}
			continue
		}
		got, err := rctl.Unpack(raw)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%v was read as %v, %v", want, got, err)
		}
	}
	if s, err := rctl.Unpack(nil); s != nil || err != nil {
		t.Errorf("nothing is %v, %v", s, err)
	}
}

// TestSetList checks each pair of the list that zone_create takes.
func TestSetList(t *testing.T) {
	var s rctl.Set
	s.Put("zone.max-lwps", rctl.Limited(200, rctl.Deny))
	var b strings.Builder
	if err := s.List().Print(&b); err != nil {
		t.Fatal(err)
	}
	want := `nvlist version: 0
	zone.max-lwps = (array of embedded nvlists)
	(start zone.max-lwps[0])
	nvlist version: 0
		privilege = 0x4000000
		limit = 0xc8
		action = 0x2
	(end zone.max-lwps[0])

`
	if b.String() != want {
		t.Errorf("%s\nwant\n%s", &b, want)
	}
	if f := s.List().Flags(); f != nvlist.UniqueName {
		t.Errorf("flags %d", f)
	}
}

func TestFromList(t *testing.T) {
	value := func(change func(l *nvlist.List)) *nvlist.List {
		l := nvlist.New(nvlist.UniqueName)
		l.AddUint64("action", 2)
		l.AddUint64("privilege", 0x04000000)
		l.AddUint64("limit", 7)
		change(l)
		one := nvlist.New(nvlist.UniqueName)
		one.AddListArray("zone.max-lwps", l)
		return one
	}
	for _, c := range []struct {
		name, message string // "" when the list is accepted
		list          *nvlist.List
	}{
		{"any order", "", value(func(*nvlist.List) {})},
		{"names are not held against the dictionary", "", func() *nvlist.List {
			l := nvlist.New(nvlist.UniqueName)
			l.AddListArray("zone.max-nothing")
			return l
		}()},
		{"one more", `unpack zone.max-lwps: "signal" of type uint64 is not part of a value`, value(func(l *nvlist.List) { l.AddUint64("signal", 0) })},
		{"another type", `unpack zone.max-lwps: "limit" of type uint32 is not part of a value`, value(func(l *nvlist.List) { l.AddUint32("limit", 0) })},
		{"missing", "unpack zone.max-lwps: limit is missing", value(func(l *nvlist.List) { l.RemoveAll("limit") })},
		{"wide privilege", "unpack zone.max-lwps: privilege 0x104000000 has more than 32 bits", value(func(l *nvlist.List) { l.AddUint64("privilege", 0x104000000) })},
		{"flags", "unpack zone.max-lwps: action 0x80000002 is not one of a zone's", value(func(l *nvlist.List) { l.AddUint64("action", 0x80000002) })},
		{"basic", "rctl zone.max-lwps (priv=basic,limit=7,action=deny): a zone's values are privileged", value(func(l *nvlist.List) { l.AddUint64("privilege", 0x01000000) })},
		{"not an array", "unpack zone.max-lwps: not an array of lists", func() *nvlist.List {
			l := nvlist.New(nvlist.UniqueName)
			l.AddUint64("zone.max-lwps", 7)
			return l
		}()},
	} {
		s, err := rctl.FromList(c.list)
		if c.message == "" {
			if err != nil || len(s) != 1 {
				t.Errorf("%s: %v, %v", c.name, s, err)
			}
			continue
		}
		if err == nil || err.Error() != c.message || !errors.Is(err, errno.EINVAL) {
			t.Errorf("%s: %v\nwant %s", c.name, err, c.message)
		}
	}
	if _, err := rctl.Unpack([]byte{0, 1, 0, 0, 9}); !errors.Is(err, errno.EFAULT) {
		t.Errorf("damaged bytes: %v", err)
	}
}

// FuzzUnpack packs every set that was unpacked, and unpacks it again.
func FuzzUnpack(f *testing.F) {
	var s rctl.Set
	s.Put("zone.max-lwps", rctl.Limited(200, rctl.Deny), rctl.Limited(300, rctl.None))
	s.Put("zone.max-swap")
	raw, err := s.Pack()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add(raw[:len(raw)-8])
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := rctl.Unpack(raw)
		if err != nil {
			return
		}
		names := make(map[string]bool)
		for _, e := range s {
			names[e.Name] = true
		}
		if len(names) != len(s) {
			return // a name is there twice: only the last is packed
		}
		again, err := s.Pack()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := rctl.Unpack(again); err != nil || !reflect.DeepEqual(back, s) {
			t.Fatalf("%v, then %v, %v", s, back, err)
		}
	})
}

// BenchmarkSetPack packs the controls of a zone, from the set to the bytes.
func BenchmarkSetPack(b *testing.B) {
	var s rctl.Set
	for i, c := range rctl.Controls() {
		s.Put(c.Name, rctl.Limited(uint64(1000+i), rctl.Deny))
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Pack(); err != nil {
			b.Fatal(err)
		}
	}
}
