//go:build cgo

package kstat

import (
	"fmt"
	"sync"

	gokstat "github.com/illumos/go-kstat"

	"github.com/gozones/zones/kstat/internal/abi"
)

// library is libkstat, through go-kstat, whose token isn't safe for concurrent use.
type library struct {
	mu    sync.Mutex // guards token; no other lock is taken under it
	token *gokstat.Token
}

func open() (reader, error) {
	token, err := gokstat.Open()
	if err != nil {
		return nil, err
	}
	return &library{token: token}, nil
}

// Close closes the token.
func (l *library) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.token.Close()
}

// Read returns the statistics that match the filter.
func (l *library) Read(f Filter) ([]*Stat, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, err := l.token.Update(); err != nil {
		return nil, err
	}
	var stats []*Stat
	for _, k := range l.token.All() {
		if !f.Matches(k.Module, int32(k.Instance), k.Name, k.Class) {
			continue
		}
		if err := k.Refresh(); err != nil {
			continue // it was deleted, or can't be read now
		}
		s, err := fromLibrary(k)
		if err != nil {
			return nil, err
		}
		stats = append(stats, s)
	}
	return stats, nil
}

// fromLibrary decodes the data that libkstat has read. Strings are elsewhere in its
// memory, so it is asked for them by the names of the values.
func fromLibrary(k *gokstat.KStat) (*Stat, error) {
	raw, err := k.Raw()
	if err != nil {
		return nil, fmt.Errorf("%s:%d:%s: %w", k.Module, k.Instance, k.Name, err)
	}
	head := &abi.Kstat{
		Instance: int32(k.Instance), Type: uint8(k.Type), NData: uint32(raw.Ndata), CrTime: k.Crtime, SnapTime: k.Snaptime,
	}
	copy(head.Module[:], k.Module)
	copy(head.Name[:], k.Name)
	copy(head.Class[:], k.Class)
	return decode(head, raw.Data, func(n *abi.KstatNamed) (string, error) {
		named, err := k.GetNamed(text(n.Name[:]))
		if err != nil {
			return "", err
		}
		return named.StringVal, nil
	})
}
