// Package headers compares this project's declarations of illumos constants and
// structures with the system's own headers, name by name. The list of what is compared
// is generated from the declarations: a constant or a field has its C name, or a
// comment that begins with it, and a structure's size is asserted with the C type in
// the comment.
//
// On illumos with cgo the package's test compares; elsewhere the command check does,
// with clang and a tree of headers.
package headers

import (
	_ "embed"
	"reflect"
)

// Fact is a value in the headers: an integer, or a string.
type Fact struct {
	Name  string // "ZONE_CREATE", "sizeof (zone_def)", "zone_def.flags: offset"
	Value int64
	Text  string
	// IsText is set for a string constant: Text has it, not Value.
	IsText bool
}

// C is facts.h, which has a line for each fact: INTEGER(number, expression) or
// TEXT(number, string).
//
//go:embed facts.h
var C string

// field is a member of a C structure and the Go field that declares it.
type field struct{ c, goName string }

// Facts returns the facts, in the order of their numbers.
func Facts() []Fact {
	facts := constants()
	for _, s := range structures() {
		facts = append(facts, Fact{Name: "sizeof (" + s.c + ")" + s.variant, Value: int64(s.goType.Size())})
		for _, f := range s.fields {
			g, ok := s.goType.FieldByName(f.goName)
			if !ok {
				panic("headers: no field " + f.goName + " in " + s.goType.String())
			}
			facts = append(facts,
				Fact{Name: s.c + s.variant + "." + f.c + ": offset", Value: int64(g.Offset)},
				Fact{Name: s.c + s.variant + "." + f.c + ": size", Value: int64(g.Type.Size())})
		}
	}
	return facts
}

// structure is a C structure and the Go type that declares it.
type structure struct {
	c       string
	variant string // " without labels", where kernels have several layouts
	goType  reflect.Type
	fields  []field
}
