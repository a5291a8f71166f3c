package kstat

import (
	"cmp"
	"slices"

	"github.com/gozones/zones/sys/zone"
)

// Source is a kernel that keeps statistics of zones; a [zone.Kernel] is one.
type Source interface {
	Kstats() ([]zone.Kstat, error)
}

// Of returns the statistics of a kernel. Closing the handle leaves the kernel open.
func Of(s Source) *Handle { return &Handle{source{s}} }

type source struct{ kernel Source }

// Close does nothing.
func (s source) Close() error { return nil }

// Read reads them.
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

// fromZone makes a statistic of one that has its values by name only.
func fromZone(k zone.Kstat) *Stat {
	s := &Stat{Module: k.Module, Instance: k.Instance, Name: k.Name, Class: k.Class, Type: Named}
	for name, value := range k.Data {
		s.Values = append(s.Values, Value{Name: name, Value: value})
	}
	slices.SortFunc(s.Values, func(a, b Value) int { return cmp.Compare(a.Name, b.Name) })
	return s
}
