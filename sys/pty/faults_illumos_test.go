package pty

import (
	"os"
	"testing"

	"github.com/gozones/zones/internal/testenv/faults"
)

// TestFaults: each call that fails is the error of the function that made it.
func TestFaults(t *testing.T) {
	faults.Need(t)
	manager, name, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	defer manager.Close()
	for what, do := range map[string]func() error{
		"open": func() error {
			m, _, err := Open()
			if err == nil {
				m.Close()
			}
			return err
		},
		"terminal": func() error {
			f, err := OpenTerminal(name)
			if err == nil {
				f.Close()
			}
			return err
		},
		"name": func() error { _, err := NameOf(manager); return err },
		"give": func() error { return GiveToZone(manager, 0) },
		"own":  func() error { return SetOwner(manager, uint32(os.Getuid()), uint32(os.Getgid())) },
	} {
		t.Run(what, func(t *testing.T) { faults.Fault{}.Noticed(t, do) })
	}
}

// TestPushes: a terminal's modules are pushed once, and anchored after the first.
func TestPushes(t *testing.T) {
	faults.Need(t)
	calls := func(do func() error) int { return len(faults.Fault{}.Each(t, do, func(string, error) {})) }
	terminal := func(again bool) func() error {
		return func() error {
			manager, name, err := Open()
			if err != nil {
				return err
			}
			defer manager.Close()
			f, err := OpenTerminal(name)
			if err != nil {
				return err
			}
			defer f.Close()
			if again {
				var g *os.File
				if g, err = OpenTerminal(name); err == nil {
					g.Close()
				}
			}
			return err
		}
	}
	opening := calls(func() error {
		m, _, err := Open()
		if err == nil {
			m.Close()
		}
		return err
	})
	// Each module is looked for; if it isn't there, it is pushed.
	once, twice := calls(terminal(false)), calls(terminal(true))
	if want := 1 + 2*len(Modules) + 1; once-opening != want {
		t.Errorf("%d calls, not %d", once-opening, want)
	}
	if want := 1 + len(Modules) + 1; twice-once != want {
		t.Errorf("again %d calls, not %d", twice-once, want)
	}
}
