package markup

import "slices"

// Document is a whole document.
type Document struct {
	Version    string // of the XML declaration, "1.0" where there is none
	Encoding   string // as declared, "" for none
	Standalone string // as declared, "" for none
	Doctype    *Doctype
	Head       []Node // comments and instructions between the declaration and the document type
	Before     []Node // ... between the document type and the root
	Root       *Element
	After      []Node // ... behind the root
}

// Doctype is the document type declaration.
type Doctype struct {
	Name   string
	Public string // "" for none
	System string // "" for none
	Line   int
}

// Node is an *Element, a *Comment or an *Instruction.
type Node interface{ write(w *writer, level int) }

// Element is an element with its attributes, in the order of the file, and what is
// in it.
type Element struct {
	Name     string
	Attrs    []Attr
	Children []Node
	Text     string // directly in it, of documents whose elements may hold text
	Line     int    // of its start tag, 0 for one that wasn't read
	Blank    bool   // there is white space in it
}

// Attr is an attribute.
type Attr struct{ Name, Value string }

// Comment is the text between <!-- and -->.
type Comment struct{ Text string }

// Instruction is a processing instruction.
type Instruction struct{ Target, Text string }

// Value returns an attribute's value, "" when the element hasn't got it.
func (e *Element) Value(name string) string {
	value, _ := e.Get(name)
	return value
}

// Get returns an attribute's value; ok is false when the element hasn't got it.
func (e *Element) Get(name string) (value string, ok bool) {
	for _, a := range e.Attrs {
		if a.Name == name {
			return a.Value, true
		}
	}
	return "", false
}

// With returns the element with an attribute set: in its place, or at the end when
// it is a new one.
func (e *Element) With(name, value string) *Element {
	o := *e
	o.Attrs = slices.Clone(e.Attrs)
	for i := range o.Attrs {
		if o.Attrs[i].Name == name {
			o.Attrs[i].Value = value
			return &o
		}
	}
	o.Attrs = append(o.Attrs, Attr{name, value})
	return &o
}

// Without returns the element without an attribute.
func (e *Element) Without(name string) *Element {
	o := *e
	o.Attrs = slices.DeleteFunc(slices.Clone(e.Attrs), func(a Attr) bool { return a.Name == name })
	return &o
}

// Elements returns the elements directly in e.
func (e *Element) Elements() []*Element {
	var list []*Element
	for _, n := range e.Children {
		if c, ok := n.(*Element); ok {
			list = append(list, c)
		}
	}
	return list
}
