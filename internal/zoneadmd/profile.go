package zoneadmd

import (
	"runtime"
	"slices"

	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg/brand"
)

// devType is the type of the file system that illumos' brands have as /dev.
const devType = "dev"

// hasDev reports whether the zone's /dev is of that type. Then the devices are in its profile.
func (s *setup) hasDev() bool {
	return slices.ContainsFunc(s.brand.GlobalMounts, func(m brand.Mount) bool { return m.Type == devType })
}

// profile returns what the zone's /dev has: the brand's devices for this machine and the
// zone's kind of network, the brand's links, and what the configuration adds.
func (s *setup) profile() []zone.Device {
	network := "shared"
	if s.config.Exclusive() {
		network = "exclusive"
	}
	subst := brand.Subst{Zone: s.Zone, Path: s.config.Zonepath}
	var all []zone.Device
	for _, d := range s.brand.Devices {
		if applies(d.IPType, network) && applies(d.Arch, architecture()) {
			all = append(all, zone.Device{Match: subst.In(d.Match), Name: d.Name})
		}
	}
	for _, l := range s.brand.Symlinks {
		all = append(all, zone.Device{Match: l.Target, Link: l.Source})
	}
	for _, d := range s.config.Device {
		all = append(all, zone.Device{Match: d.Match})
	}
	return all
}

// applies reports whether an attribute of a brand's device is met.
func applies(wanted, here string) bool { return wanted == "" || wanted == "all" || wanted == here }

// architecture returns the machine's name as illumos has it (SI_ARCHITECTURE).
func architecture() string {
	switch runtime.GOARCH {
	case "amd64", "386":
		return "i386"
	}
	return runtime.GOARCH
}
