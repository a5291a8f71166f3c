package zlogin

import (
	"bytes"
	"fmt"

	"github.com/gozones/zones/sys/pty"
)

// DefaultEscape is the escape character if none was chosen.
const DefaultEscape = '~'

// Escape says how a user leaves a session: by the escape character at the beginning of a
// line, followed by a period or by the terminal's end-of-file character.
type Escape struct {
	Char byte
	Off  bool // no escape at all
}

// ParseEscape reads the argument of -e: a character, "\" or "\\..." for a
// backslash, or "\" with octal digits.
func ParseEscape(argument string) (byte, error) {
	if argument == "" {
		return 0, nil
	}
	if argument[0] != '\\' {
		return argument[0], nil
	}
	rest := argument[1:]
	switch {
	case rest == "" || rest[0] == '\\':
		return '\\', nil
	case rest[0] < '0' || rest[0] > '7':
		return 0, usage("Unrecognized escape character option %s", argument)
	}
	value := 0
	for i := 0; i < len(rest) && rest[i] >= '0' && rest[i] <= '7'; i++ {
		if value = value<<3 | int(rest[i]-'0'); value > 0xff {
			return 0, usage("Octal escape character '%s' too large", argument)
		}
	}
	return byte(value), nil
}

// Scanner splits what a user types into the bytes for the zone and the escape.
type Scanner struct {
	Escape
	Keys pty.Keys // of the user's terminal

	inLine  bool // the current line has begun
	escaped bool // the escape character was typed and held back
}

// Scan returns which bytes of typed go to the zone and, if the user leaves the session,
// what to show on the user's terminal; nothing more is read then. Its state is kept from
// one call to the next. The result is valid until typed is written to.
func (s *Scanner) Scan(typed []byte) (toZone []byte, echo string, leave bool) {
	if s.Off {
		return typed, "", false
	}
	// The common case: nothing is held back.
	if !s.escaped && bytes.IndexByte(typed, s.Char) < 0 {
		if len(typed) > 0 {
			s.inLine = !s.endsLine(typed[len(typed)-1])
		}
		return typed, "", false
	}
	toZone = make([]byte, 0, len(typed))
	for _, c := range typed {
		switch {
		case s.escaped && (c == '.' || c == s.Keys.EOF):
			return toZone, printable(s.Char) + printable(c), true
		case !s.escaped && !s.inLine && c == s.Char:
			s.escaped, s.inLine = true, true
			continue
		}
		s.escaped = false
		s.inLine = !s.endsLine(c)
		toZone = append(toZone, c)
	}
	return toZone, "", false
}

// endsLine reports whether a new line begins after c. A key that the terminal doesn't
// have is NUL, so NUL ends a line too.
func (s *Scanner) endsLine(c byte) bool {
	switch c {
	case '\r', '\n', s.Keys.Kill, s.Keys.EOL, s.Keys.Suspend, s.Keys.Interrupt:
		return true
	}
	return false
}

// printable is a byte as it is shown.
func printable(c byte) string {
	switch {
	case c >= ' ' && c < 0x7f:
		return string(rune(c))
	case c < ' ':
		return "^" + string(rune(c+'@'))
	}
	return fmt.Sprintf(`\%03o`, c)
}
