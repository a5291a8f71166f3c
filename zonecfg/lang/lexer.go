package lang

import (
	"fmt"
	"slices"
	"strings"
)

// mode says which words and separators the lexer knows: what a character is depends
// on where it stands.
type mode int

const (
	start   mode = iota // where a command begins: only names of commands, and comments
	text                // behind a command
	list                // in [ ]
	complex             // in ( )
)

// stops are the characters that end a word, by mode.
var stops = [...]string{text: " \t\n\";=[]()", list: " \t\n\",;=[]()", complex: " \t\n\",;=()"}

// lexer cuts a script into tokens. It reads it line by line, so that it asks for no
// more than it needs.
type lexer struct {
	more    func() (line string, ok bool) // the next line, with its newline if it has one
	rest    string                        // of the line
	mode    mode
	outer   mode // what ) goes back to
	ended   bool
	lines   *int // counts newlines, as the diagnostics do
	exports exportReader
	pending []token
}

// wordMax is the room for a word in the lexer of zonecfg(8), with the NUL behind it.
const wordMax = 1024

// longWordError is a word that is longer than zonecfg(8) can read: its program ends
// there without saying anything.
type longWordError int

func (e longWordError) Error() string {
	return fmt.Sprintf("a word of %d bytes is longer than the %d that a word may have", int(e), wordMax-1)
}

// next returns the next token; it panics with a longWordError.
func (x *lexer) next() token {
	for {
		if len(x.pending) > 0 {
			t := x.pending[0]
			x.pending = x.pending[1:]
			if t.text == "\n" && t.kind == terminator {
				*x.lines++
			}
			t.checkLength()
			return t
		}
		if x.rest == "" {
			line, ok := x.more()
			if !ok {
				x.ended = true
				return token{kind: end}
			}
			x.rest = line
			if x.mode == start {
				if tokens, ok := x.exports.line(line); ok {
					x.pending, x.rest = tokens, ""
					continue
				}
			}
		}
		c := x.rest[0]
		switch {
		case c == ' ' || c == '\t':
			x.rest = x.rest[1:]
		case c == '\n':
			*x.lines++
			x.mode = start
			return x.take(terminator, 1)
		case c == ';':
			x.mode = start
			return x.take(terminator, 1)
		case x.mode == start:
			if c != '#' {
				return x.command()
			}
			_, rest, newline := strings.Cut(x.rest, "\n")
			if x.rest = rest; newline {
				x.rest = "\n" + rest
			}
		default:
			return x.inside(c)
		}
	}
}

// take cuts a token off the line.
func (x *lexer) take(k kind, n int) token {
	t := token{k, x.rest[:n], x.rest[:n]}
	x.rest = x.rest[n:]
	t.checkLength()
	return t
}

func (t token) checkLength() {
	if len(t.raw) >= wordMax {
		panic(longWordError(len(t.raw)))
	}
}

// wordAt returns all of the word that begins with a token which was just taken.
func (x *lexer) wordAt(t token) string {
	end := strings.IndexAny(x.rest, stops[text])
	if end < 0 {
		end = len(x.rest)
	}
	return t.raw + x.rest[:end]
}

// command reads the name of a command: a prefix of the text that is one. Two names
// that begin alike are told apart by the longer one.
func (x *lexer) command() token {
	longest := ""
	for _, name := range commands {
		if strings.HasPrefix(x.rest, name) && len(name) > len(longest) {
			longest = name
		}
	}
	switch {
	case longest != "":
		x.mode, x.outer = text, text
		return x.take(command, len(longest))
	case x.rest[0] == '?':
		x.mode, x.outer = text, text
		t := x.take(command, 1)
		t.text = "help"
		return t
	}
	return x.take(other, 1)
}

// inside reads a token behind a command.
func (x *lexer) inside(c byte) token {
	switch {
	case c == '=':
		return x.take(equal, 1)
	case c == ',' && x.mode != text:
		return x.take(comma, 1)
	case c == '[' && x.mode == text:
		x.mode, x.outer = list, list
		return x.take(openList, 1)
	case c == ']' && x.mode == list:
		x.mode, x.outer = text, text
		return x.take(closeList, 1)
	case c == '(' && x.mode != complex:
		x.mode = complex
		return x.take(openComplex, 1)
	case c == ')' && x.mode == complex:
		x.mode = x.outer
		return x.take(closeComplex, 1)
	case c == '"' && x.mode != complex:
		return x.quoted()
	case c == 0, strings.IndexByte(stops[x.mode], c) >= 0:
		return x.take(other, 1)
	}
	n := strings.IndexAny(x.rest, stops[x.mode]+"\x00")
	if n < 0 {
		n = len(x.rest)
	}
	t := x.take(word, n)
	switch {
	case x.mode == text && slices.Contains(resources, t.text):
		t.kind = resource
	case x.mode != list && properties[t.text]:
		t.kind = property
	}
	return t
}

// quoted reads what stands between two quotes. One that isn't closed on its line
// ends with the newline, which then is part of it and doesn't end the command.
func (x *lexer) quoted() token {
	n := strings.IndexAny(x.rest[1:], "\"\n") + 2
	if n < 2 {
		return x.take(other, 1)
	}
	t := x.take(word, n)
	t.text = strings.TrimSuffix(t.raw[1:], `"`)
	return t
}
