package nvlist

import (
	"math"
	"time"

	"github.com/gozones/zones/sys/errno"
)

// Pair is a pair of a list (nvpair_t). It stays valid and unchanged when the list changes,
// except by [List.Reset].
type Pair struct {
	typ    Type
	raw    []byte // head, name, value
	nested []byte // starts with the pairs of nested lists
}

// at returns the pair at r.
func (l *List) at(r ref) Pair {
	p := l.buf[r.off : r.off+r.size : r.off+r.size]
	size := le.Uint32(p[offSize:])
	pair := Pair{typ: Type(le.Uint32(p[offType:])), raw: p[:size:size]}
	if int(size) < len(p) {
		pair.nested = p[size:]
	}
	return pair
}

func (p Pair) nameBytes() []byte { return p.raw[pairHead : pairHead+p.nameSize()-1] }
func (p Pair) nameSize() int     { return int(le.Uint16(p.raw[offNameSz:])) }
func (p Pair) value() []byte     { return p.raw[align8(pairHead+p.nameSize()):] }

// lists returns the number of nested lists after the pair.
func (p Pair) lists() int {
	if p.typ == TypeList || p.typ == TypeListArray {
		return p.Elems()
	}
	return 0
}

// Name returns the name (nvpair_name).
func (p Pair) Name() string { return string(p.nameBytes()) }

// Type returns the type of the value (nvpair_type).
func (p Pair) Type() Type { return p.typ }

// Elems returns the number of elements of an array, 1 for other values, 0 for a boolean
// without a value.
func (p Pair) Elems() int { return int(le.Uint32(p.raw[offElem:])) }

// Value returns the value as the Go type in the comment of its [Type] constant: uint64 for
// TypeUint64. It is true for a boolean without a value.
func (p Pair) Value() any {
	switch p.typ {
	case TypeBoolean:
		return true
	case TypeBooleanValue:
		return p.number() != 0
	case TypeByte, TypeUint8:
		return uint8(p.number())
	case TypeInt8:
		return int8(p.number())
	case TypeInt16:
		return int16(p.number())
	case TypeUint16:
		return uint16(p.number())
	case TypeInt32:
		return int32(p.number())
	case TypeUint32:
		return uint32(p.number())
	case TypeInt64:
		return int64(p.number())
	case TypeUint64:
		return p.number()
	case TypeHrtime:
		return time.Duration(p.number())
	case TypeDouble:
		return math.Float64frombits(p.number())
	case TypeString:
		return p.text()
	case TypeBooleanArray:
		return p.bools()
	case TypeByteArray, TypeUint8Array:
		return integers[uint8](p)
	case TypeInt8Array:
		return integers[int8](p)
	case TypeInt16Array:
		return integers[int16](p)
	case TypeUint16Array:
		return integers[uint16](p)
	case TypeInt32Array:
		return integers[int32](p)
	case TypeUint32Array:
		return integers[uint32](p)
	case TypeInt64Array:
		return integers[int64](p)
	case TypeUint64Array:
		return integers[uint64](p)
	case TypeStringArray:
		return p.texts()
	case TypeList:
		return p.list()
	case TypeListArray:
		return p.listArray()
	}
	return nil
}

// need returns an error unless the pair has the type.
func (p Pair) need(t Type) error {
	if p.typ == t {
		return nil
	}
	return &Error{Op: "read", Name: p.Name(), Type: p.typ, Err: errno.EINVAL, Reason: "the value is not of type " + t.String()}
}

// Uint64 returns the value of a uint64 pair (nvpair_value_uint64). EINVAL for
// a pair of another type.
func (p Pair) Uint64() (uint64, error) {
	if err := p.need(TypeUint64); err != nil {
		return 0, err
	}
	return p.number(), nil
}

// Text returns the value of a string pair (nvpair_value_string). EINVAL for a
// pair of another type.
func (p Pair) Text() (string, error) {
	if err := p.need(TypeString); err != nil {
		return "", err
	}
	return p.text(), nil
}

// List returns the value of an nvlist pair (nvpair_value_nvlist). EINVAL for a
// pair of another type.
func (p Pair) List() (*List, error) {
	if err := p.need(TypeList); err != nil {
		return nil, err
	}
	return p.list(), nil
}

// Lists returns the value of an nvlist array pair (nvpair_value_nvlist_array).
// EINVAL for a pair of another type.
func (p Pair) Lists() ([]*List, error) {
	if err := p.need(TypeListArray); err != nil {
		return nil, err
	}
	return p.listArray(), nil
}

// number returns the bits of a number, without sign extension.
func (p Pair) number() uint64 { return p.bits(0) }

// bits is number for element i of an array.
func (p Pair) bits(i int) uint64 {
	v := p.value()
	switch shapes[p.typ].width {
	case 1:
		return uint64(v[i])
	case 2:
		return uint64(le.Uint16(v[2*i:]))
	case 4:
		return uint64(le.Uint32(v[4*i:]))
	}
	return le.Uint64(v[8*i:])
}

func (p Pair) text() string { return cString(p.value()) }

func (p Pair) texts() []string {
	n := p.Elems()
	texts := make([]string, n)
	rest := p.value()[pointer*n:]
	for i := range texts {
		texts[i] = cString(rest)
		rest = rest[len(texts[i])+1:]
	}
	return texts
}

func (p Pair) bools() []bool {
	v := p.value()
	bools := make([]bool, p.Elems())
	for i := range bools {
		bools[i] = le.Uint32(v[4*i:]) != 0
	}
	return bools
}

type integer interface {
	~int8 | ~uint8 | ~int16 | ~uint16 | ~int32 | ~uint32 | ~int64 | ~uint64
}

func integers[T integer](p Pair) []T {
	v := p.value()
	a := make([]T, p.Elems())
	switch shapes[p.typ].width {
	case 1:
		for i := range a {
			a[i] = T(v[i])
		}
	case 2:
		for i := range a {
			a[i] = T(le.Uint16(v[2*i:]))
		}
	case 4:
		for i := range a {
			a[i] = T(le.Uint32(v[4*i:]))
		}
	case 8:
		for i := range a {
			a[i] = T(le.Uint64(v[8*i:]))
		}
	}
	return a
}

func (p Pair) list() *List {
	l, _ := window(p.value(), p.nested)
	return l
}

func (p Pair) listArray() []*List {
	n := p.Elems()
	lists := make([]*List, n)
	heads, rest := p.value()[pointer*n:], p.nested
	for i := range lists {
		var used int
		lists[i], used = window(heads[listHead*i:], rest)
		rest = rest[used:]
	}
	return lists
}

// window returns the nested list with a head, whose pairs are at the start of b, and its
// size in b with the terminator.
func window(head, b []byte) (*List, int) {
	l := &List{version: int32(le.Uint32(head)), flags: le.Uint32(head[4:])}
	end := 0
	for le.Uint32(b[end:]) != 0 {
		size, depth := extent(b[end:])
		l.refs = append(l.refs, ref{off: uint32(end), size: uint32(size), key: keyOf(Pair{raw: b[end:]}.nameBytes())})
		l.depth = max(l.depth, int32(depth))
		end += size
	}
	l.buf = b[:end:end]
	l.live = len(l.refs)
	l.index()
	return l, end + terminator
}

// extent returns the size of a pair with its nested lists, and the depth of those.
func extent(b []byte) (size, depth int) {
	p := Pair{typ: Type(le.Uint32(b[offType:])), raw: b}
	size = int(le.Uint32(b[offSize:]))
	if n := p.lists(); n > 0 {
		used, below := measure(b[size:], n)
		return size + used, below + 1
	}
	return size, 0
}

// measure returns the size of n lists, and the depth of lists nested in them.
func measure(b []byte, n int) (used, depth int) {
	for range n {
		for le.Uint32(b[used:]) != 0 {
			size, below := extent(b[used:])
			used += size
			depth = max(depth, below)
		}
		used += terminator
	}
	return used, depth
}
