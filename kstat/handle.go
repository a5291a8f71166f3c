package kstat

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// ErrNone is wrapped by the error for a statistic that doesn't exist.
var ErrNone = errors.New("no such kstat")

// Handle is a source of statistics that is open. Goroutines may share it.
type Handle struct{ reader reader }

// Open opens the statistics of this host. On Linux that starts the kernel process if
// none is running. [os.ErrNotExist] when there are none.
func Open() (*Handle, error) {
	r, err := open()
	if err != nil {
		return nil, fmt.Errorf("kstat: %w", err)
	}
	return &Handle{r}, nil
}

// Read reads the statistics that match the filter, sorted by module, instance and name.
// The values of one statistic are of the same moment, those of different ones may not be.
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

// AnyInstance stands for every instance in Lookup.
const AnyInstance = -1

// Lookup reads one statistic: the first in the order of Read if several match. As for
// kstat_lookup(3KSTAT), the instance -1 and an empty module or name match any. [ErrNone]
// when there is none.
func (h *Handle) Lookup(module string, instance int32, name string) (*Stat, error) {
	f := Filter{Module: module, Name: name}
	if instance != AnyInstance {
		f.Instance = &instance
	}
	stats, err := h.Read(f)
	if err != nil {
		return nil, err
	}
	if len(stats) == 0 {
		return nil, fmt.Errorf("%s:%d:%s: %w", module, instance, name, ErrNone)
	}
	return stats[0], nil
}

// Close closes what [Open] opened.
func (h *Handle) Close() error { return h.reader.Close() }
