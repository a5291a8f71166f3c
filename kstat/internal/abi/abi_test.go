package abi

import (
	"reflect"
	"testing"

	"github.com/gozones/zones/internal/abitest"
)

// TestLayouts compares every structure with the compiled header, in order and by the C
// names in the comments.
func TestLayouts(t *testing.T) {
	for name, v := range map[string]any{
		"kstat_t": Kstat{}, "kstat_named_t": KstatNamed{}, "kstat_io_t": KstatIO{},
	} {
		abitest.CheckLayout(t, name, v)
	}
}

// TestMembers looks up the important members by name: two swapped members could have
// the same size.
func TestMembers(t *testing.T) {
	kstat := reflect.TypeFor[Kstat]()
	named := reflect.TypeFor[KstatNamed]()
	for _, m := range []struct {
		structure string
		of        reflect.Type
		c, field  string
	}{
		{"kstat_t", kstat, "ks_crtime", "CrTime"}, {"kstat_t", kstat, "ks_kid", "KID"}, {"kstat_t", kstat, "ks_module", "Module"},
		{"kstat_t", kstat, "ks_instance", "Instance"}, {"kstat_t", kstat, "ks_name", "Name"}, {"kstat_t", kstat, "ks_type", "Type"},
		{"kstat_t", kstat, "ks_class", "Class"}, {"kstat_t", kstat, "ks_flags", "Flags"}, {"kstat_t", kstat, "ks_data", "Data"},
		{"kstat_t", kstat, "ks_ndata", "NData"}, {"kstat_t", kstat, "ks_data_size", "DataSize"}, {"kstat_t", kstat, "ks_snaptime", "SnapTime"},
		{"kstat_named_t", named, "name", "Name"}, {"kstat_named_t", named, "data_type", "Type"}, {"kstat_named_t", named, "value", "Value"},
	} {
		f, _ := m.of.FieldByName(m.field)
		found := false
		for _, c := range abitest.Layout(t, m.structure).Fields {
			if c.Name == m.c {
				found = true
				if c.Offset != f.Offset {
					t.Errorf("%s.%s is at %d, the header has %s at %d", m.structure, m.field, f.Offset, m.c, c.Offset)
				}
			}
		}
		if !found {
			t.Errorf("abi.json has no %s in %s", m.c, m.structure)
		}
	}
}

// TestConstants compares every constant with the header's.
func TestConstants(t *testing.T) {
	header := abitest.Constants(t, "kstat")
	for name, value := range map[string]int64{
		"KSTAT_IOC_CHAIN_ID": KSTAT_IOC_CHAIN_ID, "KSTAT_IOC_READ": KSTAT_IOC_READ, "KSTAT_IOC_WRITE": KSTAT_IOC_WRITE,
		"KSTAT_STRLEN": KSTAT_STRLEN, "KSTAT_TYPE_RAW": KSTAT_TYPE_RAW, "KSTAT_TYPE_NAMED": KSTAT_TYPE_NAMED,
		"KSTAT_TYPE_INTR": KSTAT_TYPE_INTR, "KSTAT_TYPE_IO": KSTAT_TYPE_IO, "KSTAT_TYPE_TIMER": KSTAT_TYPE_TIMER,
		"KSTAT_DATA_CHAR": KSTAT_DATA_CHAR, "KSTAT_DATA_INT32": KSTAT_DATA_INT32, "KSTAT_DATA_UINT32": KSTAT_DATA_UINT32,
		"KSTAT_DATA_INT64": KSTAT_DATA_INT64, "KSTAT_DATA_UINT64": KSTAT_DATA_UINT64, "KSTAT_DATA_FLOAT": KSTAT_DATA_FLOAT,
		"KSTAT_DATA_DOUBLE": KSTAT_DATA_DOUBLE, "KSTAT_DATA_STRING": KSTAT_DATA_STRING,
	} {
		if want, ok := header[name]; !ok {
			t.Errorf("abi.json has no %s", name)
		} else if value != want {
			t.Errorf("%s is %d, the header has %d", name, value, want)
		}
	}
}
