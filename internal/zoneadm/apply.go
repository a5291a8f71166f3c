package zoneadm

import (
	"context"
	"errors"
	"fmt"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// Apply applies the configuration of the global zone: its resource controls and its
// memory cap. If one of them fails, the other is applied nevertheless.
func (t *Target) Apply(ctx context.Context) error {
	defer t.forget()
	if err := t.begin(VerbApply); err != nil {
		return err
	}
	if !t.Caller.Privileged {
		return t.failed(ErrPermission, plain("only a privileged user may %s a zone.", t.verb))
	}
	z, err := t.Store.Load(zone.GlobalName)
	if err != nil {
		return t.failed(err, about("apply", err))
	}
	var lines []Line
	failed := t.applyRctls(z)
	if failed != nil {
		lines = append(lines, plain("%v", failed))
	}
	bytes, set, err := z.MemoryCap()
	if err == nil && set {
		err = zone.SetPhysMcap(t.Kernel, zone.GlobalID, bytes)
	}
	if err != nil {
		lines = append(lines, plain("could not set zone memory cap: %s", reason(err)))
		failed = errors.Join(failed, err)
	}
	if failed != nil {
		return t.failed(failed, lines...)
	}
	return nil
}

func (t *Target) applyRctls(z *zonecfg.Zone) error {
	set, unknown, err := z.Rctls()
	if err != nil {
		return err
	}
	for _, name := range unknown {
		t.warn(plain("WARNING: Ignoring unrecognized rctl '%s'.", name))
	}
	if len(set) == 0 {
		return nil
	}
	if system, ok := t.Kernel.(rctl.System); ok {
		return eachValue(set, func(name string, v rctl.Value) error {
			return system.RctlInsert(int32(zone.GlobalID), name, v)
		})
	}
	calls, err := rctl.Open()
	if err != nil {
		return err
	}
	return eachValue(set, func(name string, v rctl.Value) error { return rctl.Insert(calls, name, v) })
}

// eachValue calls insert for every value of a set until one fails. EINVAL means that the
// value is set already.
func eachValue(set rctl.Set, insert func(name string, v rctl.Value) error) error {
	for _, entry := range set {
		for _, value := range entry.Values {
			if err := insert(entry.Name, value); err != nil && !errors.Is(err, errno.EINVAL) {
				return fmt.Errorf("setting %s failed: %w", entry.Name, err)
			}
		}
	}
	return nil
}
