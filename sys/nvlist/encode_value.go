package nvlist

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"unsafe"
)

// rawStructs writes a slice of structs whose fields have the same bytes in memory and in a
// list.
func (e *encoder) rawStructs(f *field, v reflect.Value, info *typeInfo) error {
	n := v.Len()
	size := len(f.head) + (pointer+listHead)*n
	if size > math.MaxInt32-64 {
		return refuse(TypeListArray, "the value is too large")
	}
	if n > 0 {
		e.deepest = max(e.deepest, e.depth+1)
	}
	if e.deepest > MaxDepth {
		return tooDeep()
	}
	off := len(e.buf)
	end := off + size
	e.buf = slices.Grow(e.buf, size+n*len(info.template))[:end+n*len(info.template)]
	b := e.buf[off:end]
	copy(b, f.head)
	le.PutUint32(b[offSize:], uint32(size))
	le.PutUint32(b[offElem:], uint32(n))
	clear(b[len(f.head):])
	heads := b[len(f.head)+pointer*n:]
	first, stride := v.UnsafePointer(), int(f.elem.Size())
	for i := range n {
		le.PutUint32(heads[listHead*i+4:], uint32(UniqueName))
		memory := unsafe.Add(first, stride*i)
		b := e.buf[end:]
		end += copy(b, info.template)
		for i := range info.slots {
			s := &info.slots[i]
			putRaw(b[s.offset:], unsafe.Add(memory, s.field), shapes[s.typ].width)
		}
	}
	return nil
}

// putRaw copies a number of that width from memory.
func putRaw(b []byte, number unsafe.Pointer, width uint8) {
	switch width {
	case 8:
		le.PutUint64(b, *(*uint64)(number))
	case 4:
		le.PutUint32(b, *(*uint32)(number))
	case 2:
		le.PutUint16(b, *(*uint16)(number))
	case 1:
		b[0] = *(*byte)(number)
	}
}

// putNumber writes a number of any type.
func putNumber(b []byte, t Type, v reflect.Value) {
	var bits uint64
	switch {
	case v.CanUint():
		bits = v.Uint()
	case v.CanInt():
		bits = uint64(v.Int())
	case v.Kind() == reflect.Bool:
		bits = uint64(bit(v.Bool()))
	default:
		bits = math.Float64bits(v.Float())
	}
	switch shapes[t].width {
	case 1:
		b[0] = byte(bits)
	case 2:
		le.PutUint16(b, uint16(bits))
	case 4:
		le.PutUint32(b, uint32(bits))
	case 8:
		le.PutUint64(b, bits)
	}
}

func (e *encoder) text(name, s string) error {
	if strings.IndexByte(s, 0) >= 0 {
		return refuse(TypeString, "a string can't hold a NUL")
	}
	value, err := e.begin(name, TypeString, 1, int64(len(s))+1)
	copy(value, s)
	return err
}

func (e *encoder) array(name string, v reflect.Value, opts options) error {
	elem := v.Type().Elem()
	n := v.Len()
	isText := elem.PkgPath() != "" && infoOf(elem).writesText
	t := arrayType(elem, opts)
	switch {
	case isText || t == TypeStringArray:
		return e.texts(name, v, isText)
	case t == TypeListArray:
		return e.lists(name, v)
	case t == TypeUnknown:
		return refuse(TypeUnknown, noPair+v.Type().String())
	}
	width := int(shapes[t].width)
	value, err := e.begin(name, t, n, int64(n)*int64(width))
	if err != nil {
		return err
	}
	if width == 1 && v.Kind() == reflect.Slice && elem.Kind() == reflect.Uint8 {
		copy(value, v.Bytes())
		return nil
	}
	for i := range n {
		putNumber(value[i*width:], t, v.Index(i))
	}
	return nil
}

func (e *encoder) texts(name string, v reflect.Value, isText bool) error {
	n := v.Len()
	texts := make([]string, n)
	size := int64(pointer * n)
	for i := range texts {
		if isText {
			text, err := v.Index(i).Interface().(encoding.TextMarshaler).MarshalText()
			if err != nil {
				return fmt.Errorf("nvlist: encode %.64q: %w", name, err)
			}
			texts[i] = string(text)
		} else {
			texts[i] = v.Index(i).String()
		}
		if strings.IndexByte(texts[i], 0) >= 0 {
			return refuse(TypeStringArray, "a string can't hold a NUL")
		}
		size += int64(len(texts[i])) + 1
	}
	value, err := e.begin(name, TypeStringArray, n, size)
	if err != nil {
		return err
	}
	value = value[pointer*n:]
	for _, s := range texts {
		copy(value, s)
		value = value[len(s)+1:]
	}
	return nil
}

func (e *encoder) lists(name string, v reflect.Value) error {
	n := v.Len()
	off := len(e.buf) + align8(pairHead+len(name)+1) + pointer*n
	if _, err := e.begin(name, TypeListArray, n, int64(pointer+listHead)*int64(n)); err != nil {
		return err
	}
	for i := range n {
		child := v.Index(i)
		for child.Kind() == reflect.Interface || child.Kind() == reflect.Pointer && child.Type() != listType && !child.IsNil() {
			child = child.Elem()
		}
		if !child.IsValid() || child.Kind() == reflect.Pointer && child.IsNil() {
			return refuse(TypeListArray, fmt.Sprintf("list %d is nil", i))
		}
		le.PutUint32(e.buf[off+listHead*i+4:], flagsOf(child))
		if err := e.nested(child); err != nil {
			return err
		}
	}
	return nil
}
