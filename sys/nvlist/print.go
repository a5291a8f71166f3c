package nvlist

import (
	"fmt"
	"io"
	"math"
	"strconv"
)

// Print writes the list as nvlist_print does: a line "name = value" for each pair,
// unsigned numbers in hexadecimal, nested lists indented by a tab. The error is the
// list's [List.Err] or that of w.
func (l *List) Print(w io.Writer) error { return l.write(w, l.appendPrint(nil, 0)) }

// String returns the list as [List.Print] writes it.
func (l *List) String() string { return string(l.appendPrint(nil, 0)) }

// Dump writes the list as dump_nvlist does: a line "name: value" for each pair and each
// array element, indented by blanks, numbers in decimal, nested lists indented by another
// four. Hrtime and double values can't be printed; their lines say so. The error is the
// list's [List.Err] or that of w.
func (l *List) Dump(w io.Writer, indent int) error { return l.write(w, l.appendDump(nil, indent)) }

func (l *List) write(w io.Writer, text []byte) error {
	if l.err != nil {
		return l.err
	}
	_, err := w.Write(text)
	return err
}

func appendIndent(b []byte, with byte, n int) []byte {
	for range n {
		b = append(b, with)
	}
	return b
}

func (l *List) appendPrint(b []byte, tabs int) []byte {
	b = appendIndent(b, '\t', tabs)
	b = fmt.Appendf(b, "nvlist version: %d\n", l.version)
	for p := range l.Pairs() {
		b = p.appendPrint(b, tabs+1)
		b = append(b, '\n')
	}
	return b
}

// appendPrint appends a pair without the newline at its end.
func (p Pair) appendPrint(b []byte, tabs int) []byte {
	name := p.nameBytes()
	n := p.Elems()
	switch p.typ {
	case TypeList:
		b = fmt.Appendf(appendIndent(b, '\t', tabs), "%s = (embedded nvlist)\n", name)
		b = p.list().appendPrint(b, tabs)
		return fmt.Appendf(appendIndent(b, '\t', tabs), "(end %s)\n", name)
	case TypeListArray:
		b = fmt.Appendf(appendIndent(b, '\t', tabs), "%s = (array of embedded nvlists)\n", name)
		for i, child := range p.listArray() {
			b = fmt.Appendf(appendIndent(b, '\t', tabs), "(start %s[%d])\n", name, i)
			b = child.appendPrint(b, tabs)
			b = fmt.Appendf(appendIndent(b, '\t', tabs), "(end %s[%d])\n", name, i)
		}
		return b
	}
	if n == 0 && p.typ.IsArray() {
		return b // nvlist_print prints nothing for it
	}
	b = append(appendIndent(b, '\t', tabs), name...)
	b = append(b, " = "...)
	switch p.typ {
	case TypeBoolean:
		return append(b, '1')
	case TypeString:
		return append(b, p.text()...)
	case TypeStringArray:
		for i, s := range p.texts() {
			if i > 0 {
				b = append(b, ' ')
			}
			b = append(b, s...)
		}
		return b
	}
	for i := range n {
		if i > 0 {
			b = append(b, ' ')
		}
		b = p.appendPrinted(b, i)
	}
	return b
}

// appendPrinted appends number i as nvlist_print does.
func (p Pair) appendPrinted(b []byte, i int) []byte {
	bits := p.bits(i)
	switch p.typ {
	case TypeBooleanValue, TypeBooleanArray:
		return strconv.AppendUint(b, bits, 10)
	case TypeByte, TypeByteArray:
		return fmt.Appendf(b, "0x%02x", bits)
	case TypeDouble:
		return appendDouble(append(b, "0x"...), math.Float64frombits(bits))
	}
	if p.typ.signed() {
		return strconv.AppendInt(b, p.extended(bits), 10)
	}
	return strconv.AppendUint(append(b, "0x"...), bits, 16)
}

// appendDouble appends a double as printf's %f does.
func appendDouble(b []byte, v float64) []byte {
	if math.Signbit(v) && (math.IsNaN(v) || math.IsInf(v, 0)) {
		b = append(b, '-')
	}
	switch {
	case math.IsNaN(v):
		return append(b, "nan"...)
	case math.IsInf(v, 0):
		return append(b, "inf"...)
	}
	return strconv.AppendFloat(b, v, 'f', 6, 64)
}

func (l *List) appendDump(b []byte, indent int) []byte {
	for p := range l.Pairs() {
		b = p.appendDump(b, indent)
	}
	return b
}

func (p Pair) appendDump(b []byte, indent int) []byte {
	name := p.nameBytes()
	line := func(i int) { // starts a line, with an index for arrays
		b = append(appendIndent(b, ' ', indent), name...)
		if p.typ.IsArray() {
			b = append(strconv.AppendInt(append(b, '['), int64(i), 10), ']')
		}
		b = append(b, ':')
	}
	text := func(i int, s string) {
		line(i)
		b = append(append(append(b, " '"...), s...), "'\n"...)
	}
	switch p.typ {
	case TypeBoolean:
		return append(append(appendIndent(b, ' ', indent), name...), '\n')
	case TypeHrtime, TypeDouble:
		return fmt.Appendf(b, "bad config type %d for %s\n", p.typ, name)
	case TypeString:
		text(0, p.text())
	case TypeStringArray:
		for i, s := range p.texts() {
			text(i, s)
		}
	case TypeList:
		line(0)
		b = p.list().appendDump(append(b, '\n'), indent+4)
	case TypeListArray:
		for i, child := range p.listArray() {
			line(i)
			b = child.appendDump(append(b, '\n'), indent+4)
		}
	default:
		for i := range p.Elems() {
			line(i)
			b = append(p.appendDumped(append(b, ' '), i), '\n')
		}
	}
	return b
}

// appendDumped appends number i as dump_nvlist does.
func (p Pair) appendDumped(b []byte, i int) []byte {
	bits := p.bits(i)
	switch {
	case p.typ == TypeBooleanValue || p.typ == TypeBooleanArray:
		return strconv.AppendBool(b, bits != 0)
	case p.typ.signed():
		return strconv.AppendInt(b, p.extended(bits), 10)
	}
	return strconv.AppendUint(b, bits, 10)
}

// signed reports whether numbers of the type can be negative.
func (t Type) signed() bool {
	switch t {
	case TypeInt8, TypeInt16, TypeInt32, TypeInt64, TypeInt8Array, TypeInt16Array, TypeInt32Array, TypeInt64Array:
		return true
	}
	return false
}

// extended returns a number of the type's width, sign-extended.
func (p Pair) extended(bits uint64) int64 {
	unused := 64 - 8*shapes[p.typ].width
	return int64(bits<<unused) >> unused
}
