package kstat_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/gozones/zones/kstat"
	"github.com/gozones/zones/sys/zone"
)

// kernel keeps a few statistics, in no order.
type kernel struct{ err error }

func (k kernel) Kstats() ([]zone.Kstat, error) {
	stat := func(module string, instance int32, name string) zone.Kstat {
		return zone.Kstat{Module: module, Instance: instance, Name: name, Class: "class_" + module,
			Data: map[string]any{"zonename": "zone" + fmt.Sprint(instance), "b": uint32(2), "a": uint64(1)}}
	}
	return []zone.Kstat{stat("zones", 2, "db"), stat("zones", 1, "web"), stat("caps", 1, "x"), stat("zones", 1, "app")}, k.err
}

func TestRead(t *testing.T) {
	h := kstat.Of(kernel{})
	defer h.Close()
	one := int32(1)
	for _, c := range []struct {
		name   string
		filter kstat.Filter
		want   []string
	}{
		{"all", kstat.Filter{}, []string{"caps:1:x (class_caps)", "zones:1:app (class_zones)", "zones:1:web (class_zones)", "zones:2:db (class_zones)"}},
		{"a module", kstat.Filter{Module: "caps"}, []string{"caps:1:x (class_caps)"}},
		{"an instance", kstat.Filter{Module: "zones", Instance: &one}, []string{"zones:1:app (class_zones)", "zones:1:web (class_zones)"}},
		{"a name", kstat.Filter{Name: "db"}, []string{"zones:2:db (class_zones)"}},
		{"a class", kstat.Filter{Class: "class_caps"}, []string{"caps:1:x (class_caps)"}},
		{"none", kstat.Filter{Name: "nothing"}, nil},
	} {
		stats, err := h.Read(c.filter)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range stats {
			got = append(got, s.String())
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: %q, not %q", c.name, got, c.want)
		}
	}
	s, err := h.Lookup("zones", 1, "web")
	if err != nil {
		t.Fatal(err)
	}
	if s.Type != kstat.Named || len(s.Values) != 3 || s.Values[0].Name != "a" {
		t.Errorf("web is %+v", s)
	}
	if name, ok := s.Text("zonename"); name != "zone1" || !ok {
		t.Errorf("it is of %q, %v", name, ok)
	}
	if _, err := h.Lookup("zones", 9, "web"); !errors.Is(err, kstat.ErrNone) {
		t.Errorf("one that isn't there: %v", err)
	}
}

func TestFailure(t *testing.T) {
	want := errors.New("down")
	if _, err := kstat.Of(kernel{want}).Read(kstat.Filter{}); !errors.Is(err, want) {
		t.Errorf("%v, not %v", err, want)
	}
}

func ExampleHandle_Read() {
	h := kstat.Of(kernel{})
	stats, err := h.Read(kstat.Filter{Module: "zones", Name: "web"})
	if err != nil {
		fmt.Println(err)
		return
	}
	n, _ := stats[0].Uint64("a")
	fmt.Println(stats[0], n)
	// Output: zones:1:web (class_zones) 1
}
