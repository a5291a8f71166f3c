package kstat

import (
	"errors"
	"os"
	"testing"

	"github.com/gozones/zones/internal/testenv"
)

// TestOpen reads the statistics of the host's zones.
func TestOpen(t *testing.T) {
	r, err := Open()
	if errors.Is(err, os.ErrNotExist) {
		testenv.Need(t, testenv.Given("kernel statistics", err))
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
		// All but the data is only in the chain, and the time of the snapshot only in what is read.
		if s.Module != "zones" || s.Name != name || s.Type != Named || s.Created <= 0 || s.Snapshot <= 0 {
			t.Errorf("%s: %s, created at %v, read at %v", s, s.Type, s.Created, s.Snapshot)
		}
		any, err := r.Lookup("zones", -1, s.Name)
		if err != nil || any.Instance != s.Instance {
			t.Errorf("any instance of %s: %v, %v", s, any, err)
		}
	}
}
