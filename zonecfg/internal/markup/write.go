package markup

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Bytes writes the document: a line for each element, two blanks for each level.
func (d *Document) Bytes() []byte {
	w := &writer{charset: charsetOf(d.Encoding), refs: d.Encoding == ""}
	version := d.Version
	if version == "" {
		version = "1.0"
	}
	w.text(`<?xml version="` + version + `"`)
	if d.Encoding != "" {
		w.text(` encoding="` + d.Encoding + `"`)
	}
	if d.Standalone != "" {
		w.text(` standalone="` + d.Standalone + `"`)
	}
	w.text("?>\n")
	w.nodes(d.Head, 0)
	if d.Doctype != nil {
		d.Doctype.write(w)
	}
	w.nodes(d.Before, 0)
	if d.Root != nil {
		w.nodes([]Node{d.Root}, 0)
	}
	w.nodes(d.After, 0)
	return w.out
}

// Bytes writes the element alone, as it would stand in a document without
// encoding.
func (e *Element) Bytes() []byte {
	w := &writer{refs: true}
	e.write(w, 0)
	return w.out
}

// writer collects the text of a document.
type writer struct {
	out     []byte
	charset charset
	refs    bool // everything beyond ASCII in attributes is a reference
}

// text writes what is no attribute's value: what the encoding hasn't got becomes a
// decimal reference.
func (w *writer) text(s string) {
	if w.charset == utf8Charset {
		w.out = append(w.out, s...)
		return
	}
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf:
			w.out = append(w.out, byte(r))
		case r <= w.charset.last():
			w.out = append(w.out, byte(r))
		default:
			w.out = append(w.out, "&#"+strconv.Itoa(int(r))+";"...)
		}
	}
}

func (w *writer) nodes(list []Node, level int) {
	for _, n := range list {
		for range level {
			w.out = append(w.out, "  "...)
		}
		n.write(w, level)
		w.out = append(w.out, '\n')
	}
}

func (t *Doctype) write(w *writer) {
	w.text("<!DOCTYPE " + t.Name)
	switch {
	case t.Public != "":
		w.text(" PUBLIC " + quoted(t.Public) + " " + quoted(t.System))
	case t.System != "":
		w.text(" SYSTEM " + quoted(t.System))
	}
	w.text(">\n")
}

func quoted(s string) string {
	if strings.Contains(s, `"`) {
		return "'" + s + "'" // one of the two isn't in it
	}
	return `"` + s + `"`
}

func (e *Element) write(w *writer, level int) {
	w.text("<" + e.Name)
	for _, a := range e.Attrs {
		w.text(" " + a.Name + `="`)
		w.value(a.Value)
		w.text(`"`)
	}
	if len(e.Children) == 0 {
		w.text("/>")
		return
	}
	w.text(">\n")
	w.nodes(e.Children, level+1)
	for range level {
		w.text("  ")
	}
	w.text("</" + e.Name + ">")
}

// value writes an attribute's value.
func (w *writer) value(s string) {
	from := 0
	for i := 0; i < len(s); {
		var escape string
		size := 1
		switch c := s[i]; c {
		case '"':
			escape = "&quot;"
		case '&':
			escape = "&amp;"
		case '<':
			escape = "&lt;"
		case '>':
			escape = "&gt;"
		case '\n':
			escape = "&#10;"
		case '\r':
			escape = "&#13;"
		case '\t':
			escape = "&#9;"
		default:
			if c >= utf8.RuneSelf && w.refs {
				var r rune
				r, size = utf8.DecodeRuneInString(s[i:])
				escape = "&#x" + strings.ToUpper(strconv.FormatInt(int64(r), 16)) + ";"
			}
		}
		if escape != "" {
			w.text(s[from:i])
			w.out = append(w.out, escape...)
			from = i + size
		}
		i += size
	}
	w.text(s[from:])
}

func (c *Comment) write(w *writer, _ int) { w.text("<!--" + c.Text + "-->") }

func (p *Instruction) write(w *writer, _ int) {
	w.text("<?" + p.Target)
	if p.Text != "" {
		w.text(" " + p.Text)
	}
	w.text("?>")
}
