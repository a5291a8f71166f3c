package zlogin

import "fmt"

// escapes finds the escapes in what a user types: an escape character at the
// beginning of a line, and then a full stop or the end-of-file character. It keeps
// its state from one piece of input to the next.
type escapes struct {
	char byte
	off  bool // no escapes at all
	eof  byte // the user's end-of-file character
	ends [6]byte

	middle  bool // of a line
	escaped bool // the escape character was swallowed
}

// newEscapes returns the finder for a terminal with these characters that end a
// line: the user's own interrupt, kill, suspend and end-of-line characters, beside
// carriage return and newline. One that is switched off is NUL, which then ends a
// line too.
func newEscapes(char byte, off bool, interrupt, kill, suspend, eol, eof byte) *escapes {
	return &escapes{char: char, off: off, eof: eof, ends: [6]byte{'\r', '\n', interrupt, kill, suspend, eol}}
}

func (e *escapes) endsLine(c byte) bool {
	for _, end := range e.ends {
		if c == end {
			return true
		}
	}
	return false
}

// feed takes what was typed and returns what goes to the zone. When the user has
// asked to disconnect, done is true and echo is what is shown of that; the rest of
// the input is dropped.
func (e *escapes) feed(typed []byte) (out []byte, echo string, done bool) {
	for _, c := range typed {
		switch {
		case e.escaped:
			e.escaped = false
			if c == '.' || c == e.eof {
				return out, string([]byte{e.char}) + printable(c), true
			}
		case !e.middle && !e.off && c == e.char:
			e.escaped, e.middle = true, true
			continue
		}
		out = append(out, c)
		e.middle = !e.endsLine(c)
	}
	return out, "", false
}

// printable shows a character: control characters with a caret, others that can't
// be shown as an octal number.
func printable(c byte) string {
	switch {
	case c < ' ':
		return "^" + string(rune(c+'@'))
	case c > '~':
		return fmt.Sprintf(`\%03o`, c)
	}
	return string(rune(c))
}
