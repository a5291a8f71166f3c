package secflags_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/abitest"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/secflags"
)

const (
	aslr    = 1 << secflags.ASLR
	nullmap = 1 << secflags.ForbidNullMap
	noexec  = 1 << secflags.NoExecStack
)

// TestABI compares numbers and layout with the system's headers.
func TestABI(t *testing.T) {
	var extra struct{ SecFlags map[string]int64 }
	abitest.Section(t, "extra", &extra)
	for name, value := range map[string]int64{
		"PROC_SEC_ASLR": int64(secflags.ASLR), "PROC_SEC_FORBIDNULLMAP": int64(secflags.ForbidNullMap), "PROC_SEC_NOEXECSTACK": int64(secflags.NoExecStack),
		"PSF_EFFECTIVE": int64(secflags.Effective), "PSF_INHERIT": int64(secflags.Inherit), "PSF_LOWER": int64(secflags.Lower), "PSF_UPPER": int64(secflags.Upper),
	} {
		if want, ok := extra.SecFlags[name]; !ok || value != want {
			t.Errorf("%s is %d, the header has %d (%v)", name, value, want, ok)
		}
	}
	header := abitest.Constants(t, "secflags")
	if len(header) != 3 {
		t.Errorf("the header has %d flags", len(header))
	}
	for name, number := range header {
		f, ok := secflags.Lookup(strings.TrimPrefix(name, "PROC_SEC_"))
		if !ok || int64(f) != number || !secflags.All.Has(f) {
			t.Errorf("%s is %d (%v), the header has %d", name, f, ok, number)
		}
	}
	abitest.CheckLayout(t, "psecflags_t", secflags.Sets{})
	if want := abitest.Layout(t, "psecflags_t").Size; secflags.Size != want {
		t.Errorf("Size is %d, the header has %d", secflags.Size, want)
	}
}

func TestSetString(t *testing.T) {
	for set, want := range map[secflags.Set]string{
		secflags.None: "none", secflags.All: "aslr,forbidnullmap,noexecstack", nullmap: "forbidnullmap",
		aslr | noexec: "aslr,noexecstack", 8: "0x               8", aslr | 1<<63: "aslr,0x8000000000000000",
	} {
		if got := set.String(); got != want {
			t.Errorf("%#x is %q, want %q", uint64(set), got, want)
		}
		text, err := set.MarshalText()
		if set.Within(secflags.All) != (err == nil) || err == nil && string(text) != want {
			t.Errorf("%#x marshals as %q, %v", uint64(set), text, err)
		}
	}
	if got := secflags.Flag(9).String(); got != "flag 9" {
		t.Errorf("an unknown flag is %q", got)
	}
	if got := secflags.Which(9).String(); got != "set 9" {
		t.Errorf("an unknown set is %q", got)
	}
	if got := slices.Collect(secflags.Set(aslr | noexec).Flags()); !slices.Equal(got, []secflags.Flag{secflags.ASLR, secflags.NoExecStack}) {
		t.Errorf("flags %v", got)
	}
	for range secflags.All.Flags() {
		break
	}
}

func TestParse(t *testing.T) {
	all, one := secflags.All, secflags.Of(secflags.NoExecStack)
	assign := func(s secflags.Set) *secflags.Delta { return &secflags.Delta{Assign: s, Assigns: true} }
	change := func(add, remove secflags.Set) *secflags.Delta { return &secflags.Delta{Add: add, Remove: remove} }
	for _, c := range []struct {
		list     string
		defaults *secflags.Set
		want     *secflags.Delta // nil if it is refused
	}{
		{"aslr", nil, assign(aslr)},
		{"ASLR,NoExecStack", nil, assign(aslr | noexec)},
		{"+aslr", nil, assign(aslr)},
		{"all", nil, assign(all)},
		{"ALL,-aslr", nil, assign(nullmap | noexec)},
		{"!aslr,all", nil, assign(nullmap | noexec)},
		{"none", nil, assign(0)},
		{"none,aslr", nil, assign(0)},
		{"aslr,-aslr,aslr", nil, assign(0)},
		{"-aslr", nil, assign(0)},
		{"aslr,aslr", nil, assign(aslr)},
		{"current", nil, change(0, 0)},
		{"current,aslr", nil, change(aslr, 0)},
		{"-aslr,current,forbidnullmap", nil, change(nullmap, aslr)},
		{"current,none", nil, change(0, all)},
		{"current,all,!noexecstack", nil, change(all, noexec)},
		{"default", &one, assign(noexec)},
		{"default,aslr", &one, assign(aslr | noexec)},
		{"Default,-noexecstack", &one, assign(0)},
		{"current,default", &one, change(noexec, 0)},
		{"default", nil, nil},
		{"", nil, nil},
		{"aslr,", nil, nil},
		{",aslr", nil, nil},
		{"aslr noexecstack", nil, nil},
		{" aslr", nil, nil},
		{"-all", nil, nil},
		{"-", nil, nil},
		{"--aslr", nil, nil},
		{"-current", nil, nil},
		{"aslrx", nil, nil},
		{"a\u017flr", nil, nil},
		{"noexecstac\u212a", nil, nil},
		{"1", nil, nil},
	} {
		got, err := secflags.Parse(c.list, c.defaults)
		switch {
		case c.want == nil:
			if !errors.Is(err, errno.EINVAL) || got != (secflags.Delta{}) {
				t.Errorf("%q: %+v, %v", c.list, got, err)
			}
		case err != nil || got != *c.want:
			t.Errorf("%q: %+v, %v, want %+v", c.list, got, err, *c.want)
		}
	}
}

func TestParseSet(t *testing.T) {
	var holder struct{ Set secflags.Set }
	if err := json.Unmarshal([]byte(`{"Set":"all,-aslr"}`), &holder); err != nil || holder.Set != nullmap|noexec {
		t.Errorf("%v, %v", holder, err)
	}
	if text, err := json.Marshal(holder); err != nil || string(text) != `{"Set":"forbidnullmap,noexecstack"}` {
		t.Errorf("%s, %v", text, err)
	}
	for _, list := range []string{"current", "current,aslr", "x", ""} {
		s := secflags.Set(5)
		if err := s.UnmarshalText([]byte(list)); !errors.Is(err, errno.EINVAL) || s != 5 {
			t.Errorf("%q: %v, %v", list, s, err)
		}
	}
}

func TestParseSpec(t *testing.T) {
	for _, c := range []struct {
		spec  string
		which secflags.Which
		delta string
	}{
		{"aslr", secflags.Inherit, "aslr"},
		{"I=aslr", secflags.Inherit, "aslr"},
		{"L=current,aslr", secflags.Lower, "current,aslr"},
		{"U=all,-noexecstack", secflags.Upper, "aslr,forbidnullmap"},
		{"L=none", secflags.Lower, "none"},
	} {
		which, d, err := secflags.ParseSpec(c.spec)
		if err != nil || which != c.which || d.String() != c.delta {
			t.Errorf("%s: %v, %v, %v", c.spec, which, d, err)
		}
	}
	for spec, text := range map[string]string{
		"E=aslr": `security flags "E=aslr": the effective flags cannot be changed`,
		"X=aslr": `security flags "X=aslr": unknown security flag set: 'X'`,
		"l=aslr": `security flags "l=aslr": unknown security flag set: 'l'`,
		"L=":     `security flags "": no flag is named `,
		"L=foo":  `security flags "foo": no flag is named foo`,
	} {
		if _, _, err := secflags.ParseSpec(spec); err == nil || err.Error() != text || !errors.Is(err, errno.EINVAL) {
			t.Errorf("%s: %v", spec, err)
		}
	}
}

func TestSetsCheck(t *testing.T) {
	for _, c := range []struct {
		name string
		sets secflags.Sets
		ok   bool
	}{
		{"default", secflags.Default(), true},
		{"nothing", secflags.Sets{}, true},
		{"all", secflags.Sets{7, 7, 7, 7}, true},
		{"effective beyond upper", secflags.Sets{Effective: 7}, true},
		{"lower not inherited", secflags.Sets{Lower: 1, Upper: 7}, false},
		{"inherit above upper", secflags.Sets{Inherit: 1, Upper: 6}, false},
		{"lower above upper", secflags.Sets{Inherit: 1, Lower: 1}, false},
		{"unknown effective", secflags.Sets{Effective: 8, Upper: 7}, false},
		{"unknown upper", secflags.Sets{Upper: 15}, false},
	} {
		if err := c.sets.Check(); c.ok != (err == nil) || !c.ok && !errors.Is(err, errno.EINVAL) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestApply(t *testing.T) {
	start := secflags.Sets{Effective: aslr, Inherit: aslr, Lower: aslr, Upper: aslr | nullmap}
	for _, c := range []struct {
		name, spec string
		want       *secflags.Sets // nil when it isn't allowed
	}{
		{"add", "current,forbidnullmap", &secflags.Sets{aslr, aslr | nullmap, aslr, aslr | nullmap}},
		{"assign", "aslr,forbidnullmap", &secflags.Sets{aslr, aslr | nullmap, aslr, aslr | nullmap}},
		{"remove what isn't there", "current,-noexecstack", &start},
		{"nothing", "current", &start},
		{"above upper", "current,noexecstack", nil},
		{"assign above upper", "all", nil},
		{"below lower", "current,-aslr", nil},
		{"assign below lower", "forbidnullmap", nil},
		{"raise lower", "L=current,forbidnullmap", &secflags.Sets{aslr, aslr | nullmap, aslr | nullmap, aslr | nullmap}},
		{"narrow upper", "U=aslr", &secflags.Sets{aslr, aslr, aslr, aslr}},
		{"widen upper", "U=current,noexecstack", nil},
		{"empty upper", "U=none", nil},
	} {
		which, d, err := secflags.ParseSpec(c.spec)
		if err != nil {
			t.Fatal(err)
		}
		got := start
		err = got.Apply(which, d)
		switch {
		case c.want == nil:
			if !errors.Is(err, errno.EINVAL) || got != start {
				t.Errorf("%s: %v, %+v", c.name, err, got)
			}
		case err != nil || got != *c.want:
			t.Errorf("%s: %v, %+v, want %+v", c.name, err, got, *c.want)
		}
	}
	got := start
	for _, d := range []secflags.Delta{{Add: 8}, {Remove: 8}, {Assign: 9, Assigns: true}} {
		if err := got.Apply(secflags.Inherit, d); !errors.Is(err, errno.EINVAL) {
			t.Errorf("%+v: %v", d, err)
		}
	}
	if err := got.Apply(secflags.Effective, secflags.Delta{}); !errors.Is(err, errno.EINVAL) {
		t.Errorf("the effective set: %v", err)
	}
	if after := (secflags.Sets{Inherit: nullmap, Upper: 7}).Exec(); after.Effective != nullmap {
		t.Errorf("after exec: %+v", after)
	}
}

func TestChange(t *testing.T) {
	if runtime.GOOS == "illumos" {
		if err := secflags.Change(secflags.ByPID, secflags.Self, secflags.Effective, secflags.Delta{}); !errors.Is(err, errno.EINVAL) {
			t.Errorf("the effective flags: %v", err)
		}
		return
	}
	err := secflags.Change(secflags.ByPID, secflags.Self, secflags.Inherit, secflags.Delta{Add: aslr})
	if !errors.Is(err, errno.ENOTSUP) {
		t.Errorf("where there are no flags: %v", err)
	}
}

func TestBinary(t *testing.T) {
	s := secflags.Sets{1, 2, 3, 7}
	want := make([]byte, 32)
	want[0], want[8], want[16], want[24] = 1, 2, 3, 7
	raw, err := s.AppendBinary(nil)
	if err != nil || !bytes.Equal(raw, want) {
		t.Errorf("%x, %v", raw, err)
	}
	for _, n := range []int{0, 31, 33} {
		if err := s.UnmarshalBinary(make([]byte, n)); !errors.Is(err, errno.EINVAL) || s != (secflags.Sets{1, 2, 3, 7}) {
			t.Errorf("%d bytes: %v, %+v", n, err, s)
		}
	}
}

// FuzzBinary: decoded sets are encoded to the same bytes.
func FuzzBinary(f *testing.F) {
	f.Add(make([]byte, 32))
	f.Add(bytes.Repeat([]byte{255}, 32))
	f.Add([]byte{7})
	f.Fuzz(func(t *testing.T, raw []byte) {
		var s secflags.Sets
		if err := s.UnmarshalBinary(raw); err != nil {
			if len(raw) == secflags.Size {
				t.Fatal(err)
			}
			return
		}
		if again, err := s.AppendBinary(nil); err != nil || !bytes.Equal(again, raw) {
			t.Fatalf("%x, then %x, %v", raw, again, err)
		}
	})
}

// FuzzParse: an accepted list is formatted as one with the same meaning, and a change
// never violates the rules.
func FuzzParse(f *testing.F) {
	for _, list := range []string{"aslr", "all,-aslr", "current,!noexecstack,forbidnullmap", "default,none", "NONE,+aslr", ","} {
		f.Add(list, uint64(aslr))
	}
	f.Fuzz(func(t *testing.T, list string, current uint64) {
		defaults := secflags.Of(secflags.ASLR)
		d, err := secflags.Parse(list, &defaults)
		if err != nil {
			return
		}
		again, err := secflags.Parse(d.String(), nil)
		set := secflags.Set(current) & secflags.All
		if err != nil || again.Of(set) != d.Of(set) || again.Assigns != d.Assigns {
			t.Fatalf("%q: %+v, then %+v, %v", list, d, again, err)
		}
		sets := secflags.Sets{Inherit: set, Lower: set & 5, Upper: secflags.All}
		if sets.Apply(secflags.Inherit, d) == nil && sets.Check() != nil {
			t.Fatalf("%q makes %+v of %v", list, sets, set)
		}
	})
}
