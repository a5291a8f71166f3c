package nvlist

import (
	"encoding"
	"fmt"
	"math"
	"reflect"

	"github.com/gozones/zones/sys/errno"
)

// Unmarshal unpacks a list, in either encoding, to the struct or map that v points to: it
// calls [Unpack] and [List.Decode].
func Unmarshal(b []byte, v any) error {
	l, err := Unpack(b)
	if err != nil {
		return err
	}
	return l.Decode(v)
}

// Decode stores the pairs in the struct or map that v points to, with the tags of
// [Encode]. Pairs without a field are ignored, fields without a pair stay unchanged, and
// of several pairs with a name the last one counts.
//
// An integer of any type is stored where its value fits; a boolean without a value is
// true; a string can be stored in an [encoding.TextUnmarshaler]. A slice, a pointer, a map
// or a *List is newly allocated; an array takes as many elements as it has. An empty
// interface gets the result of [Pair.Value]. EINVAL, with the path of the pair, for a
// value that can't be stored.
func (l *List) Decode(v any) error {
	value := reflect.ValueOf(v)
	if value.Kind() != reflect.Pointer || value.IsNil() {
		return &Error{Op: "decode", Reason: fmt.Sprintf("a %T is no pointer to a struct or a map", v), Err: errno.EINVAL}
	}
	return l.decode(value.Elem())
}

func (l *List) decode(v reflect.Value) error {
	if v.Kind() == reflect.Pointer && v.Type() != listType {
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		return l.decode(v.Elem())
	}
	t := v.Type()
	switch {
	case t == listType:
		v.Set(reflect.ValueOf(l))
		return nil
	case t.Kind() == reflect.Interface && t.NumMethod() == 0:
		v.Set(reflect.ValueOf(l))
		return nil
	case t.Kind() == reflect.Map && t.Key().Kind() == reflect.String:
		if v.IsNil() {
			v.Set(reflect.MakeMap(t))
		}
		for p := range l.Pairs() {
			elem := reflect.New(t.Elem()).Elem()
			if err := p.decode(elem); err != nil {
				return err
			}
			v.SetMapIndex(reflect.ValueOf(p.Name()).Convert(t.Key()), elem)
		}
		return nil
	case t.Kind() == reflect.Struct:
		fields := infoOf(t).fields
		for p := range l.Pairs() {
			for i := range fields {
				if f := &fields[i]; string(p.nameBytes()) == f.name {
					if err := p.decode(v.FieldByIndex(f.index)); err != nil {
						return err
					}
				}
			}
		}
		return nil
	}
	return &Error{Op: "decode", Type: TypeList, Reason: "a list doesn't go into a Go " + t.String(), Err: errno.EINVAL}
}

// decode stores a value. Its errors have the path of the pair.
func (p Pair) decode(v reflect.Value) error {
	err := p.decodeValue(v)
	if failure, ok := err.(*Error); ok { // returned by this package
		name := p.Name()
		if failure.Name != "" {
			name += "." + failure.Name
		}
		failure.Name = name
	}
	return err
}

// mismatch returns the error for a value that can't be stored.
func (p Pair) mismatch(v reflect.Value) error {
	return &Error{Op: "decode", Type: p.typ, Reason: "the value doesn't go into a Go " + v.Type().String(), Err: errno.EINVAL}
}

func (p Pair) decodeValue(v reflect.Value) error {
	t := v.Type()
	if t.Kind() == reflect.Pointer && t != listType {
		if v.IsNil() {
			v.Set(reflect.New(t.Elem()))
		}
		return p.decodeValue(v.Elem())
	}
	if t.Kind() == reflect.Interface && t.NumMethod() == 0 {
		v.Set(reflect.ValueOf(p.Value()))
		return nil
	}
	switch p.typ {
	case TypeBoolean:
		if t.Kind() != reflect.Bool {
			return p.mismatch(v)
		}
		v.SetBool(true)
		return nil
	case TypeString:
		return p.setText(v, p.text())
	case TypeList:
		return p.list().decode(v)
	case TypeListArray:
		lists := p.listArray()
		return p.eachElem(v, len(lists), func(i int, elem reflect.Value) error { return lists[i].decode(elem) })
	case TypeStringArray:
		texts := p.texts()
		return p.eachElem(v, len(texts), func(i int, elem reflect.Value) error { return p.setText(elem, texts[i]) })
	}
	if p.typ.IsArray() {
		return p.eachElem(v, p.Elems(), func(i int, elem reflect.Value) error { return p.setNumber(elem, i) })
	}
	return p.setNumber(v, 0)
}

// eachElem makes v n elements long and calls set for each.
func (p Pair) eachElem(v reflect.Value, n int, set func(i int, elem reflect.Value) error) error {
	switch v.Kind() {
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), n, n))
	case reflect.Array:
		v.SetZero()
		n = min(n, v.Len())
	default:
		return p.mismatch(v)
	}
	for i := range n {
		if err := set(i, v.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

func (p Pair) setText(v reflect.Value, text string) error {
	if v.CanAddr() && infoOf(v.Type()).readsText {
		if err := v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text)); err != nil {
			return fmt.Errorf("nvlist: decode %.64q: %w", p.Name(), err)
		}
		return nil
	}
	if v.Kind() != reflect.String {
		return p.mismatch(v)
	}
	v.SetString(text)
	return nil
}

// setNumber stores number i in v, if it fits.
func (p Pair) setNumber(v reflect.Value, i int) error {
	bits := p.bits(i)
	isBool := p.typ == TypeBooleanValue || p.typ == TypeBooleanArray
	switch {
	case isBool || v.Kind() == reflect.Bool:
		if !isBool || v.Kind() != reflect.Bool {
			return p.mismatch(v)
		}
		v.SetBool(bits != 0)
		return nil
	case p.typ == TypeDouble || v.CanFloat():
		if p.typ != TypeDouble || !v.CanFloat() {
			return p.mismatch(v)
		}
		v.SetFloat(math.Float64frombits(bits))
		return nil
	}
	var fits bool
	if p.typ.signed() || p.typ == TypeHrtime {
		bits = uint64(p.extended(bits))
		fits = v.CanInt() || int64(bits) >= 0
	} else {
		fits = v.CanUint() || bits <= math.MaxInt64
	}
	switch {
	case v.CanInt():
		if fits = fits && !v.OverflowInt(int64(bits)); fits {
			v.SetInt(int64(bits))
		}
	case v.CanUint():
		if fits = fits && !v.OverflowUint(bits); fits {
			v.SetUint(bits)
		}
	default:
		return p.mismatch(v)
	}
	if !fits {
		return &Error{Op: "decode", Type: p.typ, Reason: "the value is too large for a Go " + v.Type().String(), Err: errno.EINVAL}
	}
	return nil
}
