package kstat

import (
	"cmp"
	"slices"

	"github.com/gozones/zones/sys/zone"
)

// Source is a kernel that has statistics of zones, such as an embedded kernel.
type Source interface {
	// Kstats returns the statistics of all zones.
	Kstats() ([]zone.Kstat, error)
}

// Of returns a handle to the statistics of a kernel. Closing it doesn't close the kernel.
func Of(s Source) *Handle { return &Handle{source{s}} }

type source struct{ kernel Source }

// Close does nothing.
func (s source) Close() error { return nil }

// Read returns the statistics that match the filter.
func (s source) Read(f Filter) ([]*Stat, error) {
	list, err := s.kernel.Kstats()
	if err != nil {
		return nil, err
	}
	var stats []*Stat
	for _, k := range list {
		if f.Matches(k.Module, k.Instance, k.Name, k.Class) {
			stats = append(stats, fromZone(k))
		}
	}
	return stats, nil
}

// fromZone converts a statistic of a zone, with its values sorted by name.
func fromZone(k zone.Kstat) *Stat {
	s := &Stat{Module: k.Module, Instance: k.Instance, Name: k.Name, Class: k.Class, Type: Named}
	for name, value := range k.Data {
		s.Values = append(s.Values, Value{Name: name, Value: value})
	}
	slices.SortFunc(s.Values, func(a, b Value) int { return cmp.Compare(a.Name, b.Name) })
	return s
}
