package nvlist

import (
	"fmt"
	"math"

	"github.com/gozones/zones/sys/errno"
)

// A packed list starts with its encoding and byte order (nvs_header_t), followed by its
// version and flags.
const (
	packHead     = 4
	littleEndian = 1
	bigEndian    = 0
	nativeHead   = packHead + 8
)

// Pack returns the packed list (nvlist_pack), with the bytes that libnvpair packs on a
// little-endian machine. EINVAL when lists are nested deeper than [MaxDepth] or the
// result would exceed 2 GiB, ENOTSUP for an unknown encoding; or the list's [List.Err].
func (l *List) Pack(enc Encoding) ([]byte, error) {
	size, err := l.Size(enc)
	if err != nil {
		return nil, err
	}
	return l.appendPacked(make([]byte, 0, size), enc, size), nil
}

// AppendPack appends the packed list to b, with the errors of [List.Pack].
func (l *List) AppendPack(b []byte, enc Encoding) ([]byte, error) {
	size, err := l.Size(enc)
	if err != nil {
		return b, err
	}
	return l.appendPacked(b, enc, size), nil
}

// Size returns the size of the packed list in bytes (nvlist_size), with the errors of
// [List.Pack].
func (l *List) Size(enc Encoding) (int, error) {
	if l.err != nil {
		return 0, l.err
	}
	if l.depth > MaxDepth && l.exactDepth() > MaxDepth {
		return 0, &Error{Op: "pack", Err: errno.EINVAL, Reason: fmt.Sprintf("lists are nested deeper than %d", MaxDepth)}
	}
	var size int64
	switch enc {
	case Native:
		size = nativeHead + int64(l.packedPairs())
	case XDR:
		size = packHead
		size += l.xdrSize()
	default:
		return 0, &Error{Op: "pack", Err: errno.ENOTSUP, Reason: fmt.Sprintf("no encoding has number %d", enc)}
	}
	if size > math.MaxInt32 {
		return 0, &Error{Op: "pack", Err: errno.EINVAL, Reason: "the packed list would be larger than 2 GiB"}
	}
	return int(size), nil
}

// packedPairs returns the size of the pairs in the native encoding, with the terminator.
func (l *List) packedPairs() int { return len(l.buf) - l.dead + terminator }

// exactDepth returns the depth without removed pairs.
func (l *List) exactDepth() int {
	depth := 0
	for p := range l.Pairs() {
		if n := p.lists(); n > 0 {
			_, below := measure(p.nested, n)
			depth = max(depth, below+1)
		}
	}
	return depth
}

func (l *List) appendPacked(b []byte, enc Encoding, size int) []byte {
	b = append(b, byte(enc), littleEndian, 0, 0)
	if enc == XDR {
		return l.appendXDR(b, size-packHead)
	}
	b = le.AppendUint32(b, uint32(l.version))
	b = le.AppendUint32(b, l.flags)
	b = l.appendPairs(b)
	return append(b, 0, 0, 0, 0)
}

// appendPairs appends the pairs that were not removed, without a terminator.
func (l *List) appendPairs(b []byte) []byte {
	if l.dead == 0 {
		return append(b, l.buf...)
	}
	for _, r := range l.refs {
		b = append(b, l.buf[r.off:r.off+r.size]...)
	}
	return b
}

// Unpack returns the list packed in b (nvlist_unpack), in either encoding; the native one
// may be in either byte order. Bytes after the list are ignored. The list doesn't keep b.
// The error is a [*DecodeError].
//
// Unpack accepts the same input as libnvpair, with two exceptions: libnvpair refuses the
// other byte order, and it allocates memory for XDR arrays that claim more elements than
// they have, where this package allocates at most four times the size of the input.
func Unpack(b []byte) (*List, error) {
	if len(b) < packHead {
		return nil, &DecodeError{Offset: 0, Reason: "shorter than the header of a packed list", Err: errno.EINVAL}
	}
	if len(b) > math.MaxInt32 {
		return nil, &DecodeError{Offset: math.MaxInt32, Reason: "larger than 2 GiB", Err: errno.EINVAL}
	}
	switch Encoding(b[0]) {
	case XDR:
		return unpackXDR(b)
	case Native:
		switch b[1] {
		case littleEndian:
			return unpackNative(b, false)
		case bigEndian:
			return unpackNative(b, true)
		}
		return nil, &DecodeError{Offset: 1, Reason: fmt.Sprintf("byte order %d is neither little (1) nor big (0)", b[1]), Err: errno.ENOTSUP}
	}
	return nil, &DecodeError{Offset: 0, Reason: fmt.Sprintf("encoding %d is neither native (0) nor XDR (1)", b[0]), Err: errno.ENOTSUP}
}

// checkPair checks a decoded pair in native form against its head. It doesn't check the
// nested lists after it.
func checkPair(p Pair) string {
	elems := le.Uint32(p.raw[offElem:])
	if reason := checkElems(p.typ, elems); reason != "" {
		return reason
	}
	value := p.value()
	n := int64(elems)
	var size int64
	switch p.typ {
	case TypeBoolean:
	case TypeString:
		size = int64(cLen(value)) + 1
	case TypeStringArray:
		if size = pointer * n; size > int64(len(value)) {
			return "the strings don't fit the pair"
		}
		for range elems {
			if size += int64(cLen(value[size:])) + 1; size > int64(len(value)) {
				return "the strings don't fit the pair"
			}
		}
	default:
		size = fixedSize(p.typ, n)
	}
	if size > int64(len(value)) || align8(int(size)) != len(value) {
		return fmt.Sprintf("a value of %d bytes in room for %d", size, len(value))
	}
	if p.typ == TypeBooleanValue || p.typ == TypeBooleanArray {
		for i := range n {
			if le.Uint32(value[4*i:]) > 1 {
				return "a boolean is neither true nor false"
			}
		}
	}
	return ""
}

// checkElems checks the number of elements for the type.
func checkElems(t Type, elems uint32) string {
	switch {
	case t <= TypeUnknown || t >= typeCount:
		return fmt.Sprintf("no type has number %d", int32(t))
	case t == TypeBoolean:
		if elems != 0 {
			return fmt.Sprintf("a boolean with %d elements", elems)
		}
	case !shapes[t].array:
		if elems != 1 {
			return fmt.Sprintf("a value of type %s with %d elements", t, elems)
		}
	}
	return ""
}

// fixedSize returns the size of a value without its strings.
func fixedSize(t Type, n int64) int64 {
	switch t {
	case TypeList:
		return listHead
	case TypeListArray:
		return (pointer + listHead) * n
	case TypeStringArray:
		return pointer * n
	}
	return int64(shapes[t].width) * n
}

// checkName checks the name against its size.
func checkName(raw []byte) string {
	size := int(int16(le.Uint16(raw[offNameSz:])))
	switch {
	case size <= 0:
		return fmt.Sprintf("a name of %d bytes", size)
	case len(raw) < align8(pairHead+size):
		return "the name doesn't fit the pair"
	case raw[pairHead+size-1] != 0 || cLen(raw[pairHead:]) != size-1:
		return "the name doesn't end where it should"
	}
	return ""
}
