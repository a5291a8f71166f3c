package replay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// errFault is the error for bytes of a simulated process that aren't mapped or are
// read-only.
var errFault = errors.New("bad address")

// memory is the address space of a call: each buffer is a mapping with a gap
// before and after it.
type memory struct {
	mappings []*mapping
	next     uint64
}

type mapping struct {
	name     string
	base     uint64
	now, was []byte
	readOnly bool
}

const (
	badAddress = 0x7fff_0000
	firstBase  = 0x1_0000
	gap        = 0x1000
)

func (m *memory) add(name string, content []byte, readOnly bool) uint64 {
	base := max(m.next, firstBase)
	m.mappings = append(m.mappings, &mapping{name, base, bytes.Clone(content), content, readOnly})
	m.next = (base + uint64(len(content)) + 2*gap) &^ (gap - 1)
	return base
}

// argument maps the buffer of a recorded argument and returns its address.
func (m *memory) argument(name string, arg json.RawMessage) (uint64, error) {
	if len(arg) == 0 || string(arg) == "null" {
		return 0, nil
	}
	if string(arg) == `"bad"` {
		return badAddress, nil
	}
	var a struct {
		B        *string `json:"b"`
		N        *int    `json:"n"`
		ReadOnly bool    `json:"ro"`
	}
	if err := json.Unmarshal(arg, &a); err != nil {
		return 0, fmt.Errorf("argument %s: %w", name, err)
	}
	var content []byte
	switch {
	case a.B != nil:
		raw, err := parseBytes(*a.B)
		if err != nil {
			return 0, err
		}
		content = raw
	case a.N != nil:
		content = bytes.Repeat([]byte{0xa5}, *a.N)
	default:
		return 0, fmt.Errorf("argument %s is no user buffer: %s", name, arg)
	}
	return m.add(name, content, a.ReadOnly), nil
}

func (m *memory) find(addr uint64, n int) (*mapping, int) {
	for _, p := range m.mappings {
		if addr >= p.base && addr+uint64(n) <= p.base+uint64(len(p.now)) {
			return p, int(addr - p.base)
		}
	}
	return nil, 0
}

// ReadMem implements kernel.Memory.
func (m *memory) ReadMem(addr uint64, b []byte) error {
	p, at := m.find(addr, len(b))
	if p == nil {
		return errFault
	}
	copy(b, p.now[at:])
	return nil
}

// WriteMem implements kernel.Memory.
func (m *memory) WriteMem(addr uint64, b []byte) error {
	p, at := m.find(addr, len(b))
	if p == nil || p.readOnly {
		return errFault
	}
	copy(p.now[at:], b)
	return nil
}

// changed returns the buffers that have changed.
func (m *memory) changed() map[string][]byte {
	var out map[string][]byte
	for _, p := range m.mappings {
		if p.name != "" && !bytes.Equal(p.now, p.was) {
			if out == nil {
				out = map[string][]byte{}
			}
			out[p.name] = bytes.Clone(p.now)
		}
	}
	return out
}
