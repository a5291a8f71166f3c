package nvlist

import (
	"encoding/binary"
	"fmt"

	"github.com/gozones/zones/sys/errno"
)

var be = binary.BigEndian

const (
	xdrPairHead = 5 * 4 // encoded size, decoded size, length of the name, type, elements
	xdrListHead = 8     // version and flags
	xdrListEnd  = 8     // two zero sizes
)

func align4(n int64) int64 { return (n + 3) &^ 3 }

// xdrSize returns the size of a list in XDR.
func (l *List) xdrSize() int64 {
	size := int64(xdrListHead + xdrListEnd)
	for _, r := range l.refs {
		if r.size != 0 {
			pair, _ := xdrPairSize(l.buf[r.off:])
			size += pair
		}
	}
	return size
}

// xdrPairSize returns the encoded size of the pair at the start of native, and the bytes
// after that pair. The size of an array of numbers without elements is four bytes more
// than is written: libnvpair counts the length, which it then leaves out, and pads the
// list by as much.
func xdrPairSize(native []byte) (size int64, rest []byte) {
	length := le.Uint32(native[offSize:])
	p := Pair{typ: Type(le.Uint32(native[offType:])), raw: native[:length]}
	rest = native[length:]
	size = xdrPairHead + align4(int64(p.nameSize()-1))
	n := int64(p.Elems())
	switch p.typ {
	case TypeBoolean:
	case TypeString:
		size += 4 + align4(int64(cLen(p.value())))
	case TypeByteArray:
		size += align4(n)
	case TypeStringArray:
		texts := p.value()[pointer*n:]
		for range n {
			length := cLen(texts)
			size += 4 + align4(int64(length))
			texts = texts[length+1:]
		}
	case TypeList, TypeListArray:
		for range n {
			size += xdrListHead + xdrListEnd
			for le.Uint32(rest) != 0 {
				var pair int64
				pair, rest = xdrPairSize(rest)
				size += pair
			}
			rest = rest[terminator:]
		}
	default:
		unit := max(4, int64(shapes[p.typ].width))
		size += unit * n
		if p.typ.IsArray() {
			size += 4
		}
	}
	return size, rest
}

// appendXDR appends the list, whose size is given.
func (l *List) appendXDR(b []byte, size int) []byte {
	end := len(b) + size
	b = be.AppendUint32(b, uint32(l.version))
	b = be.AppendUint32(b, l.flags)
	for _, r := range l.refs {
		if r.size != 0 {
			b, _, _ = appendXDRPair(b, l.buf[r.off:])
		}
	}
	b = append(b, 0, 0, 0, 0, 0, 0, 0, 0)
	for len(b) < end { // see xdrPairSize
		b = append(b, 0)
	}
	return b
}

func appendXDRString(b, s []byte) []byte {
	b = be.AppendUint32(b, uint32(len(s)))
	return appendXDROpaque(b, s)
}

func appendXDROpaque(b, s []byte) []byte {
	var padding [3]byte
	b = append(b, s...)
	return append(b, padding[:-len(s)&3]...)
}

// appendXDRPair appends the pair at the start of native with its nested lists. It returns
// the bytes after them, and by how much the encoded size exceeds what was written, see
// xdrPairSize.
func appendXDRPair(b, native []byte) (out, rest []byte, missing int) {
	start := len(b)
	size := le.Uint32(native[offSize:])
	p := Pair{typ: Type(le.Uint32(native[offType:])), raw: native[:size]}
	rest = native[size:]
	b = be.AppendUint32(b, 0)
	b = be.AppendUint32(b, uint32(len(p.raw)))
	b = appendXDRString(b, p.nameBytes())
	n := p.Elems()
	b = be.AppendUint64(b, uint64(p.typ)<<32|uint64(n))
	value := p.value()
	switch {
	case p.typ == TypeUint64 || p.typ == TypeInt64 || p.typ == TypeHrtime || p.typ == TypeDouble:
		b = be.AppendUint64(b, le.Uint64(value))
	case n == 0:
		if p.typ.IsArray() && shapes[p.typ].width != 0 && p.typ != TypeByteArray {
			missing = 4
		}
	case p.typ == TypeString:
		b = appendXDRString(b, value[:cLen(value)])
	case p.typ == TypeByteArray:
		b = appendXDROpaque(b, value[:n])
	case p.typ == TypeStringArray:
		texts := value[pointer*n:]
		for range n {
			length := cLen(texts)
			b = appendXDRString(b, texts[:length])
			texts = texts[length+1:]
		}
	case p.typ == TypeList:
		b, rest, missing = appendXDRLists(b, value, rest, 1)
	case p.typ == TypeListArray:
		b, rest, missing = appendXDRLists(b, value[pointer*n:], rest, n)
	default:
		b = appendXDRNumbers(b, p, value, n)
	}
	be.PutUint32(b[start:], uint32(len(b)-start+missing))
	return b, rest, missing
}

// appendXDRLists appends the n lists at the start of native, with the results of
// appendXDRPair.
func appendXDRLists(b, heads, native []byte, n int) (out, rest []byte, missing int) {
	rest = native
	for i := range n {
		b = be.AppendUint32(b, le.Uint32(heads[listHead*i:]))
		b = be.AppendUint32(b, le.Uint32(heads[listHead*i+4:]))
		for le.Uint32(rest) != 0 {
			var more int
			b, rest, more = appendXDRPair(b, rest)
			missing += more
		}
		b = append(b, 0, 0, 0, 0, 0, 0, 0, 0)
		rest = rest[terminator:]
	}
	return b, rest, missing
}

func appendXDRNumbers(b []byte, p Pair, value []byte, n int) []byte {
	if p.typ.IsArray() {
		b = be.AppendUint32(b, uint32(n))
	}
	for i := range n {
		switch shapes[p.typ].width {
		case 1:
			b = be.AppendUint32(b, uint32(int8(value[i]))) // libnvpair encodes all as char
		case 2:
			u := le.Uint16(value[2*i:])
			if p.typ == TypeInt16 || p.typ == TypeInt16Array {
				b = be.AppendUint32(b, uint32(int16(u)))
			} else {
				b = be.AppendUint32(b, uint32(u))
			}
		case 4:
			b = be.AppendUint32(b, le.Uint32(value[4*i:]))
		case 8:
			b = be.AppendUint64(b, le.Uint64(value[8*i:]))
		}
	}
	return b
}

// xdrDecoder converts XDR pairs to native ones, with the bytes that libnvpair has in
// memory, so that input which libnvpair accepts is packed again as libnvpair packs it.
type xdrDecoder struct {
	in     []byte
	pos    int
	out    []byte
	budget int // by how many bytes out may still grow
}

// xdrGrowth is the largest ratio of a decoded list to its input. A list with true array
// lengths needs 2.25 at most.
const xdrGrowth = 4

func unpackXDR(in []byte) (*List, error) {
	d := xdrDecoder{in: in, pos: packHead, budget: xdrGrowth * len(in)}
	if len(in) < packHead+xdrListHead {
		return nil, d.refuse(len(in), "ends in the head of the list", errno.EFAULT)
	}
	d.out = make([]byte, 0, len(in)+len(in)/2)
	u := new(unpackedList)
	u.refs = u.someRefs[:0]
	l := &u.List
	l.version = int32(d.word())
	l.flags = d.word()
	depth, err := d.pairs(0, l)
	if err != nil {
		return nil, err
	}
	l.buf, l.live, l.depth = d.out, len(l.refs), int32(depth)
	l.index()
	return l, nil
}

func (d *xdrDecoder) refuse(at int, reason string, err errno.Errno) error {
	return &DecodeError{Offset: at, Reason: reason, Err: err}
}

func (d *xdrDecoder) short() error { return d.refuse(d.pos, "ends inside a pair", errno.EFAULT) }
func (d *xdrDecoder) left() int    { return len(d.in) - d.pos }

// word reads the next word. Precondition: there is one.
func (d *xdrDecoder) word() uint32 {
	v := be.Uint32(d.in[d.pos:])
	d.pos += 4
	return v
}

// pairs decodes the pairs of a list that is level lists deep, without a terminator. It
// adds the pairs to l unless that is nil.
func (d *xdrDecoder) pairs(level int, l *List) (depth int, err error) {
	for {
		if d.left() < 8 {
			return 0, d.refuse(d.pos, "ends inside a list", errno.EFAULT)
		}
		d.pos += 4 // the encoded size, which is ignored
		size := int64(int32(d.word()))
		if size == 0 {
			return depth, nil
		}
		if size < minPair || size > d.largest() {
			return 0, d.refuse(d.pos-4, fmt.Sprintf("a pair of %d bytes, with %d left", size, d.left()), errno.EFAULT)
		}
		off := len(d.out)
		below, err := d.pair(int(size), level)
		if err != nil {
			return 0, err
		}
		depth = max(depth, below)
		if l != nil {
			name := Pair{raw: d.out[off:]}.nameBytes()
			l.refs = append(l.refs, ref{off: uint32(off), size: uint32(len(d.out) - off), key: keyOf(name)})
		}
	}
}

// largest returns the size of the largest native pair that can be in the rest of the
// input: one with an array of empty strings.
func (d *xdrDecoder) largest() int64 {
	data := max(0, int64(d.left())-xdrPairHead)
	return minPair + 2*data + align4(data/4)
}

// pair decodes one pair of size bytes and its nested lists.
func (d *xdrDecoder) pair(size, level int) (depth int, err error) {
	start, off := d.pos, len(d.out)
	if d.budget -= size; d.budget < 0 {
		return 0, d.refuse(start, "arrays claim to be longer than they are", errno.ENOMEM)
	}
	d.out = append(d.out, make([]byte, size)...)
	raw := d.out[off:]
	le.PutUint32(raw[offSize:], uint32(size))
	if err := d.text(raw[pairHead:]); err != nil {
		return 0, err
	}
	le.PutUint16(raw[offNameSz:], uint16(cLen(raw[pairHead:])+1))
	if d.left() < 8 {
		return 0, d.short()
	}
	t, n := Type(d.word()), d.word()
	le.PutUint32(raw[offType:], uint32(t))
	le.PutUint32(raw[offElem:], n)
	if reason := checkName(raw); reason != "" {
		return 0, d.refuse(start, reason, errno.EFAULT)
	}
	if reason := checkElems(t, n); reason != "" {
		return 0, d.refuse(start, reason, errno.EFAULT)
	}
	p := Pair{typ: t, raw: raw}
	if n > 0 {
		if fixedSize(t, int64(n)) > int64(len(p.value())) {
			return 0, d.refuse(start, "the value doesn't fit the pair", errno.EFAULT)
		}
		if t == TypeList || t == TypeListArray {
			if reason := checkPair(p); reason != "" {
				return 0, d.refuse(start, reason, errno.EFAULT)
			}
			return d.lists(off+size-len(p.value()), t, int(n), level)
		}
		if err := d.value(p, int(n)); err != nil {
			return 0, err
		}
	}
	if reason := checkPair(p); reason != "" {
		return 0, d.refuse(start, reason, errno.EFAULT)
	}
	return 0, nil
}

// lists decodes nested lists, whose heads are in the value at offset.
func (d *xdrDecoder) lists(value int, t Type, n, level int) (depth int, err error) {
	if t == TypeListArray {
		value += pointer * n
	}
	for i := range n {
		if level >= MaxDepth {
			return 0, d.refuse(d.pos, fmt.Sprintf("lists are nested deeper than %d", MaxDepth), errno.EINVAL)
		}
		if d.left() < xdrListHead {
			return 0, d.refuse(d.pos, "ends in the head of a list", errno.EFAULT)
		}
		le.PutUint32(d.out[value+listHead*i:], d.word())
		le.PutUint32(d.out[value+listHead*i+4:], d.word())
		below, err := d.pairs(level+1, nil)
		if err != nil {
			return 0, err
		}
		depth = max(depth, below+1)
		d.out = append(d.out, 0, 0, 0, 0)
	}
	return depth, nil
}

// text decodes a string to room, which must have another byte for the NUL.
func (d *xdrDecoder) text(room []byte) error {
	if d.left() < 4 {
		return d.short()
	}
	n := int64(d.word())
	if n > int64(len(room)-1) {
		return d.refuse(d.pos-4, fmt.Sprintf("a string of %d bytes in room for %d", n, len(room)-1), errno.EFAULT)
	}
	room[n] = 0
	return d.opaque(room[:n])
}

// opaque decodes bytes, which are padded to whole words.
func (d *xdrDecoder) opaque(room []byte) error {
	n := int(align4(int64(len(room))))
	if d.left() < n {
		return d.short()
	}
	copy(room, d.in[d.pos:])
	d.pos += n
	return nil
}

// value decodes a value that isn't a list to the value of p. Precondition: the part of
// the value with a fixed size fits.
func (d *xdrDecoder) value(p Pair, n int) error {
	room := p.value()
	switch p.typ {
	case TypeString:
		return d.text(room)
	case TypeByteArray:
		return d.opaque(room[:n])
	case TypeStringArray:
		room = room[pointer*n:]
		for range n {
			if len(room) == 0 {
				return d.refuse(d.pos, "the strings don't fit the pair", errno.EFAULT)
			}
			if err := d.text(room); err != nil {
				return err
			}
			room = room[cLen(room)+1:]
		}
		return nil
	}
	width := int(shapes[p.typ].width)
	if p.typ.IsArray() {
		// The array has a count of its own, which may differ from the pair's if the
		// elements fit.
		if d.left() < 4 {
			return d.short()
		}
		count := d.word()
		if int64(count) > int64(len(room)/width) {
			return d.refuse(d.pos-4, fmt.Sprintf("%d elements in room for %d", count, len(room)/width), errno.EFAULT)
		}
		n = int(count)
	}
	if d.left() < n*max(4, width) {
		return d.short()
	}
	for i := range n {
		switch width {
		case 1:
			room[i] = uint8(d.word())
		case 2:
			le.PutUint16(room[2*i:], uint16(d.word()))
		case 4:
			le.PutUint32(room[4*i:], d.word())
		case 8:
			le.PutUint64(room[8*i:], be.Uint64(d.in[d.pos:]))
			d.pos += 8
		}
	}
	return nil
}
