package nvlist

import (
	"math"
	"time"

	"github.com/gozones/zones/sys/errno"
)

// Lookup returns the pair with a name (nvlist_lookup_nvpair). ENOENT when there is none.
// ENOTSUP when the list's flags don't make names unique; use [List.Pairs] then.
func (l *List) Lookup(name string) (Pair, error) { return l.lookup(name, TypeUnknown) }

// LookupType returns the pair with a name and a type, with the errors of [List.Lookup].
func (l *List) LookupType(name string, t Type) (Pair, error) { return l.lookup(name, t) }

func (l *List) lookup(name string, t Type) (Pair, error) {
	if l.flags&uint32(UniqueName|UniqueNameType) == 0 {
		return Pair{}, &Error{Op: "look up", Name: name, Type: t, Err: errno.ENOTSUP, Reason: "the list has neither UniqueName nor UniqueNameType"}
	}
	if i := l.find(name, keyOf(bytesOf(name)), t); i >= 0 {
		return l.at(l.refs[i]), nil
	}
	return Pair{}, &Error{Op: "look up", Name: name, Type: t, Err: errno.ENOENT}
}

// Exists reports whether the list has a pair with a name, whatever its flags
// (nvlist_exists).
func (l *List) Exists(name string) bool { return l.find(name, keyOf(bytesOf(name)), TypeUnknown) >= 0 }

// Remove removes the last pair with a name and a type (nvlist_remove). ENOENT when there
// is none.
func (l *List) Remove(name string, t Type) error {
	if i := l.find(name, keyOf(bytesOf(name)), t); t != TypeUnknown && i >= 0 {
		l.drop(i)
		return nil
	}
	return &Error{Op: "remove", Name: name, Type: t, Err: errno.ENOENT}
}

// RemoveAll removes all pairs with a name (nvlist_remove_all). ENOENT when there is none.
func (l *List) RemoveAll(name string) error {
	key := keyOf(bytesOf(name))
	i := l.find(name, key, TypeUnknown)
	if i < 0 {
		return &Error{Op: "remove", Name: name, Err: errno.ENOENT}
	}
	for ; i >= 0; i = l.find(name, key, TypeUnknown) {
		l.drop(i)
	}
	return nil
}

// number returns the bits of a pair with a number.
func (l *List) number(name string, t Type) (uint64, error) {
	p, err := l.lookup(name, t)
	if err != nil {
		return 0, err
	}
	return p.number(), nil
}

// LookupBoolean returns nil when the list has a boolean without a value with that name
// (nvlist_lookup_boolean). All look-ups by type have the errors of [List.Lookup].
func (l *List) LookupBoolean(name string) error {
	_, err := l.lookup(name, TypeBoolean)
	return err
}

// LookupBooleanValue returns a boolean value (nvlist_lookup_boolean_value).
func (l *List) LookupBooleanValue(name string) (bool, error) {
	v, err := l.number(name, TypeBooleanValue)
	return v != 0, err
}

// LookupByte returns a byte (nvlist_lookup_byte).
func (l *List) LookupByte(name string) (byte, error) {
	v, err := l.number(name, TypeByte)
	return byte(v), err
}

// LookupInt8 returns an int8 (nvlist_lookup_int8).
func (l *List) LookupInt8(name string) (int8, error) {
	v, err := l.number(name, TypeInt8)
	return int8(v), err
}

// LookupUint8 returns a uint8 (nvlist_lookup_uint8).
func (l *List) LookupUint8(name string) (uint8, error) {
	v, err := l.number(name, TypeUint8)
	return uint8(v), err
}

// LookupInt16 returns an int16 (nvlist_lookup_int16).
func (l *List) LookupInt16(name string) (int16, error) {
	v, err := l.number(name, TypeInt16)
	return int16(v), err
}

// LookupUint16 returns a uint16 (nvlist_lookup_uint16).
func (l *List) LookupUint16(name string) (uint16, error) {
	v, err := l.number(name, TypeUint16)
	return uint16(v), err
}

// LookupInt32 returns an int32 (nvlist_lookup_int32).
func (l *List) LookupInt32(name string) (int32, error) {
	v, err := l.number(name, TypeInt32)
	return int32(v), err
}

// LookupUint32 returns a uint32 (nvlist_lookup_uint32).
func (l *List) LookupUint32(name string) (uint32, error) {
	v, err := l.number(name, TypeUint32)
	return uint32(v), err
}

// LookupInt64 returns an int64 (nvlist_lookup_int64).
func (l *List) LookupInt64(name string) (int64, error) {
	v, err := l.number(name, TypeInt64)
	return int64(v), err
}

// LookupUint64 returns a uint64 (nvlist_lookup_uint64).
func (l *List) LookupUint64(name string) (uint64, error) { return l.number(name, TypeUint64) }

// LookupHrtime returns a time in nanoseconds (nvlist_lookup_hrtime).
func (l *List) LookupHrtime(name string) (time.Duration, error) {
	v, err := l.number(name, TypeHrtime)
	return time.Duration(v), err
}

// LookupDouble returns a double (nvlist_lookup_double).
func (l *List) LookupDouble(name string) (float64, error) {
	v, err := l.number(name, TypeDouble)
	return math.Float64frombits(v), err
}

// LookupString returns a string (nvlist_lookup_string).
func (l *List) LookupString(name string) (string, error) {
	p, err := l.lookup(name, TypeString)
	if err != nil {
		return "", err
	}
	return p.text(), nil
}

// LookupList returns a nested list (nvlist_lookup_nvlist). It is a copy:
// changing it doesn't change l.
func (l *List) LookupList(name string) (*List, error) {
	p, err := l.lookup(name, TypeList)
	if err != nil {
		return nil, err
	}
	return p.list(), nil
}

// LookupListArray returns nested lists (nvlist_lookup_nvlist_array), copies as
// with [List.LookupList].
func (l *List) LookupListArray(name string) ([]*List, error) {
	return lookupArray(l, name, TypeListArray, Pair.listArray)
}

// LookupStringArray returns strings (nvlist_lookup_string_array).
func (l *List) LookupStringArray(name string) ([]string, error) {
	return lookupArray(l, name, TypeStringArray, Pair.texts)
}

// LookupBooleanArray returns booleans (nvlist_lookup_boolean_array).
func (l *List) LookupBooleanArray(name string) ([]bool, error) {
	return lookupArray(l, name, TypeBooleanArray, Pair.bools)
}

// LookupByteArray returns bytes (nvlist_lookup_byte_array).
func (l *List) LookupByteArray(name string) ([]byte, error) {
	return lookupArray(l, name, TypeByteArray, integers[byte])
}

// LookupInt8Array returns int8s (nvlist_lookup_int8_array).
func (l *List) LookupInt8Array(name string) ([]int8, error) {
	return lookupArray(l, name, TypeInt8Array, integers[int8])
}

// LookupUint8Array returns uint8s (nvlist_lookup_uint8_array).
func (l *List) LookupUint8Array(name string) ([]uint8, error) {
	return lookupArray(l, name, TypeUint8Array, integers[uint8])
}

// LookupInt16Array returns int16s (nvlist_lookup_int16_array).
func (l *List) LookupInt16Array(name string) ([]int16, error) {
	return lookupArray(l, name, TypeInt16Array, integers[int16])
}

// LookupUint16Array returns uint16s (nvlist_lookup_uint16_array).
func (l *List) LookupUint16Array(name string) ([]uint16, error) {
	return lookupArray(l, name, TypeUint16Array, integers[uint16])
}

// LookupInt32Array returns int32s (nvlist_lookup_int32_array).
func (l *List) LookupInt32Array(name string) ([]int32, error) {
	return lookupArray(l, name, TypeInt32Array, integers[int32])
}

// LookupUint32Array returns uint32s (nvlist_lookup_uint32_array).
func (l *List) LookupUint32Array(name string) ([]uint32, error) {
	return lookupArray(l, name, TypeUint32Array, integers[uint32])
}

// LookupInt64Array returns int64s (nvlist_lookup_int64_array).
func (l *List) LookupInt64Array(name string) ([]int64, error) {
	return lookupArray(l, name, TypeInt64Array, integers[int64])
}

// LookupUint64Array returns uint64s (nvlist_lookup_uint64_array).
func (l *List) LookupUint64Array(name string) ([]uint64, error) {
	return lookupArray(l, name, TypeUint64Array, integers[uint64])
}

func lookupArray[T any](l *List, name string, t Type, read func(Pair) []T) ([]T, error) {
	p, err := l.lookup(name, t)
	if err != nil {
		return nil, err
	}
	return read(p), nil
}
