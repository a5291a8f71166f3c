package zoneadm

import (
	"errors"
	"fmt"

	"github.com/gozones/zones/internal/machine"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// OwnName returns the name of the zone that this process runs in. The error wraps
// [errors.ErrUnsupported] or is the kernel's. It stands for getzonenamebyid(3C) of
// getzoneid(3C); a scratch zone has the name of the zone that is mounted.
func OwnName() (string, error) {
	info, err := machine.Own()
	if errors.Is(err, errors.ErrUnsupported) {
		return ownEntry(zonecfg.Open("", "")), nil
	}
	if err != nil {
		return "", err
	}
	if scratch, err := readScratchMap(scratchMap); err == nil {
		for _, s := range scratch {
			if s.kernel == info.Name {
				return s.name, nil
			}
		}
	}
	return info.Name, nil
}

// OwnIPType returns "shared" or "exclusive" for the zone that this process runs in.
func OwnIPType() (string, error) {
	info, err := machine.Own()
	if errors.Is(err, errors.ErrUnsupported) {
		if name := ownEntry(zonecfg.Open("", "")); name != zone.GlobalName {
			return "", fmt.Errorf("zone %s can't see it: ask \"zoneadm-go list -v\" in the global zone", name)
		}
		return "shared", nil
	}
	if err != nil {
		return "", err
	}
	return string(ipTypeOf(&info)), nil
}

// ownEntry returns the name of this process's zone by the index in its root directory.
// Inside a zone of the embedded kernel that has the zone's own line, written by its
// daemon at boot, with zonepath "/".
func ownEntry(store *zonecfg.Store) string {
	entries, err := store.Entries()
	if err == nil && len(entries) == 1 && entries[0].Zonepath == "/" {
		return entries[0].Name
	}
	return zone.GlobalName
}
