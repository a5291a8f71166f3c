package zoneadm

import (
	"slices"
	"testing"

	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// reporting is a kernel with a report about its host.
type reporting struct {
	zone.System
	report zone.Report
}

func (r reporting) Report() (zone.Report, error) { return r.report, nil }

// TestUnenforced: settings that the host only keeps are warned of, and no others.
func TestUnenforced(t *testing.T) {
	t.Parallel()
	report := zone.Report{Host: "linux", Capabilities: []zone.Capability{
		{Concept: "zone.cpu-shares", Class: "enforced"},
		{Concept: "zone.max-swap", Class: "reported", Missing: "no group"},
		{Concept: "capped-memory physical", Class: "reported", Missing: "no group"},
		{Concept: "dedicated-cpu, pool", Class: "reported", Missing: "no sets"},
		{Concept: "scheduling class", Class: "reported", Missing: "no classes"},
		{Concept: "security-flags", Class: "reported", Missing: "no flags"},
		{Concept: "hostid", Class: "reported", Missing: "no file"},
		{Concept: "delegated datasets", Class: "reported", Missing: "no ZFS"},
	}}
	sim := report
	sim.Host = "sim"
	for _, test := range []struct {
		name   string
		z      zonecfg.Zone
		report zone.Report
		want   []string
	}{
		{"nothing set", zonecfg.Zone{}, report, nil},
		{"enforced", zonecfg.Zone{Rctl: []zonecfg.Rctl{{Name: "zone.cpu-shares"}}}, report, nil},
		{"a resource control", zonecfg.Zone{Rctl: []zonecfg.Rctl{{Name: "zone.max-swap"}}}, report,
			[]string{"WARNING: zone.max-swap is not enforced on this host: no group."}},
		{"in memory", zonecfg.Zone{Rctl: []zonecfg.Rctl{{Name: "zone.max-swap"}}}, sim, nil},
		{"everything else", zonecfg.Zone{
			CappedMemory: &zonecfg.CappedMemory{}, DedicatedCPU: &zonecfg.DedicatedCPU{}, SchedClass: "FSS",
			SecurityFlags: &zonecfg.SecurityFlags{}, HostID: "1", Dataset: []zonecfg.Dataset{{}},
		}, report, []string{
			"WARNING: capped-memory physical is not enforced on this host: no group.",
			"WARNING: dedicated-cpu, pool is not enforced on this host: no sets.",
			"WARNING: scheduling class is not enforced on this host: no classes.",
			"WARNING: security-flags is not enforced on this host: no flags.",
			"WARNING: hostid is not enforced on this host: no file.",
			"WARNING: delegated datasets is not enforced on this host: no ZFS.",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.Kernel = reporting{b.Kernel, test.report}
			var got []string
			b.On("z1", Observer{Notice: func(n Notice) { got = append(got, n.Line.Text) }}).unenforced(&test.z)
			if !slices.Equal(got, test.want) {
				t.Errorf("warns %q, want %q", got, test.want)
			}
		})
	}
}
