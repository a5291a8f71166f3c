//go:build cgo

package kstat

import (
	"fmt"
	"sync"

	gokstat "github.com/illumos/go-kstat"

	"github.com/gozones/zones/kstat/internal/abi"
)

// library is libkstat, by way of go-kstat. Its token may be used by one goroutine at
// a time.
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

// Close closes it.
func (l *library) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.token.Close()
}

// Read reads the statistics that the filter chooses.
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
			continue // it has gone, or can't be read now
		}
		s, err := fromLibrary(k)
		if err != nil {
			return nil, err
		}
		stats = append(stats, s)
	}
	return stats, nil
}

// fromLibrary decodes the bytes that libkstat has; strings stand elsewhere in its
// memory, and it finds them by the value's name.
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
