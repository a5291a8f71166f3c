package nvlist_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/nvlist"
)

// wrapped returns the packed list that has one pair, in, with a packed list, built by hand
// since Pack refuses lists that are too deep.
func wrapped(enc nvlist.Encoding, raw []byte) []byte {
	const listType, pairSize = 19, 48
	le, be := binary.LittleEndian, binary.BigEndian
	if enc == nvlist.Native {
		const head = 12 // encoding, byte order, version, flags
		pair := le.AppendUint32(nil, pairSize)
		pair = le.AppendUint16(pair, uint16(len("in")+1))
		pair = append(pair, 0, 0)
		pair = le.AppendUint32(pair, 1)
		pair = le.AppendUint32(pair, listType)
		pair = append(pair, "in\x00\x00\x00\x00\x00\x00"...)
		pair = append(pair, raw[4:head]...)
		pair = append(pair, make([]byte, pairSize-len(pair))...)
		return slices.Concat(raw[:head], pair, raw[head:], make([]byte, 4))
	}
	const head = 4
	pair := be.AppendUint32(nil, uint32(24+len(raw)-head))
	pair = be.AppendUint32(pair, pairSize)
	pair = be.AppendUint32(pair, uint32(len("in")))
	pair = append(pair, "in\x00\x00"...)
	pair = be.AppendUint32(pair, listType)
	pair = be.AppendUint32(pair, 1)
	return slices.Concat(raw[:head+8], pair, raw[head:], make([]byte, 8))
}

// TestUnpackDepth unpacks a list as deep as it may be, and one deeper.
func TestUnpackDepth(t *testing.T) {
	t.Parallel()
	for _, enc := range []nvlist.Encoding{nvlist.Native, nvlist.XDR} {
		raw := pack(t, nvlist.New(nvlist.UniqueName), enc)
		one := nvlist.New(nvlist.UniqueName)
		one.AddList("in", nvlist.New(nvlist.UniqueName))
		if got, want := wrapped(enc, raw), pack(t, one, enc); !bytes.Equal(got, want) {
			t.Fatalf("encoding %d: built by hand\n%x, packed\n%x", enc, got, want)
		}
		for range nvlist.MaxDepth {
			raw = wrapped(enc, raw)
		}
		if _, err := nvlist.Unpack(raw); err != nil {
			t.Errorf("encoding %d, as deep as can be: %v", enc, err)
		}
		if _, err := nvlist.Unpack(wrapped(enc, raw)); !errors.Is(err, errno.EINVAL) {
			t.Errorf("encoding %d, one deeper: %v", enc, err)
		}
	}
}

// TestEmptyArrays: as in libnvpair, an empty array of numbers in XDR takes four bytes
// more than it has, those of a length.
func TestEmptyArrays(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		add  func(*nvlist.List)
		more int
	}{
		"bytes":    {func(l *nvlist.List) { l.AddByteArray("in", nil) }, 0},
		"int8":     {func(l *nvlist.List) { l.AddInt8Array("in", nil) }, 4},
		"uint16":   {func(l *nvlist.List) { l.AddUint16Array("in", nil) }, 4},
		"uint64":   {func(l *nvlist.List) { l.AddUint64Array("in", nil) }, 4},
		"booleans": {func(l *nvlist.List) { l.AddBooleanArray("in", nil) }, 4},
		"strings":  {func(l *nvlist.List) { l.AddStringArray("in", nil) }, 0},
	} {
		l := nvlist.New(nvlist.UniqueName)
		c.add(l)
		raw := pack(t, l, nvlist.XDR)
		const head, pair, end = 12, 24, 8
		if size := int(binary.BigEndian.Uint32(raw[head:])); size != pair+c.more || len(raw) != head+pair+end+c.more {
			t.Errorf("%s: the pair's size is %d, the list's %d: %x", name, size, len(raw), raw)
		}
	}
}
