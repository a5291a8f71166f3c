package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/lang"
)

// running is a zone that the kernel has, as -r changes it.
type running struct {
	process process
	store   *zonecfg.Store
	kernel  zone.Kernel
	name    string
	id      zone.ID
}

var _ lang.Live = (*running)(nil)

// openLive finds a running zone.
func openLive(p process, store *zonecfg.Store, name string) (*running, error) {
	kernel, err := p.openKernel()
	if err == nil {
		var id zone.ID
		id, err = kernel.Lookup(name)
		if err == nil {
			return &running{p, store, kernel, name, id}, nil
		}
		kernel.Close()
	}
	if errors.Is(err, errNoKernel) || zone.ErrnoOf(err) == errno.EINVAL {
		return nil, errors.New("it doesn't run: leave out -r to change its configuration")
	}
	return nil, err
}

// Load returns what the zone was booted with, with the resource controls that it has
// now: those may have been changed since.
func (r *running) Load() (*zonecfg.Zone, error) {
	z, err := r.store.LoadFile(r.process.runDir + "/" + r.name + ".snapshot.xml")
	if errors.Is(err, zonecfg.ErrNoZone) {
		z, err = r.store.Load(r.name)
	}
	if err != nil {
		return nil, err
	}
	z.Zonepath = r.store.InRoot(z.Zonepath)
	controls, ok := r.kernel.(rctl.System)
	if !ok {
		return z, nil
	}
	for _, c := range rctl.Controls() {
		values, err := controls.RctlValues(int32(r.id), c.Name)
		if err != nil {
			continue // a control that this kernel hasn't got
		}
		now := zonecfg.Rctl{Name: c.Name}
		for _, v := range values {
			if v.Privilege == rctl.Privileged {
				now.Values = append(now.Values, rctl.TextOf(v))
			}
		}
		i := slices.IndexFunc(z.Rctl, func(o zonecfg.Rctl) bool { return o.Name == c.Name })
		switch {
		case i < 0 && len(now.Values) > 0:
			z.Append(now)
		case i >= 0 && len(now.Values) == 0:
			err = z.Remove(z.Rctl[i])
		case i >= 0 && !sameValues(z.Rctl[i].Values, now.Values):
			err = z.Replace(z.Rctl[i], now)
		}
		if err != nil {
			return nil, err
		}
	}
	return z, nil
}

// sameValues compares what values mean: 0x80 is 128.
func sameValues(a, b []zonecfg.RctlValue) bool {
	return slices.EqualFunc(a, b, func(a, b zonecfg.RctlValue) bool {
		v, err1 := a.Parse()
		w, err2 := b.Parse()
		return err1 == nil && err2 == nil && v.Compare(w) == 0
	})
}

// Apply changes the zone: its resource controls, its cap on physical memory. What a
// running zone can't have changed is an error, and then nothing is.
func (r *running) Apply(old, new *zonecfg.Zone) error {
	var fixed []string
	for _, c := range lang.Changes(old, new) {
		switch c.Kind {
		case "rctl", "capped-memory":
		default:
			fixed = append(fixed, c.Kind)
		}
	}
	if len(fixed) > 0 {
		slices.Sort(fixed)
		return fmt.Errorf("%s can't be changed while the zone runs: change the configuration without -r and reboot the zone", strings.Join(slices.Compact(fixed), ", "))
	}
	steps, err := r.controls(old, new)
	if err != nil {
		return err
	}
	if !sameMemory(old, new) {
		bytes, set, err := new.MemoryCap()
		if err != nil {
			return err
		}
		if !set {
			return errors.New("the cap on physical memory of a running zone can be changed, not taken away")
		}
		before, had, _ := old.MemoryCap()
		steps = append(steps, step{
			do: func() error { return zone.SetPhysMcap(r.kernel, r.id, bytes) },
			undo: func() {
				if had {
					_ = zone.SetPhysMcap(r.kernel, r.id, before)
				}
			},
		})
	}
	for i, s := range steps {
		if err := s.do(); err != nil {
			for _, done := range slices.Backward(steps[:i]) {
				done.undo()
			}
			return err
		}
	}
	return nil
}

func sameMemory(a, b *zonecfg.Zone) bool {
	if a.CappedMemory == nil || b.CappedMemory == nil {
		return a.CappedMemory == b.CappedMemory
	}
	return *a.CappedMemory == *b.CappedMemory
}

// step is a change of the kernel with the way back.
type step struct {
	do   func() error
	undo func()
}

// controls are the changes of resource controls. Values come before others go, so
// that the zone is never without a limit that it has before and after.
func (r *running) controls(old, new *zonecfg.Zone) (steps []step, err error) {
	was, _, err := rctl.ZoneSet(old.RctlEntries(), rctl.Controls())
	if err != nil {
		return nil, err
	}
	will, unknown, err := rctl.ZoneSet(new.RctlEntries(), rctl.Controls())
	if err != nil {
		return nil, err
	}
	if len(unknown) > 0 {
		return nil, fmt.Errorf("%s: there is no such resource control here", strings.Join(unknown, ", "))
	}
	system, ok := r.kernel.(rctl.System)
	id := int32(r.id)
	insert := func(name string, v rctl.Value) error { return system.RctlInsert(id, name, v) }
	remove := func(name string, v rctl.Value) error { return system.RctlDelete(id, name, v) }
	add := func(name string, values []rctl.Value, other rctl.Set, do, undo func(string, rctl.Value) error) {
		for _, v := range values {
			if slices.ContainsFunc(other.Values(name), func(o rctl.Value) bool { return o.Compare(v) == 0 }) {
				continue
			}
			steps = append(steps, step{func() error { return do(name, v) }, func() { _ = undo(name, v) }})
		}
	}
	for _, e := range will {
		add(e.Name, e.Values, was, insert, remove)
	}
	for _, e := range was {
		add(e.Name, e.Values, will, remove, insert)
	}
	if len(steps) > 0 && !ok {
		return nil, errors.New("resource controls of a running zone can't be changed on this system: use prctl(1) in the zone")
	}
	return steps, nil
}
