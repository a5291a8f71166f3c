package nvlist

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"unsafe"

	"github.com/gozones/zones/sys/errno"
)

// Encode returns the list of a Go value: a struct, a map with string keys, or a pointer
// to one. A struct has a pair for each exported field in their order, a map one for each
// key in sorted order, and nested ones become nested lists. All lists have the flag
// [UniqueName]. The types of the pairs follow from the Go types:
//
//	bool                       boolean value
//	int8 to int64, uint8 to …  the integer of that size; int and uint have 64 bits
//	float32, float64           double
//	string                     string
//	time.Duration              hrtime
//	encoding.TextMarshaler     string
//	[]byte                     byte array
//	slices, arrays             the array of the element's type
//	struct, map, *List         nvlist
//	slices of these            nvlist array
//	pointers, interfaces       that of their value; no pair when they are nil
//
// The tag nv:"name,option" names a field's pair; nv:"-" leaves the field out. The
// options are omitempty, which leaves out false, 0, nil and what has no elements; byte,
// which makes a uint8 a byte; uint8, which makes a []uint8 a uint8 array; and boolean,
// which makes a bool a boolean without a value, left out when it is false. The fields of
// an embedded struct without a name are fields of the outer struct.
//
// EINVAL, with the path of the pair, for a Go value that a pair can't have, and for lists
// nested deeper than [MaxDepth].
func Encode(v any) (*List, error) {
	var e encoder
	flags, err := e.top(v)
	if err != nil {
		return nil, err
	}
	head := make([]byte, listHead)
	le.PutUint32(head[4:], flags)
	l, _ := window(head, append(e.buf, 0, 0, 0, 0))
	return l, nil
}

// Marshal returns the packed list of a Go value: it calls [Encode] and [List.Pack].
func Marshal(v any, enc Encoding) ([]byte, error) { return AppendMarshal(nil, v, enc) }

// AppendMarshal appends the packed list of a Go value to b, with the errors of [Marshal].
func AppendMarshal(b []byte, v any, enc Encoding) ([]byte, error) {
	if enc != Native {
		l, err := Encode(v)
		if err != nil {
			return b, err
		}
		return l.AppendPack(b, enc)
	}
	e := encoder{buf: b, head: nativeHead}
	flags, err := e.top(v)
	if err != nil {
		return b, err
	}
	head := e.buf[len(b):]
	le.PutUint64(head, uint64(Native)|littleEndian<<8)
	le.PutUint32(head[packHead+4:], flags)
	return append(e.buf, 0, 0, 0, 0), nil
}

// AddValue adds the pair that [Encode] makes of a field with that name and value; none
// for a nil. The error is kept, see [List.Err].
func (l *List) AddValue(name string, v any) {
	if !plainName(name) {
		l.badName(name, TypeUnknown)
		return
	}
	value := reflect.ValueOf(v)
	for value.Kind() == reflect.Pointer && value.Type() != listType || value.Kind() == reflect.Interface {
		value = value.Elem()
	}
	if !value.IsValid() {
		return
	}
	e := encoder{buf: l.buf[len(l.buf):]} // in the free space of the buffer
	if err := e.value(name, value, 0); err != nil {
		l.fail(within(name, err))
		return
	}
	if len(e.buf) == 0 || !l.room(len(e.buf)) {
		return
	}
	key := keyOf(bytesOf(name))
	l.replace(name, Type(le.Uint32(e.buf[offType:])), key)
	off := len(l.buf)
	l.buf = append(l.buf, e.buf...)
	l.depth = max(l.depth, int32(e.deepest))
	l.link(off, key)
}

// encoder appends pairs in the native encoding.
type encoder struct {
	buf     []byte
	head    int // bytes to leave before the pairs
	depth   int // of the current list
	deepest int

	lastType reflect.Type // of the last struct, with its infoOf
	lastInfo *typeInfo
}

// info is infoOf with a cache of one, for arrays of structs.
func (e *encoder) info(t reflect.Type) *typeInfo {
	if t != e.lastType {
		e.lastType, e.lastInfo = t, infoOf(t)
	}
	return e.lastInfo
}

const noPair = "no type of pair holds a Go "

func refuse(t Type, reason string) error {
	return &Error{Op: "encode", Type: t, Reason: reason, Err: errno.EINVAL}
}

// top writes the pairs of the outermost list and returns its flags.
func (e *encoder) top(v any) (flags uint32, err error) {
	value := reflect.ValueOf(v)
	for value.Kind() == reflect.Pointer && value.Type() != listType {
		value = value.Elem()
	}
	if !value.IsValid() || value.Type() == listType && value.IsNil() {
		return 0, refuse(TypeUnknown, "nil is no list")
	}
	info := e.info(value.Type())
	start := len(e.buf) + e.head
	e.buf = slices.Grow(e.buf, e.head+int(info.size.Load())+terminator)[:start]
	if err := e.pairs(value); err != nil {
		return 0, err
	}
	size := len(e.buf) - start
	if size > math.MaxInt32-64 {
		return 0, refuse(TypeUnknown, "the list would be larger than 2 GiB")
	}
	info.size.Store(int32(min(size, 1<<20)))
	return flagsOf(value), nil
}

// begin appends a pair with a zeroed value of size bytes and returns the value.
func (e *encoder) begin(name string, t Type, elems int, size int64) ([]byte, error) {
	if !plainName(name) {
		return nil, refuse(t, badNameReason)
	}
	if size > math.MaxInt32-maxName-64 {
		return nil, refuse(t, "the value is too large")
	}
	valueOff := align8(pairHead + len(name) + 1)
	off := len(e.buf)
	e.buf = slices.Grow(e.buf, valueOff+align8(int(size)))[:off+valueOff+align8(int(size))]
	p := e.buf[off:]
	putHeadOf(p, name, valueOff, t, elems)
	clear(p[valueOff:])
	return p[valueOff : valueOff+int(size)], nil
}

// pairs writes the pairs of one list, without a terminator.
func (e *encoder) pairs(v reflect.Value) error {
	switch v.Kind() {
	case reflect.Struct:
		return e.structPairs(v)
	case reflect.Map:
		return e.mapPairs(v)
	case reflect.Pointer:
		if v.Type() != listType {
			return e.pairs(v.Elem())
		}
		l := v.Interface().(*List)
		if l.err != nil {
			return l.err
		}
		e.buf = l.appendPairs(e.buf)
		e.deepest = max(e.deepest, e.depth+l.exactDepth())
		if e.deepest > MaxDepth {
			return tooDeep()
		}
		return nil
	}
	return refuse(TypeUnknown, "a Go "+v.Type().String()+" is no list: it takes a struct or a map with strings as keys")
}

func tooDeep() error {
	return refuse(TypeUnknown, fmt.Sprintf("lists are nested deeper than %d", MaxDepth))
}

func (e *encoder) structPairs(v reflect.Value) error {
	info := e.info(v.Type())
	if info.template != nil {
		off := len(e.buf)
		e.buf = append(e.buf, info.template[:len(info.template)-terminator]...)
		var memory unsafe.Pointer
		if v.CanAddr() {
			memory = v.Addr().UnsafePointer()
		}
		for i := range info.slots {
			s := &info.slots[i]
			b := e.buf[off+s.offset:]
			if memory != nil && s.raw {
				putRaw(b, unsafe.Add(memory, s.field), shapes[s.typ].width)
			} else {
				putNumber(b, s.typ, v.Field(s.index))
			}
		}
		return nil
	}
	for i := range info.fields {
		f := &info.fields[i]
		value := v.Field(f.index[0])
		if len(f.index) > 1 {
			value = v.FieldByIndex(f.index)
		}
		if err := e.field(f, value); err != nil {
			return within(f.name, err)
		}
	}
	return nil
}

func (e *encoder) field(f *field, v reflect.Value) error {
	switch f.how {
	case numberField:
		t := scalarType(f.typ, f.opts)
		value, err := e.begin(f.name, t, 1, int64(shapes[t].width))
		if err == nil {
			putNumber(value, t, v)
		}
		return err
	case structsField:
		if info := e.info(f.elem); info.allRaw {
			return e.rawStructs(f, v, info)
		}
		return e.lists(f.name, v)
	}
	if f.opts&omitEmpty != 0 && isEmpty(v) {
		return nil
	}
	return e.value(f.name, v, f.opts)
}

func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.Array:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

func (e *encoder) mapPairs(v reflect.Value) error {
	if v.Type().Key().Kind() != reflect.String {
		return refuse(TypeUnknown, "a Go "+v.Type().String()+" has no strings as keys")
	}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, key := range keys {
		name := key.String()
		if err := e.value(name, v.MapIndex(key), 0); err != nil {
			return within(name, err)
		}
	}
	return nil
}

// within adds a pair's name in front of the path in an error.
func within(name string, err error) error {
	if failure, ok := err.(*Error); ok && failure.Op == "encode" {
		at := *failure
		if at.Name != "" {
			name += "." + at.Name
		}
		at.Name = name
		return &at
	}
	return err
}

// value writes a pair, or nothing for a nil.
func (e *encoder) value(name string, v reflect.Value, opts options) error {
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer && v.Type() != listType {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	if !v.IsValid() || v.Type() == listType && v.IsNil() {
		return nil
	}
	t := v.Type()
	if t.PkgPath() != "" && infoOf(t).writesText {
		text, err := v.Interface().(encoding.TextMarshaler).MarshalText()
		if err != nil {
			return fmt.Errorf("nvlist: encode %.64q: %w", name, err)
		}
		return e.text(name, string(text))
	}
	switch t.Kind() {
	case reflect.String:
		return e.text(name, v.String())
	case reflect.Bool:
		if opts&asBoolean != 0 {
			if !v.Bool() {
				return nil
			}
			_, err := e.begin(name, TypeBoolean, 0, 0)
			return err
		}
	case reflect.Slice, reflect.Array:
		return e.array(name, v, opts)
	case reflect.Struct, reflect.Map, reflect.Pointer:
		value, err := e.begin(name, TypeList, 1, listHead)
		if err != nil {
			return err
		}
		le.PutUint32(value[4:], flagsOf(v))
		return e.nested(v)
	}
	pairType := scalarType(t, opts)
	if pairType == TypeUnknown {
		return refuse(TypeUnknown, noPair+t.String())
	}
	value, err := e.begin(name, pairType, 1, int64(shapes[pairType].width))
	if err == nil {
		putNumber(value, pairType, v)
	}
	return err
}

// flagsOf returns the flags of the list of a Go value.
func flagsOf(v reflect.Value) uint32 {
	if v.Kind() == reflect.Pointer && v.Type() == listType {
		return v.Interface().(*List).flags & uint32(UniqueName|UniqueNameType)
	}
	return uint32(UniqueName)
}

// nested writes a nested list and its terminator.
func (e *encoder) nested(v reflect.Value) error {
	e.depth++
	e.deepest = max(e.deepest, e.depth)
	if e.depth > MaxDepth {
		return tooDeep()
	}
	err := e.pairs(v)
	e.depth--
	e.buf = append(e.buf, 0, 0, 0, 0)
	return err
}
