package kstat

import (
	"fmt"
	"time"

	"github.com/gozones/zones/kstat/internal/abi"
)

// Type is the type of a statistic (ks_type).
type Type uint8

// The types.
const (
	Raw   Type = abi.KSTAT_TYPE_RAW   // KSTAT_TYPE_RAW: bytes of a format of its own
	Named Type = abi.KSTAT_TYPE_NAMED // KSTAT_TYPE_NAMED: named values
	Intr  Type = abi.KSTAT_TYPE_INTR  // KSTAT_TYPE_INTR: numbers of interrupts (kstat_intr_t)
	IO    Type = abi.KSTAT_TYPE_IO    // KSTAT_TYPE_IO: of a device or a queue (kstat_io_t)
	Timer Type = abi.KSTAT_TYPE_TIMER // KSTAT_TYPE_TIMER: durations of events (kstat_timer_t)
)

var typeNames = [...]string{"raw", "named", "intr", "io", "timer"}

// String returns "raw", "named", "intr", "io" or "timer".
func (t Type) String() string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	return fmt.Sprintf("type %d", uint8(t))
}

// Stat is a statistic (kstat_t) at the time when it was read.
type Stat struct {
	Module   string // part of the kernel that has it: "zones"
	Instance int32  // of the module; the zone's id for those of zones
	Name     string
	Class    string // "zone_misc"
	Type     Type
	Created  time.Duration // time of its creation since boot (ks_crtime)
	Snapshot time.Duration // time when it was read since boot (ks_snaptime)

	// Values are the values in the order of the kernel. For types other than Named they
	// are the members of the C structure, under their names there; for Timer under
	// EVENT.MEMBER.
	Values []Value
	// Bytes are the data of a Raw statistic.
	Bytes []byte
}

// Value is a named value.
type Value struct {
	Name  string
	Value any // a string, int32, uint32, int64, uint64, float32 or float64
}

// Get returns the value with a name, and whether there is one.
func (s *Stat) Get(name string) (any, bool) {
	for _, v := range s.Values {
		if v.Name == name {
			return v.Value, true
		}
	}
	return nil, false
}

// Uint64 returns the value with a name. The bool is false if there is none, or if it isn't
// an integer or is negative.
func (s *Stat) Uint64(name string) (uint64, bool) {
	v, _ := s.Get(name)
	switch v := v.(type) {
	case uint64:
		return v, true
	case uint32:
		return uint64(v), true
	case int64:
		return uint64(v), v >= 0
	case int32:
		return uint64(v), v >= 0
	}
	return 0, false
}

// Text returns the value with a name. The bool is false if there is none, or if it isn't a
// string.
func (s *Stat) Text(name string) (string, bool) {
	v, _ := s.Get(name)
	text, ok := v.(string)
	return text, ok
}

// String returns the statistic as "MODULE:INSTANCE:NAME (CLASS)".
func (s *Stat) String() string {
	return fmt.Sprintf("%s:%d:%s (%s)", s.Module, s.Instance, s.Name, s.Class)
}

// Filter selects statistics. The zero value selects all.
type Filter struct {
	Module, Name, Class string // "": any
	Instance            *int32 // nil: any
}

// Matches reports whether the filter selects a statistic with these names.
func (f Filter) Matches(module string, instance int32, name, class string) bool {
	return (f.Module == "" || f.Module == module) && (f.Name == "" || f.Name == name) &&
		(f.Class == "" || f.Class == class) && (f.Instance == nil || *f.Instance == instance)
}

// reader reads the statistics of a kernel. Goroutines may share it.
type reader interface {
	// Read reads the statistics that match the filter, in any order. Those that are
	// deleted meanwhile are left out.
	Read(Filter) ([]*Stat, error)
	Close() error
}
