package kstat

import (
	"errors"
	"os"
	"testing"
)

// TestOpen reads the statistics of the host's zones.
func TestOpen(t *testing.T) {
	r, err := Open()
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("no statistics here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	stats, err := r.Read(Filter{Module: "zones"})
	if err != nil || len(stats) == 0 {
		t.Fatalf("%d statistics of zones, %v", len(stats), err)
	}
	for _, s := range stats {
		name, ok := s.Text("zonename")
		if !ok || name == "" || s.Class != "zone_misc" {
			t.Errorf("%s is of zone %q: %+v", s, name, s.Values)
		}
	}
}
