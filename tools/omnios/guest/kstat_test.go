package guest

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gozones/zones/kstat"
)

// TestKstats compares the statistics of the zones that run.
func TestKstats(t *testing.T) {
	needSystem(t)
	compareKstats(t)
}

const kstatCommand = "/usr/bin/kstat"

// ofZones are the modules with statistics of zones; not every release has all.
var ofZones = []string{"zones", "memory_cap", "zone_misc", "zone_vfs", "zone_zfs", "caps"}

// compareKstats compares what package kstat reads with what the system's kstat command prints
// before and after. It does nothing where there is no such command.
func compareKstats(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(kstatCommand); err != nil {
		return
	}
	h, err := kstat.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	for _, module := range ofZones {
		before := printed(t, module)
		stats, err := h.Read(kstat.Filter{Module: module})
		if err != nil {
			t.Errorf("%s: %v", module, err)
			continue
		}
		after := printed(t, module)
		if module == "zones" && len(stats) == 0 {
			t.Errorf("there are no statistics of zones")
		}
		for _, d := range differences(stats, before, after) {
			t.Error(d)
		}
	}
}

// printed returns what kstat(8) prints, by MODULE:INSTANCE:NAME:STATISTIC.
func printed(t *testing.T, module string) map[string]string {
	t.Helper()
	values := map[string]string{}
	for line := range strings.Lines(ask(t, "", kstatCommand, "-p", "-m", module).out) {
		key, value, _ := strings.Cut(strings.TrimRight(line, "\n"), "\t")
		values[key] = value
	}
	return values
}

// differences compares statistics with what was printed before and after they were read.
func differences(stats []*kstat.Stat, before, after map[string]string) (found []string) {
	differ := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	ours := map[string]bool{}
	for _, s := range stats {
		prefix := fmt.Sprintf("%s:%d:%s:", s.Module, s.Instance, s.Name)
		// kstat(8) prints these as if they were values.
		ours[prefix+"class"], ours[prefix+"crtime"], ours[prefix+"snaptime"] = true, true, true
		if was, ok := before[prefix+"class"]; ok && was != s.Class {
			differ("%sclass is %q, and kstat says %q", prefix, s.Class, was)
		}
		for _, v := range s.Values {
			key, value := prefix+v.Name, fmt.Sprint(v.Value)
			ours[key] = true
			was, ok := before[key]
			is, still := after[key]
			if !ok && !still {
				differ("%s: kstat doesn't have it", key)
			} else if ok && still && !between(was, value, is) {
				differ("%s is %s; kstat says %s before and %s after", key, value, was, is)
			}
		}
	}
	for key := range before {
		if _, still := after[key]; still && !ours[key] {
			differ("%s: only kstat has it", key)
		}
	}
	slices.Sort(found)
	return found
}

// between reports whether a value can have been read between two others. Values that changed
// meanwhile need only be numbers: loads go down, too.
func between(before, value, after string) bool {
	if before == after {
		return value == before
	}
	_, err := strconv.ParseFloat(value, 64)
	_, errBefore := strconv.ParseFloat(before, 64)
	return (err == nil) == (errBefore == nil)
}

// TestDifferences: the comparison finds what differs.
func TestDifferences(t *testing.T) {
	t.Parallel()
	stats := []*kstat.Stat{{Module: "zones", Instance: 1, Name: "web", Class: "zone_misc", Values: []kstat.Value{{Name: "zonename", Value: "web"}, {Name: "forks", Value: uint64(7)}}}}
	good := map[string]string{"zones:1:web:class": "zone_misc", "zones:1:web:zonename": "web", "zones:1:web:forks": "7", "zones:1:web:crtime": "1.5"}
	for _, test := range []struct {
		name   string
		change map[string]string // before and after
		after  map[string]string
		fails  bool
	}{
		{"the same", nil, nil, false},
		{"a counter goes on", nil, map[string]string{"zones:1:web:forks": "9"}, false},
		{"another value", map[string]string{"zones:1:web:forks": "6"}, nil, true},
		{"another text", map[string]string{"zones:1:web:zonename": "db"}, nil, true},
		{"another class", map[string]string{"zones:1:web:class": "misc"}, nil, true},
		{"one that we lack", map[string]string{"zones:1:web:nprocs": "1"}, nil, true},
	} {
		before, after := map[string]string{}, map[string]string{}
		for _, m := range []map[string]string{good, test.change} {
			for key, value := range m {
				before[key], after[key] = value, value
			}
		}
		for key, value := range test.after {
			after[key] = value
		}
		if found := differences(stats, before, after); (len(found) > 0) != test.fails {
			t.Errorf("%s: %q", test.name, found)
		}
	}
}
