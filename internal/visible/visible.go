// Package visible makes text from elsewhere fit for a terminal: whoever chooses the name of a
// file, such as the root of a zone, would otherwise choose what the terminal of the
// administrator does.
package visible

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Append appends a character as a terminal may get it, text being its bytes. Control
// characters, which names and paths may have, bytes that aren't UTF-8 and characters that
// reorder what is read are written as Go writes them (\x1b); newlines and tabs stay.
func Append(out []byte, r rune, text []byte) []byte {
	switch {
	case r == '\n', r == '\t':
	case r == utf8.RuneError && len(text) == 1, r < 0x80 && unicode.IsControl(r):
		return fmt.Appendf(out, `\x%02x`, text[0])
	case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
		return fmt.Appendf(out, `\u%04x`, r)
	}
	return append(out, text...)
}

// Text returns a text as [Append] shows its characters.
func Text(text string) string {
	var out []byte
	for rest := []byte(text); len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		out = Append(out, r, rest[:size])
		rest = rest[size:]
	}
	return string(out)
}

// Word is [Text] for a part of a line, such as a field of a table: newlines and tabs are
// shown, too.
func Word(text string) string {
	return strings.NewReplacer("\n", `\n`, "\t", `\t`).Replace(Text(text))
}
