package zoneadm

import (
	"errors"
	"fmt"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// apply makes the configuration of the global zone true: its resource controls and
// its cap on memory.
func (t *Tool) apply(args []string) int {
	if t.target != zone.GlobalName || !t.Caller.Global || t.alternate() || len(args) > 0 {
		t.usage(t.Err, false)
		return ExitUsage
	}
	if !t.Caller.Privileged {
		t.usage(t.Err, false)
		return ExitFailed
	}
	z, err := t.Store.Load(zone.GlobalName)
	if err != nil {
		t.sayOf("apply", err)
		return ExitFailed
	}
	status := ExitOK
	if err := t.applyRctls(z); err != nil {
		t.say("%v", err)
		status = ExitFailed
	}
	bytes, set, err := z.MemoryCap()
	if err == nil && set {
		err = zone.SetPhysMcap(t.Kernel, zone.GlobalID, bytes)
	}
	if err != nil {
		t.say("could not set zone memory cap: %s", reason(err))
		status = ExitFailed
	}
	return status
}

func (t *Tool) applyRctls(z *zonecfg.Zone) error {
	set, unknown, err := z.Rctls()
	if err != nil {
		return err
	}
	for _, name := range unknown {
		t.say("WARNING: Ignoring unrecognized rctl '%s'.", name)
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

// eachValue calls insert for every value of a set, until one fails for another
// reason than that the value is there.
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
