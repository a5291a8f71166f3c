package priv

import (
	"testing"

	"github.com/gozones/zones/internal/testenv/faults"
)

// TestFaults: each call that fails is the error of the function that made it.
func TestFaults(t *testing.T) {
	faults.Need(t)
	for name, do := range map[string]func() error{
		"own":      func() error { _, err := Own(Effective); return err },
		"change":   func() error { return Change(On, Effective, Set{}) },
		"flag":     func() error { _, err := GetFlag(Aware); return err },
		"set flag": func() error { return SetFlag(Aware, false) },
		"table":    func() error { _, err := kernelTable(); return err },
	} {
		t.Run(name, func(t *testing.T) { faults.Fault{}.Noticed(t, do) })
	}
}
