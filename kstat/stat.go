package kstat

import (
	"fmt"
	"time"

	"github.com/gozones/zones/kstat/internal/abi"
)

// Type is what a statistic holds (ks_type).
type Type uint8

// The types.
const (
	Raw   Type = abi.KSTAT_TYPE_RAW   // KSTAT_TYPE_RAW: bytes
	Named Type = abi.KSTAT_TYPE_NAMED // KSTAT_TYPE_NAMED: values with names
	Intr  Type = abi.KSTAT_TYPE_INTR  // KSTAT_TYPE_INTR: counts of interrupts
	IO    Type = abi.KSTAT_TYPE_IO    // KSTAT_TYPE_IO: of a device or a queue
	Timer Type = abi.KSTAT_TYPE_TIMER // KSTAT_TYPE_TIMER: how long events took
)

var typeNames = [...]string{"raw", "named", "intr", "io", "timer"}

// String returns the type's name.
func (t Type) String() string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	return fmt.Sprintf("type %d", uint8(t))
}

// Stat is a statistic as it read at one moment.
type Stat struct {
	Module   string
	Instance int32
	Name     string
	Class    string
	Type     Type
	Created  time.Duration // since boot
	Snapshot time.Duration // when it was read, since boot

	// Values are those of a Named one, in its order; of others, what the system's
	// headers name, by those names.
	Values []Value
	// Bytes are those of a Raw one.
	Bytes []byte
}

// Value is one value with its name: a string, an int32, uint32, int64, uint64,
// float32 or float64.
type Value struct {
	Name  string
	Value any
}

// Get returns a value by name.
func (s *Stat) Get(name string) (any, bool) {
	for _, v := range s.Values {
		if v.Name == name {
			return v.Value, true
		}
	}
	return nil, false
}

// Uint64 returns a value that is a whole number not below zero.
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

// Text returns a value that is a string.
func (s *Stat) Text(name string) (string, bool) {
	v, _ := s.Get(name)
	text, ok := v.(string)
	return text, ok
}

// String returns the statistic's four names, as kstat(8) writes them.
func (s *Stat) String() string {
	return fmt.Sprintf("%s:%d:%s (%s)", s.Module, s.Instance, s.Name, s.Class)
}

// Filter chooses statistics: those with all the names that aren't "".
type Filter struct {
	Module, Name, Class string
	Instance            *int32 // nil: any
}

// Matches tells that it chooses one with these names.
func (f Filter) Matches(module string, instance int32, name, class string) bool {
	return (f.Module == "" || f.Module == module) && (f.Name == "" || f.Name == name) &&
		(f.Class == "" || f.Class == class) && (f.Instance == nil || *f.Instance == instance)
}

// reader reads the statistics of a kernel. It may be used by many goroutines.
type reader interface {
	// Read returns the statistics that the filter chooses, as they read now, in the
	// kernel's order. Those that go away meanwhile are left out.
	Read(Filter) ([]*Stat, error)
	Close() error
}
