// Package headers holds what this project declares of illumos against the system's
// own headers, name by name. The list is made of the declarations themselves: a
// constant or a field has its C name, or a comment that begins with it, and a
// structure's size stands in an assertion with the C type in its comment.
//
// On illumos in a build with cgo the package's test compares; elsewhere the program
// in the folder check does, with clang and a tree of headers.
package headers

import (
	_ "embed"
	"reflect"
)

// Fact is something that the headers say: an integer, or a text.
type Fact struct {
	Name  string // "ZONE_CREATE", "sizeof (zone_def)", "zone_def.flags: offset"
	Value int64
	Text  string // where IsText
	// IsText tells that the fact is a string constant.
	IsText bool
}

// C is facts.h: for each fact, by its number, INTEGER(number, expression) or
// TEXT(number, string).
//
//go:embed facts.h
var C string

// Field is a member of a C structure, with the Go field that stands for it.
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

type structure struct {
	c       string
	variant string // of several that systems have
	goType  reflect.Type
	fields  []field
}
