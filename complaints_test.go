package zones_test

import (
	"errors"
	"testing"

	"github.com/gozones/zones"
	"github.com/gozones/zones/zonecfg"
)

// The tests of this file are named after what people wrote about zones; docs/complaints.md
// has them all.

// Whatever state zones are in, a program can take them down and remove them, and do so
// again: what is done already is told apart from a failure.
// https://github.com/oxidecomputer/omicron/issues/723 and
// https://github.com/oxidecomputer/omicron/pull/2340
func TestOmicron723UninstallEverything(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	if _, err := m.Create(t.Context(), sparse("configured")); err != nil {
		t.Fatal(err)
	}
	if err := installed(m, "incomplete").Mark(t.Context(), zonecfg.Incomplete); err != nil {
		t.Fatal(err)
	}
	installed(m, "installed")
	if err := installed(m, "ready").Ready(t.Context(), zones.ReadyOptions{}); err != nil {
		t.Fatal(err)
	}
	booted(m, "running")
	all, err := m.Zones()
	if err != nil || len(all) != 6 {
		t.Fatalf("%d zones, %v", len(all), err)
	}
	// Each verb twice, as when a program is started again after it was killed.
	for _, z := range all[1:] {
		for range 2 {
			if err := z.Halt(t.Context(), zones.HaltOptions{}); err != nil && !errors.Is(err, zones.ErrState) {
				t.Errorf("halt: %v", err)
			}
			if err := z.Uninstall(t.Context(), zones.UninstallOptions{}); err != nil && !errors.Is(err, zones.ErrState) {
				t.Errorf("uninstall: %v", err)
			}
		}
		for range 2 {
			if err := z.Delete(t.Context(), zones.DeleteOptions{}); err != nil && !errors.Is(err, zones.ErrNotConfigured) {
				t.Errorf("delete: %v", err)
			}
		}
	}
	if all, err := m.Zones(); err != nil || len(all) != 1 {
		t.Errorf("left: %v, %v", all, err)
	}
}

// Every verb on a zone that somebody else has removed says that there is no such zone.
// https://github.com/oxidecomputer/omicron/pull/7794
func TestOmicron7794VanishedZone(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	web, again := installed(m, "web"), get(t, m, "web")
	if err := errors.Join(again.Uninstall(t.Context(), zones.UninstallOptions{}), again.Delete(t.Context(), zones.DeleteOptions{})); err != nil {
		t.Fatal(err)
	}
	for name, do := range map[string]func() error{
		"refresh":   web.Refresh,
		"boot":      func() error { return web.Boot(t.Context(), zones.BootOptions{}) },
		"ready":     func() error { return web.Ready(t.Context(), zones.ReadyOptions{}) },
		"reboot":    func() error { return web.Reboot(t.Context(), zones.RebootOptions{}) },
		"shutdown":  func() error { return web.Shutdown(t.Context(), zones.ShutdownOptions{}) },
		"halt":      func() error { return web.Halt(t.Context(), zones.HaltOptions{}) },
		"uninstall": func() error { return web.Uninstall(t.Context(), zones.UninstallOptions{}) },
		"detach":    func() error { return web.Detach(t.Context(), zones.DetachOptions{}) },
		"verify":    func() error { return web.Verify(t.Context(), zones.VerifyOptions{}) },
		"delete":    func() error { return web.Delete(t.Context(), zones.DeleteOptions{}) },
	} {
		if err := do(); !errors.Is(err, zones.ErrNotConfigured) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A program, a deletion and a login tell the states in which they may work later from those in
// which they don't.
func TestOmicronInvalidStateOfPrograms(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	web := installed(m, "web")
	check := func(what string, err error, state zonecfg.State, passes bool) {
		t.Helper()
		var told *zones.StateError
		if !errors.Is(err, zones.ErrState) || !errors.As(err, &told) || told.State != state || errors.Is(err, zones.ErrTransient) != passes {
			t.Errorf("%s: %v, transient: %v", what, err, errors.Is(err, zones.ErrTransient))
		}
	}
	check("a program in an installed zone", web.Command(t.Context(), "true").Run(), zonecfg.Installed, false)
	check("deleting it", web.Delete(t.Context(), zones.DeleteOptions{}), zonecfg.Installed, false)
	if err := web.Ready(t.Context(), zones.ReadyOptions{}); err != nil {
		t.Fatal(err)
	}
	check("a program in a ready zone", web.Command(t.Context(), "true").Run(), zonecfg.Ready, true)
	check("deleting it", web.Delete(t.Context(), zones.DeleteOptions{Force: true}), zonecfg.Ready, true)
	check("shutting it down", web.Shutdown(t.Context(), zones.ShutdownOptions{}), zonecfg.Ready, true)
}
