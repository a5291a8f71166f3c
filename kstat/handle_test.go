package kstat_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/kernel/host/sim"
	"github.com/gozones/zones/kstat"
	"github.com/gozones/zones/sys/zone"
)

// fake has a few statistics, unsorted.
type fake struct{ err error }

func (k fake) Kstats() ([]zone.Kstat, error) {
	stat := func(module string, instance int32, name string) zone.Kstat {
		return zone.Kstat{Module: module, Instance: instance, Name: name, Class: "class_" + module,
			Data: map[string]any{"zonename": "zone" + fmt.Sprint(instance), "b": uint32(2), "a": uint64(1)}}
	}
	return []zone.Kstat{stat("zones", 2, "db"), stat("zones", 1, "web"), stat("caps", 1, "x"), stat("zones", 1, "app")}, k.err
}

func TestRead(t *testing.T) {
	h := kstat.Of(fake{})
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
	for _, c := range []struct {
		name, module string
		instance     int32
		stat, want   string
	}{
		{"any instance", "zones", kstat.AnyInstance, "db", "zones:2:db (class_zones)"},
		{"any module and instance", "", kstat.AnyInstance, "x", "caps:1:x (class_caps)"},
		{"any name: the first", "zones", 1, "", "zones:1:app (class_zones)"},
		{"another instance", "zones", 1, "db", ""},
	} {
		s, err := h.Lookup(c.module, c.instance, c.stat)
		if c.want == "" {
			if !errors.Is(err, kstat.ErrNone) {
				t.Errorf("%s: %v, %v", c.name, s, err)
			}
		} else if err != nil || s.String() != c.want {
			t.Errorf("%s: %v, %v", c.name, s, err)
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
		t.Errorf("one that doesn't exist: %v", err)
	}
}

func TestFailure(t *testing.T) {
	want := errors.New("down")
	if _, err := kstat.Of(fake{want}).Read(kstat.Filter{}); !errors.Is(err, want) {
		t.Errorf("%v, not %v", err, want)
	}
}

// The statistics of a zone of an embedded kernel.
func Example() {
	k, err := kernel.New(kernel.Config{Host: sim.New()})
	if err != nil {
		panic(err)
	}
	id, err := k.Global().Create(&zone.Def{Name: "web", Root: "/zones/web/root"})
	if err != nil {
		panic(err)
	}
	h := kstat.Of(k.Global().Local())
	defer h.Close()
	s, err := h.Lookup("zones", int32(id), "web")
	if err != nil {
		panic(err)
	}
	name, _ := s.Text("zonename")
	cpu, _ := s.Uint64("nsec_user")
	fmt.Println(s, name, cpu)
	_, err = h.Lookup("zones", 7, "db")
	fmt.Println(err)
	// Output:
	// zones:1:web (zone_misc) web 0
	// zones:7:db: no such kstat
}
