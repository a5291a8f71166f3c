package zoneadm

import (
	"slices"

	"github.com/gozones/zones/zonecfg"
)

// unenforced warns of each setting of the zone that the embedded kernel keeps and shows but
// doesn't enforce on this host. The in-memory kernel enforces nothing, and gets no warning, and
// a scratch zone has none of the settings.
func (t *Target) unenforced(z *zonecfg.Zone) {
	settings := configured(z)
	if len(settings) == 0 || t.verb == VerbMount {
		return // the report costs a call
	}
	report, err := t.Report()
	if err != nil || report.Host == "sim" {
		return
	}
	for _, c := range report.Capabilities {
		if c.Class == "reported" && slices.Contains(settings, c.Concept) {
			t.warn(plain("WARNING: %s is not enforced on this host: %s.", c.Concept, c.Missing))
		}
	}
}

// configured returns the settings of a zone, as the kernel's report names them. A pool is
// verifyPool's.
func configured(z *zonecfg.Zone) (settings []string) {
	for _, r := range z.Rctl {
		settings = append(settings, r.Name)
	}
	for name, set := range map[string]bool{
		"capped-memory physical": z.CappedMemory != nil,
		"dedicated-cpu, pool":    z.DedicatedCPU != nil,
		"scheduling class":       z.SchedClass != "",
		"security-flags":         z.SecurityFlags != nil,
		"hostid":                 z.HostID != "",
		"delegated datasets":     len(z.Dataset) > 0,
	} {
		if set {
			settings = append(settings, name)
		}
	}
	return settings
}
