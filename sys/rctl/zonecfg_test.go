package rctl_test

import (
	"errors"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/gozones/zones/internal/spectest"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/rctl"
)

func TestTextValue(t *testing.T) {
	for _, c := range []struct {
		text rctl.TextValue
		want uint64
	}{
		{rctl.TextValue{"privileged", "200", "deny"}, 200},
		{rctl.TextValue{"basic", "0x80", "none"}, 128},
		{rctl.TextValue{"privileged", "0X80", "none"}, 128},
		{rctl.TextValue{"privileged", "010", "signal"}, 8},
		{rctl.TextValue{"privileged", "", "deny"}, 0},
		{rctl.TextValue{"privileged", "0", "deny"}, 0},
		{rctl.TextValue{"privileged", " \t+7", "deny"}, 7},
		{rctl.TextValue{"privileged", " -1", "deny"}, math.MaxUint64},
		{rctl.TextValue{"privileged", "18446744073709551615", "deny"}, math.MaxUint64},
		{rctl.TextValue{"privileged", "18446744073709551616", "deny"}, bad},
		{rctl.TextValue{"privileged", "-1", "deny"}, bad},
		{rctl.TextValue{"privileged", "+-1", "deny"}, bad},
		{rctl.TextValue{"privileged", "1k", "deny"}, bad},
		{rctl.TextValue{"privileged", "08", "deny"}, bad},
		{rctl.TextValue{"privileged", "0x", "deny"}, bad},
		{rctl.TextValue{"privileged", "1_0", "deny"}, bad},
		{rctl.TextValue{"privileged", "7 ", "deny"}, bad},
		{rctl.TextValue{"system", "1", "deny"}, bad},
		{rctl.TextValue{"privileged", "1", "kill"}, bad},
		{rctl.TextValue{"", "1", "deny"}, bad},
	} {
		v, err := c.text.Parse()
		checkParse(t, "Parse", c.text.String(), c.want, v.Limit, err)
		if err != nil {
			continue
		}
		if text := rctl.TextOf(v); text.Priv != c.text.Priv || text.Action != c.text.Action {
			t.Errorf("%v became %v", c.text, text)
		}
	}
	deny := rctl.Value{Privilege: rctl.Basic, Limit: 3, Action: rctl.Deny | rctl.Signal}
	if got := rctl.TextOf(deny).String(); got != "(priv=basic,limit=3,action=deny)" {
		t.Errorf("deny and signal are %s", got)
	}
}

// TestSpec checks the controls of a ready zone against the cases of the specification.
func TestSpec(t *testing.T) {
	type specCase struct {
		ID            string
		Given, Expect map[string]uint64
	}
	for _, c := range spectest.Cases[specCase](t, "cases-zoneadm.json", "rctl") {
		var entries []rctl.TextEntry
		for _, name := range slices.Sorted(maps.Keys(c.Given)) {
			a, ok := rctl.LookupAlias(name)
			if !ok {
				t.Fatalf("%s: no alias %s", c.ID, name)
			}
			entries = append(entries, a.Entry(c.Given[name]))
		}
		s, unknown, err := rctl.ZoneSet(entries, rctl.Controls())
		if err != nil || unknown != nil || len(s) != len(c.Expect) {
			t.Errorf("%s: %v, %v, %v", c.ID, s, unknown, err)
		}
		for name, limit := range c.Expect {
			if v := s.Values(name); len(v) != 1 || v[0] != rctl.Limited(limit, rctl.Deny) {
				t.Errorf("%s: %s has %v, want %d", c.ID, name, v, limit)
			}
		}
	}
}

func TestZoneSet(t *testing.T) {
	value := func(limit, action string) []rctl.TextValue {
		return []rctl.TextValue{{"privileged", limit, action}}
	}
	dictionary := rctl.Controls()
	entries := []rctl.TextEntry{
		{"zone.max-nothing", value("1", "deny")},
		{"zone.max-swap", nil},
		{"zone.max-processes", value("2147483647", "deny")},
	}
	s, unknown, err := rctl.ZoneSet(entries, dictionary)
	if err != nil || !slices.Equal(unknown, []string{"zone.max-nothing"}) || len(s) != 2 {
		t.Errorf("%v, %v, %v", s, unknown, err)
	}
	if v := s.Values("zone.max-lwps"); len(v) != 1 || v[0].Limit != 2147483647 {
		t.Errorf("ten times the largest number of processes: %v", v)
	}
	for _, c := range []struct {
		name    string
		entries []rctl.TextEntry
		want    int // controls
	}{
		{"both given", []rctl.TextEntry{{"zone.max-lwps", value("9", "deny")}, {"zone.max-processes", value("8", "deny")}}, 2},
		{"not simple", []rctl.TextEntry{{"zone.max-lwps", value("9", "none")}}, 1},
		{"the other one is not simple", []rctl.TextEntry{{"zone.max-lwps", value("9", "none")}, {"zone.max-processes", value("8", "deny")}}, 2},
		{"nothing", nil, 0},
	} {
		s, unknown, err := rctl.ZoneSet(c.entries, dictionary)
		if err != nil || unknown != nil || len(s) != c.want {
			t.Errorf("%s: %v, %v, %v", c.name, s, unknown, err)
		}
	}
	for text, entries := range map[string][]rctl.TextEntry{
		"rctl: invalid rctl value: (priv=privileged,limit=1k,action=deny)":                                      {{"zone.max-lwps", value("1k", "deny")}},
		"rctl: (priv=privileged,limit=5,action=deny) is not a valid value for rctl 'zone.cpu-shares'":           {{"zone.cpu-shares", value("5", "deny")}},
		"rctl: (priv=privileged,limit=0xffffffff,action=deny) is not a valid value for rctl 'zone.max-msg-ids'": {{"zone.max-msg-ids", value("0xffffffff", "deny")}},
		"rctl: (priv=privileged,limit=5,action=signal) is not a valid value for rctl 'zone.max-lwps'":           {{"zone.max-lwps", value("5", "signal")}},
	} {
		if _, _, err := rctl.ZoneSet(entries, dictionary); err == nil || err.Error() != text || !errors.Is(err, errno.EINVAL) {
			t.Errorf("%v\nwant %s", err, text)
		}
	}
}

func TestAliasOf(t *testing.T) {
	lwps, _ := rctl.LookupAlias("max-lwps")
	shares, _ := rctl.LookupAlias("cpu-shares")
	with := func(values ...rctl.TextValue) []rctl.TextEntry {
		return []rctl.TextEntry{{"zone.max-swap", nil}, {"zone.max-lwps", values}}
	}
	value := rctl.TextValue{"privileged", "500", "deny"}
	for _, c := range []struct {
		name    string
		alias   rctl.Alias
		entries []rctl.TextEntry
		limit   uint64
		set     bool
		blocked bool
	}{
		{"not there", lwps, nil, 0, false, false},
		{"simple", lwps, with(value), 500, true, false},
		{"hexadecimal is read as decimal", lwps, with(rctl.TextValue{"privileged", "0x80", "deny"}), 0, true, false},
		{"two values", lwps, with(value, value), 0, false, true},
		{"no value", lwps, with(), 0, false, true},
		{"twice", lwps, append(with(value), with(value)...), 0, false, true},
		{"another action", lwps, with(rctl.TextValue{"privileged", "300", "none"}), 0, false, true},
		{"another privilege", lwps, with(rctl.TextValue{"basic", "300", "deny"}), 0, false, true},
		{"shares with none", shares, []rctl.TextEntry{shares.Entry(7)}, 7, true, false},
	} {
		limit, set, blocked := c.alias.Of(c.entries)
		if limit != c.limit || set != c.set || blocked != c.blocked {
			t.Errorf("%s: %d, %v, %v", c.name, limit, set, blocked)
		}
	}
}

func TestAliasParse(t *testing.T) {
	for _, c := range []struct {
		alias, text string
		want        uint64
		format      string
	}{
		{"max-lwps", "100", 100, "100"}, {"max-lwps", "99", bad, ""}, {"max-lwps", "1k", bad, ""},
		{"max-processes", "100", 100, "100"}, {"max-processes", "0", bad, ""},
		{"max-shm-memory", "1g", 1 << 30, "1G"}, {"max-shm-memory", "0", 0, "0"},
		{"max-shm-ids", "0", 0, "0"}, {"max-msg-ids", "5", 5, "5"}, {"max-sem-ids", "-5", bad, ""},
		{"cpu-shares", "0", 0, "0"}, {"cpu-shares", "10", 10, "10"},
		{"swap", "50M", 50 << 20, "50M"}, {"swap", "49.9M", bad, ""}, {"locked", "1M", 1 << 20, "1M"},
		{"ncpus", "2.5", 250, "2.50"}, {"ncpus", "0.001", bad, ""},
	} {
		a, ok := rctl.LookupAlias(c.alias)
		if !ok {
			t.Fatalf("no alias %s", c.alias)
		}
		got, err := a.Parse(c.text)
		checkParse(t, c.alias, c.text, c.want, got, err)
		if err == nil && a.Format(got) != c.format {
			t.Errorf("%s: %d is written %s, want %s", c.alias, got, a.Format(got), c.format)
		}
	}
	for _, a := range rctl.Aliases() {
		c, ok := rctl.Lookup(a.Control)
		if !ok || c.Check(rctl.Limited(a.Min, a.Action)) != nil {
			t.Errorf("the least of %s can't be set on %s", a.Name, a.Control)
		}
	}
	if _, ok := rctl.LookupAlias("max-lofi"); ok {
		t.Error("there is an alias max-lofi")
	}
}
