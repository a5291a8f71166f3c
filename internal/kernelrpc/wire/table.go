package wire

import (
	"encoding/binary"
	"errors"

	"github.com/gozones/zones/sys/zone"
)

// Table is a [zone.Table] with an encoding of its own, because every command reads it and
// it may have thousands of zones. The caller's zone is followed by four numbers and three
// strings for each zone. Numbers are varints; a string follows its length.
type Table zone.Table

// AppendBinary encodes the table.
func (t *Table) AppendBinary(b []byte) ([]byte, error) {
	b = binary.AppendVarint(b, int64(t.Caller))
	for i := range t.Zones {
		z := &t.Zones[i]
		b = binary.AppendVarint(b, int64(z.ID))
		b = binary.AppendUvarint(b, z.UniqID)
		b = binary.AppendUvarint(b, uint64(z.Status))
		b = binary.AppendUvarint(b, uint64(z.Flags))
		for _, text := range [...]string{z.Name, z.Root, z.Brand} {
			b = append(binary.AppendUvarint(b, uint64(len(text))), text...)
		}
	}
	return b, nil
}

var errTable = errors.New("it is no table of zones")

// UnmarshalBinary decodes a table.
func (t *Table) UnmarshalBinary(raw []byte) error {
	r := reader{rest: raw}
	*t = Table{Caller: zone.ID(r.signed(32))}
	for len(r.rest) > 0 && !r.bad {
		t.Zones = append(t.Zones, zone.Info{ID: zone.ID(r.signed(32)), UniqID: r.unsigned(64), Status: zone.Status(r.unsigned(32)), Flags: uint16(r.unsigned(16)),
			Name: r.text(), Root: r.text(), Brand: r.text()})
	}
	if r.bad {
		*t = Table{}
		return errTable
	}
	return nil
}

// reader reads numbers and strings. bad is set by one that is incomplete or too large.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) signed(bits int) int64 {
	v, n := binary.Varint(r.rest)
	r.skip(n, v>>(bits-1) == 0 || v>>(bits-1) == -1)
	return v
}

func (r *reader) unsigned(bits int) uint64 {
	v, n := binary.Uvarint(r.rest)
	r.skip(n, bits == 64 || v>>bits == 0)
	return v
}

func (r *reader) text() string {
	part, rest, ok := cutPart(r.rest)
	r.rest, r.bad = rest, r.bad || !ok
	return string(part)
}

// skip skips n bytes of a number.
func (r *reader) skip(n int, fits bool) {
	if n <= 0 || !fits {
		r.rest, r.bad = nil, true
		return
	}
	r.rest = r.rest[n:]
}
