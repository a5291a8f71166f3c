package nvlist

import (
	"encoding"
	"encoding/binary"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// options are the options in the tag of a field.
type options uint8

const (
	omitEmpty options = 1 << iota // leave out empty values
	asByte                        // encode a uint8 as a byte
	asUint8                       // encode a []uint8 as a uint8 array
	asBoolean                     // encode true as a boolean without a value, leave out false
)

// field is one field of a Go struct.
type field struct {
	name  string
	index []int
	typ   reflect.Type
	opts  options
	how   shortcut
	elem  reflect.Type // with structsField: element type of the slice
	head  []byte       // with structsField: head and name of the pair
}

// shortcut says which fields are encoded without reflection on their values.
type shortcut uint8

const (
	anyField     shortcut = iota
	numberField           // a number, its type in scalarType
	structsField          // a slice of structs
)

// slot is the place of a field's number in the template.
type slot struct {
	index  int // of the field
	offset int // of the value
	typ    Type
	raw    bool    // the value has the same bytes in memory
	field  uintptr // offset of the field in the struct
}

// typeInfo caches what the package needs to know of a Go type.
type typeInfo struct {
	readsText  bool // *T is an encoding.TextUnmarshaler
	writesText bool // T is an encoding.TextMarshaler
	fields     []field
	// template has the pairs of a struct of numbers, with a terminator. Only the values
	// must be filled in.
	template []byte
	slots    []slot
	allRaw   bool // every slot is raw

	size atomic.Int32 // of the pairs of the last list of this type
}

var (
	textMarshaler   = reflect.TypeFor[encoding.TextMarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
	durationType    = reflect.TypeFor[time.Duration]()
	listType        = reflect.TypeFor[*List]()

	infos sync.Map // reflect.Type to *typeInfo
)

// littleEndianHost is true if numbers have the same bytes in memory and in a list.
var littleEndianHost = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// infoOf returns the cached info of a type.
func infoOf(t reflect.Type) *typeInfo {
	if known, ok := infos.Load(t); ok {
		return known.(*typeInfo)
	}
	info := &typeInfo{writesText: t.Implements(textMarshaler), readsText: reflect.PointerTo(t).Implements(textUnmarshaler)}
	if t.Kind() == reflect.Struct && !info.writesText {
		info.fields = fieldsOf(t)
		for i := range info.fields {
			info.fields[i].choose()
		}
		info.prepare(t)
	}
	known, _ := infos.LoadOrStore(t, info)
	return known.(*typeInfo)
}

// choose sets the shortcut of a field.
func (f *field) choose() {
	t := f.typ
	switch {
	case !plainName(f.name) || f.opts != 0 || t.Implements(textMarshaler):
	case shapes[scalarType(t, f.opts)].width != 0:
		f.how = numberField
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct && !t.Elem().Implements(textMarshaler):
		f.how, f.elem = structsField, t.Elem()
		f.head = make([]byte, align8(pairHead+len(f.name)+1))
		putHeadOf(f.head, f.name, len(f.head), TypeListArray, 0)
	}
}

// fieldsOf returns the fields that are encoded, by Go's rules for embedded structs: of
// several with a name the outermost one counts, and none if several are outermost.
func fieldsOf(t reflect.Type) []field {
	var found []field
	seen := make(map[string]bool)
	double := make(map[string]bool)
	for level := []field{{typ: t}}; len(level) > 0; {
		var next []field
		at := make(map[string]bool)
		for _, outer := range level {
			for i := range outer.typ.NumField() {
				f := outer.typ.Field(i)
				name, opts, skip := parseTag(f)
				index := append(slices.Clone(outer.index), i)
				if skip {
					continue
				}
				if f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct {
					next = append(next, field{index: index, typ: f.Type})
					continue
				}
				if !f.IsExported() {
					continue
				}
				if name == "" {
					name = f.Name
				}
				if seen[name] && !at[name] {
					continue
				}
				double[name] = at[name]
				at[name], seen[name] = true, true
				found = append(found, field{name: name, index: index, typ: f.Type, opts: opts})
			}
		}
		level = next
	}
	found = slices.DeleteFunc(found, func(f field) bool { return double[f.name] })
	slices.SortFunc(found, func(a, b field) int { return slices.Compare(a.index, b.index) })
	return found
}

// parseTag reads the tag: nv:"name,omitempty", nv:"-".
func parseTag(f reflect.StructField) (name string, opts options, skip bool) {
	tag := f.Tag.Get("nv")
	if tag == "-" {
		return "", 0, true
	}
	name, rest, _ := strings.Cut(tag, ",")
	for option := range strings.SplitSeq(rest, ",") {
		switch option {
		case "omitempty":
			opts |= omitEmpty
		case "byte":
			opts |= asByte
		case "uint8":
			opts |= asUint8
		case "boolean":
			opts |= asBoolean
		}
	}
	return name, opts, false
}

// prepare sets the template, if the struct can have one.
func (info *typeInfo) prepare(structType reflect.Type) {
	var template []byte
	var slots []slot
	for _, f := range info.fields {
		t := scalarType(f.typ, f.opts)
		if len(f.index) != 1 || f.how != numberField {
			return
		}
		valueOff := align8(pairHead + len(f.name) + 1)
		start := len(template)
		template = append(template, make([]byte, valueOff+8)...)
		putHeadOf(template[start:], f.name, valueOff, t, 1)
		raw := f.typ.Size() == uintptr(shapes[t].width) && littleEndianHost
		slots = append(slots, slot{index: f.index[0], offset: start + valueOff, typ: t, raw: raw, field: structType.Field(f.index[0]).Offset})
	}
	info.template, info.slots = append(template, 0, 0, 0, 0), slots
	info.allRaw = !slices.ContainsFunc(slots, func(s slot) bool { return !s.raw })
}

// scalarType returns the type of the pair of a Go type that has a single value, else
// [TypeUnknown].
func scalarType(t reflect.Type, opts options) Type {
	if t == durationType {
		return TypeHrtime
	}
	switch t.Kind() {
	case reflect.Bool:
		return TypeBooleanValue
	case reflect.Int8:
		return TypeInt8
	case reflect.Uint8:
		if opts&asByte != 0 {
			return TypeByte
		}
		return TypeUint8
	case reflect.Int16:
		return TypeInt16
	case reflect.Uint16:
		return TypeUint16
	case reflect.Int32:
		return TypeInt32
	case reflect.Uint32:
		return TypeUint32
	case reflect.Int, reflect.Int64:
		return TypeInt64
	case reflect.Uint, reflect.Uint64:
		return TypeUint64
	case reflect.Float32, reflect.Float64:
		return TypeDouble
	case reflect.String:
		return TypeString
	}
	return TypeUnknown
}

// arrayType returns the type of the pair of a slice of a Go type.
func arrayType(elem reflect.Type, opts options) Type {
	switch elem.Kind() {
	case reflect.Bool:
		return TypeBooleanArray
	case reflect.Int8:
		return TypeInt8Array
	case reflect.Uint8:
		if opts&asUint8 != 0 {
			return TypeUint8Array
		}
		return TypeByteArray
	case reflect.Int16:
		return TypeInt16Array
	case reflect.Uint16:
		return TypeUint16Array
	case reflect.Int32:
		return TypeInt32Array
	case reflect.Uint32:
		return TypeUint32Array
	case reflect.Int, reflect.Int64:
		return TypeInt64Array
	case reflect.Uint, reflect.Uint64:
		return TypeUint64Array
	case reflect.String:
		return TypeStringArray
	case reflect.Struct, reflect.Map, reflect.Pointer, reflect.Interface:
		return TypeListArray
	}
	return TypeUnknown
}
