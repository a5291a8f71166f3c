package kstat

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// ErrNone is in the chain of the error about a statistic that isn't there.
var ErrNone = errors.New("no such kstat")

// Handle is an open way to the statistics. It may be used by many goroutines.
type Handle struct{ reader reader }

// Open opens the statistics of this machine.
func Open() (*Handle, error) {
	r, err := open()
	if err != nil {
		return nil, fmt.Errorf("kstat: %w", err)
	}
	return &Handle{r}, nil
}

// Read returns the statistics that the filter chooses, as they read now, sorted by
// module, instance and name. One read is one moment only within each of them.
func (h *Handle) Read(f Filter) ([]*Stat, error) {
	stats, err := h.reader.Read(f)
	if err != nil {
		return nil, fmt.Errorf("kstat: %w", err)
	}
	slices.SortStableFunc(stats, func(a, b *Stat) int {
		return cmp.Or(cmp.Compare(a.Module, b.Module), cmp.Compare(a.Instance, b.Instance), cmp.Compare(a.Name, b.Name))
	})
	return stats, nil
}

// Lookup returns one statistic; ErrNone when it isn't there.
func (h *Handle) Lookup(module string, instance int32, name string) (*Stat, error) {
	stats, err := h.Read(Filter{Module: module, Instance: &instance, Name: name})
	if err != nil {
		return nil, err
	}
	if len(stats) == 0 {
		return nil, fmt.Errorf("%s:%d:%s: %w", module, instance, name, ErrNone)
	}
	return stats[0], nil
}

// Close lets go of what Open took.
func (h *Handle) Close() error { return h.reader.Close() }
