package nvlist

import (
	"math"
	"strings"
	"time"

	"github.com/gozones/zones/sys/errno"
)

// AddBoolean adds a pair without a value (nvlist_add_boolean).
func (l *List) AddBoolean(name string) {
	l.begin(name, TypeBoolean, 0, 0)
}

// AddBooleanValue adds true or false (nvlist_add_boolean_value).
func (l *List) AddBooleanValue(name string, v bool) { l.add4(name, TypeBooleanValue, bit(v)) }

// AddByte adds a byte (nvlist_add_byte).
func (l *List) AddByte(name string, v byte) { l.add1(name, TypeByte, v) }

// AddInt8 adds an int8 (nvlist_add_int8).
func (l *List) AddInt8(name string, v int8) { l.add1(name, TypeInt8, uint8(v)) }

// AddUint8 adds a uint8 (nvlist_add_uint8).
func (l *List) AddUint8(name string, v uint8) { l.add1(name, TypeUint8, v) }

// AddInt16 adds an int16 (nvlist_add_int16).
func (l *List) AddInt16(name string, v int16) { l.add2(name, TypeInt16, uint16(v)) }

// AddUint16 adds a uint16 (nvlist_add_uint16).
func (l *List) AddUint16(name string, v uint16) { l.add2(name, TypeUint16, v) }

// AddInt32 adds an int32 (nvlist_add_int32).
func (l *List) AddInt32(name string, v int32) { l.add4(name, TypeInt32, uint32(v)) }

// AddUint32 adds a uint32 (nvlist_add_uint32).
func (l *List) AddUint32(name string, v uint32) { l.add4(name, TypeUint32, v) }

// AddInt64 adds an int64 (nvlist_add_int64).
func (l *List) AddInt64(name string, v int64) { l.add8(name, TypeInt64, uint64(v)) }

// AddUint64 adds a uint64 (nvlist_add_uint64).
func (l *List) AddUint64(name string, v uint64) { l.add8(name, TypeUint64, v) }

// AddHrtime adds a time in nanoseconds (nvlist_add_hrtime).
func (l *List) AddHrtime(name string, v time.Duration) { l.add8(name, TypeHrtime, uint64(v)) }

// AddDouble adds a double (nvlist_add_double).
func (l *List) AddDouble(name string, v float64) { l.add8(name, TypeDouble, math.Float64bits(v)) }

// AddString adds a string (nvlist_add_string). EINVAL when it has a NUL.
func (l *List) AddString(name, v string) {
	if !l.plain(name, TypeString, v) || !l.fits(name, TypeString, int64(len(v))) {
		return
	}
	if value := l.begin(name, TypeString, 1, len(v)+1); value != nil {
		copy(value, v)
	}
}

// AddStringArray adds strings (nvlist_add_string_array). EINVAL when one has a NUL.
func (l *List) AddStringArray(name string, v []string) {
	size := int64(pointer * len(v))
	for _, s := range v {
		if !l.plain(name, TypeStringArray, s) {
			return
		}
		size += int64(len(s) + 1)
	}
	if !l.fits(name, TypeStringArray, size) {
		return
	}
	if value := l.begin(name, TypeStringArray, len(v), int(size)); value != nil {
		value = value[pointer*len(v):]
		for _, s := range v {
			copy(value, s)
			value = value[len(s)+1:]
		}
	}
}

// AddBooleanArray adds booleans (nvlist_add_boolean_array).
func (l *List) AddBooleanArray(name string, v []bool) {
	if value := l.beginArray(name, TypeBooleanArray, len(v)); value != nil {
		for i, b := range v {
			le.PutUint32(value[4*i:], bit(b))
		}
	}
}

// AddByteArray adds bytes (nvlist_add_byte_array).
func (l *List) AddByteArray(name string, v []byte) { addIntegers(l, name, TypeByteArray, v) }

// AddInt8Array adds int8s (nvlist_add_int8_array).
func (l *List) AddInt8Array(name string, v []int8) { addIntegers(l, name, TypeInt8Array, v) }

// AddUint8Array adds uint8s (nvlist_add_uint8_array).
func (l *List) AddUint8Array(name string, v []uint8) { addIntegers(l, name, TypeUint8Array, v) }

// AddInt16Array adds int16s (nvlist_add_int16_array).
func (l *List) AddInt16Array(name string, v []int16) { addIntegers(l, name, TypeInt16Array, v) }

// AddUint16Array adds uint16s (nvlist_add_uint16_array).
func (l *List) AddUint16Array(name string, v []uint16) { addIntegers(l, name, TypeUint16Array, v) }

// AddInt32Array adds int32s (nvlist_add_int32_array).
func (l *List) AddInt32Array(name string, v []int32) { addIntegers(l, name, TypeInt32Array, v) }

// AddUint32Array adds uint32s (nvlist_add_uint32_array).
func (l *List) AddUint32Array(name string, v []uint32) { addIntegers(l, name, TypeUint32Array, v) }

// AddInt64Array adds int64s (nvlist_add_int64_array).
func (l *List) AddInt64Array(name string, v []int64) { addIntegers(l, name, TypeInt64Array, v) }

// AddUint64Array adds uint64s (nvlist_add_uint64_array).
func (l *List) AddUint64Array(name string, v []uint64) { addIntegers(l, name, TypeUint64Array, v) }

// AddList adds a copy of a list (nvlist_add_nvlist). EINVAL when v is nil or l itself, or
// when v has an error, which is wrapped.
func (l *List) AddList(name string, v *List) {
	if !l.nestable(name, TypeList, v) || !l.room(v.packedPairs()+minPair+listHead+len(name)) {
		return
	}
	if value := l.begin(name, TypeList, 1, listHead); value != nil {
		putHead(value, v)
		l.nest(v)
	}
}

// AddListArray adds copies of lists (nvlist_add_nvlist_array), with the errors
// of [List.AddList].
func (l *List) AddListArray(name string, v ...*List) {
	size := int64(pointer+listHead) * int64(len(v))
	total := size
	for _, child := range v {
		if !l.nestable(name, TypeListArray, child) {
			return
		}
		total += int64(child.packedPairs())
	}
	if !l.fits(name, TypeListArray, total) || !l.room(int(total)+minPair+len(name)) {
		return
	}
	if value := l.begin(name, TypeListArray, len(v), int(size)); value != nil {
		value = value[pointer*len(v):]
		for i, child := range v {
			putHead(value[listHead*i:], child)
		}
		for _, child := range v {
			l.nest(child)
		}
	}
}

func putHead(head []byte, v *List) {
	le.PutUint32(head[4:], v.flags&uint32(UniqueName|UniqueNameType))
}

// nest appends the pairs of a list that is nested in the last pair.
func (l *List) nest(v *List) {
	l.buf = v.appendPairs(l.buf)
	l.buf = append(l.buf, 0, 0, 0, 0)
	l.depth = max(l.depth, v.depth+1)
	last := &l.refs[len(l.refs)-1]
	last.size = uint32(len(l.buf)) - last.off
}

func (l *List) nestable(name string, t Type, v *List) bool {
	switch {
	case v == nil:
		l.fail(&Error{Op: "add", Name: name, Type: t, Err: errno.EINVAL, Reason: "the list is nil"})
	case v == l:
		l.fail(&Error{Op: "add", Name: name, Type: t, Err: errno.EINVAL, Reason: "a list can't hold itself"})
	case v.err != nil:
		l.fail(v.err)
	default:
		return true
	}
	return false
}

// plain checks that a string has no NUL.
func (l *List) plain(name string, t Type, v string) bool {
	if strings.IndexByte(v, 0) < 0 {
		return true
	}
	l.fail(&Error{Op: "add", Name: name, Type: t, Err: errno.EINVAL, Reason: "a string can't hold a NUL"})
	return false
}

// fits checks the size of a value, which is an int32 in a pair's head.
func (l *List) fits(name string, t Type, size int64) bool {
	if size <= math.MaxInt32-maxName-64 {
		return true
	}
	l.fail(&Error{Op: "add", Name: name, Type: t, Err: errno.EINVAL, Reason: "the value is too large"})
	return false
}

func (l *List) beginArray(name string, t Type, n int) []byte {
	size := int64(n) * int64(shapes[t].width)
	if !l.fits(name, t, size) {
		return nil
	}
	return l.begin(name, t, n, int(size))
}

func addIntegers[T integer](l *List, name string, t Type, v []T) {
	value := l.beginArray(name, t, len(v))
	if value == nil {
		return
	}
	switch shapes[t].width {
	case 1:
		for i, n := range v {
			value[i] = uint8(n)
		}
	case 2:
		for i, n := range v {
			le.PutUint16(value[2*i:], uint16(n))
		}
	case 4:
		for i, n := range v {
			le.PutUint32(value[4*i:], uint32(n))
		}
	case 8:
		for i, n := range v {
			le.PutUint64(value[8*i:], uint64(n))
		}
	}
}

func (l *List) add1(name string, t Type, v uint8) {
	if value := l.begin(name, t, 1, 1); value != nil {
		value[0] = v
	}
}

func (l *List) add2(name string, t Type, v uint16) {
	if value := l.begin(name, t, 1, 2); value != nil {
		le.PutUint16(value, v)
	}
}

func (l *List) add4(name string, t Type, v uint32) {
	if value := l.begin(name, t, 1, 4); value != nil {
		le.PutUint32(value, v)
	}
}

func (l *List) add8(name string, t Type, v uint64) {
	if value := l.begin(name, t, 1, 8); value != nil {
		le.PutUint64(value, v)
	}
}

func bit(v bool) uint32 {
	if v {
		return 1
	}
	return 0
}
