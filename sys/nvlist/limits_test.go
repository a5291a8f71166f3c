package nvlist_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
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

// TestUnpackXDRErrors damages the words of a packed list, and cuts it.
func TestUnpackXDRErrors(t *testing.T) {
	t.Parallel()
	// The offsets of the words of the pair.
	const decoded, name, typ, elems, value, text, end = 16, 20, 28, 32, 36, 40, 44
	words := nvlist.New(0)
	words.AddUint32Array("abc", []uint32{7}) // the value is the count and the number
	str := nvlist.New(0)
	str.AddString("abc", "x") // the value is the length and the text
	strs := nvlist.New(0)
	strs.AddStringArray("abc", []string{"x"})
	list := nvlist.New(0)
	list.AddList("abc", nvlist.New(0))
	eleven := nvlist.New(0)
	eleven.AddString("elevenbytes", "x")
	long := nvlist.New(0)
	long.AddString(strings.Repeat("n", 400), strings.Repeat("x", 400))
	numbers := nvlist.New(0)
	numbers.AddUint64Array("abc", make([]uint64, 100))
	// Arrays of 250 numbers that have none.
	claims := pack(t, nvlist.New(0), nvlist.XDR)[:12]
	for range 3 {
		for _, word := range []uint32{28, 24 + 8*250, 3, 'a' << 24, uint32(nvlist.TypeUint64Array), 250, 0} {
			claims = binary.BigEndian.AppendUint32(claims, word)
		}
	}
	claims = append(claims, make([]byte, 1000)...)
	set := func(l *nvlist.List, changes ...int) []byte {
		b := pack(t, l, nvlist.XDR)
		for i := 0; i < len(changes); i += 2 {
			binary.BigEndian.PutUint32(b[changes[i]:], uint32(changes[i+1]))
		}
		return b
	}
	for _, c := range []struct {
		name, text string
		raw        []byte
		err        errno.Errno
	}{
		{"size", "16: a pair of 16 bytes, with 32 left", set(str, decoded, 16), errno.EFAULT},
		{"large size", "16: a pair of 4000 bytes, with 32 left", set(str, decoded, 4000), errno.EFAULT},
		{"name size", "20: a string of 200 bytes in room for 15", set(str, name, 200), errno.EFAULT},
		{"a name that fills the pair", "20: the name doesn't fit the pair", set(eleven, decoded, 28), errno.EFAULT},
		{"type", "20: no type has number 99", set(str, typ, 99), errno.EFAULT},
		{"elements", "20: a value of type string with 3 elements", set(str, elems, 3), errno.EFAULT},
		{"text", "36: a string of 9 bytes in room for 7", set(str, value, 9), errno.EFAULT},
		{"count", "36: 4 elements in room for 2", set(words, value, 4), errno.EFAULT},
		{"more elements", "20: the value doesn't fit the pair", set(words, elems, 400), errno.EFAULT},
		{"more strings", "36: the strings don't fit the pair", set(strs, elems, 2), errno.EFAULT},
		{"more lists", "20: a value of type nvlist with 2 elements", set(list, elems, 2), errno.EFAULT},
		{"boolean", "20: a boolean is neither true nor false", set(str, typ, int(nvlist.TypeBooleanValue), value, 2), errno.EFAULT},
		{"list", "20: the value doesn't fit the pair", set(list, typ, int(nvlist.TypeListArray)), errno.EFAULT},
		{"cut in the head", "8: ends in the head of the list", set(str)[:8], errno.EFAULT},
		{"cut in the sizes", "12: ends inside a list", set(str)[:name-1], errno.EFAULT},
		{"cut in the name", "16: a pair of 32 bytes, with 7 left", set(str)[:typ-1], errno.EFAULT},
		{"cut in a long name", "24: ends inside a pair", set(long)[:423], errno.EFAULT},
		{"cut in the type", "424: ends inside a pair", set(long)[:427], errno.EFAULT},
		{"cut in a length", "432: ends inside a pair", set(long)[:435], errno.EFAULT},
		{"cut in a long text", "436: ends inside a pair", set(long)[:835], errno.EFAULT},
		{"cut after a text", "836: ends inside a list", set(long)[:836], errno.EFAULT},
		{"cut after numbers", "840: ends inside a list", set(numbers)[:840], errno.EFAULT},
		{"cut in numbers", "40: ends inside a pair", set(numbers)[:839], errno.EFAULT},
		{"false claims", "76: arrays claim to be longer than they are", claims, errno.ENOMEM},
		{"cut in the end", "44: ends inside a list", set(str)[:end], errno.EFAULT},
	} {
		if _, err := nvlist.Unpack(c.raw); !errors.Is(err, c.err) || err.Error() != "nvlist: offset "+c.text {
			t.Errorf("%s: %v, want offset %s (%v)", c.name, err, c.text, c.err)
		}
	}
}
