package nvlist

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/gozones/zones/sys/errno"
)

// nativeDecoder copies native pairs into a list, checking them, and turns
// their byte order around where that is the other one.
type nativeDecoder struct {
	in   []byte
	pos  int
	swap bool
	out  []byte
}

func unpackNative(in []byte, swap bool) (*List, error) {
	d := nativeDecoder{in: in, pos: packHead, swap: swap}
	if len(in) < nativeHead {
		return nil, d.refuse(len(in), "ends in the head of the list", errno.EFAULT)
	}
	l := new(List)
	l.version = int32(d.uint32(packHead))
	l.flags = d.uint32(packHead + 4)
	d.pos = nativeHead
	d.out = make([]byte, 0, len(in)-nativeHead)
	depth, err := d.pairs(0, l)
	if err != nil {
		return nil, err
	}
	l.buf, l.live, l.depth = d.out, len(l.refs), int32(depth)
	l.index()
	return l, nil
}

func (d *nativeDecoder) refuse(at int, reason string, err errno.Errno) error {
	return &DecodeError{Offset: at, Reason: reason, Err: err}
}

func (d *nativeDecoder) uint32(at int) uint32 {
	if d.swap {
		return binary.BigEndian.Uint32(d.in[at:])
	}
	return le.Uint32(d.in[at:])
}

// pairs copies the pairs of a list that lies level lists deep, without the
// terminator. The pairs are noted in l when that is not nil.
func (d *nativeDecoder) pairs(level int, l *List) (depth int, err error) {
	for {
		if len(d.in)-d.pos < 4 {
			return 0, d.refuse(d.pos, "ends inside a list", errno.EFAULT)
		}
		size := int(int32(d.uint32(d.pos)))
		if size == 0 {
			d.pos += terminator
			return depth, nil
		}
		if size < minPair || size > len(d.in)-d.pos {
			return 0, d.refuse(d.pos, fmt.Sprintf("a pair of %d bytes, with %d left", size, len(d.in)-d.pos), errno.EFAULT)
		}
		off := len(d.out)
		below, err := d.pair(size, level)
		if err != nil {
			return 0, err
		}
		depth = max(depth, below)
		if l != nil {
			name := Pair{raw: d.out[off:]}.nameBytes()
			l.refs = append(l.refs, ref{off: uint32(off), size: uint32(len(d.out) - off), hash: hashBytes(name)})
		}
	}
}

// pair copies one pair with its nested lists.
func (d *nativeDecoder) pair(size, level int) (depth int, err error) {
	start, off := d.pos, len(d.out)
	d.out = append(d.out, d.in[d.pos:d.pos+size]...)
	d.pos += size
	raw := d.out[off:]
	if d.swap {
		swap32(raw[offSize:])
		swap16(raw[offNameSz:])
		swap16(raw[offNameSz+2:])
		swap32(raw[offElem:])
		swap32(raw[offType:])
	}
	if reason := checkName(raw); reason != "" {
		return 0, d.refuse(start, reason, errno.EFAULT)
	}
	p := Pair{typ: Type(le.Uint32(raw[offType:])), raw: raw}
	if d.swap {
		swapValue(p)
	}
	if reason := checkPair(p); reason != "" {
		return 0, d.refuse(start, reason, errno.EFAULT)
	}
	n := p.Elems()
	value := off + size - len(p.value()) // raw moves when nested lists are appended
	switch p.typ {
	case TypeStringArray:
		clear(d.out[value : value+pointer*n]) // pointers of whoever packed it
		return 0, nil
	case TypeListArray:
		clear(d.out[value : value+pointer*n])
		value += pointer * n
	case TypeList:
	default:
		return 0, nil
	}
	for i := range n {
		head := d.out[value+listHead*i:]
		if version := int32(le.Uint32(head)); version != 0 {
			return 0, d.refuse(start, fmt.Sprintf("a nested list of version %d", version), errno.ENOTSUP)
		}
		if level >= MaxDepth {
			return 0, d.refuse(start, fmt.Sprintf("lists are nested deeper than %d", MaxDepth), errno.EINVAL)
		}
		flags := le.Uint32(head[4:]) & uint32(UniqueName|UniqueNameType)
		clear(head[:listHead])
		le.PutUint32(head[4:], flags)
		below, err := d.pairs(level+1, nil)
		if err != nil {
			return 0, err
		}
		depth = max(depth, below+1)
		d.out = append(d.out, 0, 0, 0, 0)
	}
	return depth, nil
}

// swapValue turns the numbers of a value around, as many as there are room for.
func swapValue(p Pair) {
	value := p.value()
	n := int64(le.Uint32(p.raw[offElem:]))
	if p.typ <= TypeUnknown || p.typ >= typeCount {
		return // refused right after
	}
	switch p.typ {
	case TypeList, TypeListArray:
		if p.typ == TypeListArray {
			value = value[min(int64(len(value)), pointer*n):]
		}
		for ; n > 0 && len(value) >= listHead; n-- {
			swap32(value)
			swap32(value[4:])
			value = value[listHead:]
		}
		return
	}
	width := int(shapes[p.typ].width)
	for ; n > 0 && width > 1 && len(value) >= width; n-- {
		switch width {
		case 2:
			swap16(value)
		case 4:
			swap32(value)
		case 8:
			le.PutUint64(value, binary.BigEndian.Uint64(value))
		}
		value = value[width:]
	}
}

func swap16(b []byte) { b[0], b[1] = b[1], b[0] }
func swap32(b []byte) { le.PutUint32(b, binary.BigEndian.Uint32(b)) }

// cLen returns the length of the C string at the start of b, len(b) when it
// has no end.
func cLen(b []byte) int {
	if n := bytes.IndexByte(b, 0); n >= 0 {
		return n
	}
	return len(b)
}

func cString(b []byte) string { return string(b[:cLen(b)]) }
