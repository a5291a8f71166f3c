package nvlist

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/gozones/zones/sys/errno"
)

// nativeDecoder checks native pairs in a copy of the input, and swaps their bytes if they
// are in the other order. A list has the same layout in the input and in memory, so
// nothing is moved.
type nativeDecoder struct {
	buf  []byte
	swap bool
}

// unpackedList is a List with space for the pairs of most lists.
type unpackedList struct {
	List
	someRefs [12]ref
}

func unpackNative(in []byte, swap bool) (*List, error) {
	if len(in) < nativeHead {
		return nil, &DecodeError{Offset: len(in), Reason: "ends in the head of the list", Err: errno.EFAULT}
	}
	u := new(unpackedList)
	u.refs = u.someRefs[:0]
	l := &u.List
	var order binary.ByteOrder = binary.LittleEndian
	if swap {
		order = binary.BigEndian
	}
	l.version = int32(order.Uint32(in[packHead:]))
	l.flags = order.Uint32(in[packHead+4:])
	d := nativeDecoder{buf: append([]byte(nil), in[nativeHead:]...), swap: swap}
	end, depth, err := d.pairs(0, 0, l)
	if err != nil {
		return nil, err
	}
	l.buf, l.live, l.depth = d.buf[:end-terminator], len(l.refs), int32(depth)
	l.index()
	return l, nil
}

func (d *nativeDecoder) refuse(at int, reason string, err errno.Errno) error {
	return &DecodeError{Offset: nativeHead + at, Reason: reason, Err: err}
}

// pairs checks the pairs of a list that starts at pos, level lists deep. It returns the
// list's end and the depth of lists nested in it. It adds the pairs to l unless that is
// nil.
func (d *nativeDecoder) pairs(pos, level int, l *List) (end, depth int, err error) {
	for {
		if len(d.buf)-pos < 4 {
			return 0, 0, d.refuse(pos, "ends inside a list", errno.EFAULT)
		}
		if d.swap {
			swap32(d.buf[pos:])
		}
		size := int(int32(le.Uint32(d.buf[pos:])))
		if size == 0 {
			return pos + terminator, depth, nil
		}
		if size < minPair || size > len(d.buf)-pos {
			return 0, 0, d.refuse(pos, fmt.Sprintf("a pair of %d bytes, with %d left", size, len(d.buf)-pos), errno.EFAULT)
		}
		raw := d.buf[pos : pos+size]
		if d.swap {
			swap16(raw[offNameSz:])
			swap16(raw[offNameSz+2:])
			swap32(raw[offElem:])
			swap32(raw[offType:])
		}
		nameSize := int(int16(le.Uint16(raw[offNameSz:])))
		if nameSize <= 0 || align8(pairHead+nameSize) > size || bytes.IndexByte(raw[pairHead:pairHead+nameSize], 0) != nameSize-1 {
			return 0, 0, d.refuse(pos, checkName(raw), errno.EFAULT)
		}
		next := pos + size
		// The usual case: one number, in this byte order.
		t := Type(le.Uint32(raw[offType:]))
		if d.swap || uint32(t) >= typeCount || shapes[t].width == 0 || shapes[t].array || t == TypeBooleanValue ||
			le.Uint32(raw[offElem:]) != 1 || size-align8(pairHead+nameSize) != 8 {
			var below int
			if next, below, err = d.pair(pos, size, level); err != nil {
				return 0, 0, err
			}
			depth = max(depth, below)
		}
		if l != nil {
			key := keyOf(raw[pairHead : pairHead+nameSize-1])
			l.refs = append(l.refs, ref{off: uint32(pos), size: uint32(next - pos), key: key})
		}
		pos = next
	}
}

// pair checks the value of the pair at pos, and the lists nested in it.
func (d *nativeDecoder) pair(pos, size, level int) (end, depth int, err error) {
	raw := d.buf[pos : pos+size]
	p := Pair{typ: Type(le.Uint32(raw[offType:])), raw: raw}
	if d.swap {
		swapValue(p)
	}
	if reason := checkPair(p); reason != "" {
		return 0, 0, d.refuse(pos, reason, errno.EFAULT)
	}
	n := p.Elems()
	end = pos + size
	heads := p.value()
	switch p.typ {
	case TypeStringArray:
		clear(heads[:pointer*n]) // pointers in the memory of the sender
		return end, 0, nil
	case TypeListArray:
		clear(heads[:pointer*n])
		heads = heads[pointer*n:]
	case TypeList:
	default:
		return end, 0, nil
	}
	for i := range n {
		head := heads[listHead*i : listHead*(i+1)]
		if version := int32(le.Uint32(head)); version != 0 {
			return 0, 0, d.refuse(pos, fmt.Sprintf("a nested list of version %d", version), errno.ENOTSUP)
		}
		if level >= MaxDepth {
			return 0, 0, d.refuse(pos, fmt.Sprintf("lists are nested deeper than %d", MaxDepth), errno.EINVAL)
		}
		flags := le.Uint32(head[4:]) & uint32(UniqueName|UniqueNameType)
		clear(head)
		le.PutUint32(head[4:], flags)
		var below int
		if end, below, err = d.pairs(end, level+1, nil); err != nil {
			return 0, 0, err
		}
		depth = max(depth, below+1)
	}
	return end, depth, nil
}

// swapValue swaps the bytes of the numbers of a value, as many as fit.
func swapValue(p Pair) {
	value := p.value()
	n := int64(le.Uint32(p.raw[offElem:]))
	if p.typ <= TypeUnknown || p.typ >= typeCount {
		return // refused by the caller
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

// cLen returns the length of the C string at the start of b, len(b) if it has no NUL.
func cLen(b []byte) int {
	if n := bytes.IndexByte(b, 0); n >= 0 {
		return n
	}
	return len(b)
}

func cString(b []byte) string { return string(b[:cLen(b)]) }
