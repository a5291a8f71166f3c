package rctl_test

import (
	"testing"

	"github.com/gozones/zones/internal/abitest"
	"github.com/gozones/zones/sys/rctl"
)

// TestConstants compares every number of this package with the system's headers.
func TestConstants(t *testing.T) {
	header := abitest.Constants(t, "rctl")
	for name, value := range map[string]uint32{
		"RCPRIV_BASIC": uint32(rctl.Basic), "RCPRIV_PRIVILEGED": uint32(rctl.Privileged), "RCPRIV_SYSTEM": uint32(rctl.Systemic),
		"RCTL_LOCAL_NOACTION": uint32(rctl.None), "RCTL_LOCAL_SIGNAL": uint32(rctl.Signal), "RCTL_LOCAL_DENY": uint32(rctl.Deny),
		"RCTL_LOCAL_MAXIMAL": uint32(rctl.Maximal), "RCTL_LOCAL_PROJDB": uint32(rctl.ProjectDB),
		"RCTL_LOCAL_MASK":     uint32(rctl.Maximal|rctl.ProjectDB) | uint32(rctl.Deny|rctl.Signal),
		"RCTL_GLOBAL_NOBASIC": uint32(rctl.GlobalNoBasic), "RCTL_GLOBAL_LOWERABLE": uint32(rctl.GlobalLowerable),
		"RCTL_GLOBAL_DENY_ALWAYS": uint32(rctl.GlobalDenyAlways), "RCTL_GLOBAL_DENY_NEVER": uint32(rctl.GlobalDenyNever),
		"RCTL_GLOBAL_FILE_SIZE": uint32(rctl.GlobalFileSize), "RCTL_GLOBAL_CPU_TIME": uint32(rctl.GlobalCPUTime),
		"RCTL_GLOBAL_SIGNAL_NEVER": uint32(rctl.GlobalSignalNever), "RCTL_GLOBAL_NOLOCALACTION": uint32(rctl.GlobalSignalNever),
		"RCTL_GLOBAL_INFINITE": uint32(rctl.GlobalInfinite), "RCTL_GLOBAL_UNOBSERVABLE": uint32(rctl.GlobalUnobservable),
		"RCTL_GLOBAL_BYTES": uint32(rctl.GlobalBytes), "RCTL_GLOBAL_SECONDS": uint32(rctl.GlobalSeconds),
		"RCTL_GLOBAL_COUNT": uint32(rctl.GlobalCount), "RCTL_GLOBAL_SYSLOG_NEVER": uint32(rctl.GlobalSyslogNever),
		"RCTL_GLOBAL_SYSLOG": uint32(rctl.GlobalSyslog), "RCTL_GLOBAL_NOACTION": 0,
		"RCTL_FIRST": rctl.GetFirst, "RCTL_NEXT": rctl.GetNext, "RCTL_USAGE": rctl.GetUsage,
		"RCTL_INSERT": rctl.SetInsert, "RCTL_DELETE": rctl.SetDelete, "RCTL_REPLACE": rctl.SetReplace,
		"RCTL_USE_RECIPIENT_PID": rctl.UseRecipientPid,
	} {
		if want, ok := header[name]; !ok || int64(value) != want {
			t.Errorf("%s is %#x, the header has %#x (%v)", name, value, want, ok)
		}
	}
}

// TestBlockLayout compares Block with rctl_opaque_t.
func TestBlockLayout(t *testing.T) {
	abitest.CheckLayout(t, "rctl_opaque_t", rctl.Block{})
	if want := abitest.Layout(t, "rctl_opaque_t").Size; rctl.BlockSize != want {
		t.Errorf("BlockSize is %d, the header has %d", rctl.BlockSize, want)
	}
}

// TestControls compares the dictionary with that of the system.
func TestControls(t *testing.T) {
	var dictionary map[string]struct {
		Flags uint32 `json:"global_flags_value"`
		Max   uint64
	}
	abitest.Section(t, "rctl_dictionary", &dictionary)
	controls := rctl.Controls()
	if len(controls) != len(dictionary) {
		t.Errorf("%d controls, the dictionary has %d", len(controls), len(dictionary))
	}
	for _, c := range controls {
		want, ok := dictionary[c.Name]
		if !ok || uint32(c.Flags) != want.Flags || c.Max != want.Max {
			t.Errorf("%s: flags %#x, maximum %d; the dictionary has %#x, %d (%v)", c.Name, c.Flags, c.Max, want.Flags, want.Max, ok)
		}
		if again, ok := rctl.Lookup(c.Name); !ok || again != c {
			t.Errorf("Lookup(%s) = %v, %v", c.Name, again, ok)
		}
		if !rctl.ValidName(c.Name) {
			t.Errorf("%s is not a valid name", c.Name)
		}
	}
	if _, ok := rctl.Lookup("zone.max-nothing"); ok {
		t.Error("there is a control zone.max-nothing")
	}
}
