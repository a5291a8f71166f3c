package cli

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

// AppendShown appends a character as a terminal may get it, text being its bytes. Control
// characters, which names and paths may have, bytes that aren't UTF-8 and characters that
// reorder what is read are written as Go writes them (\x1b); newlines and tabs stay.
func AppendShown(out []byte, r rune, text []byte) []byte {
	switch {
	case r == '\n', r == '\t':
	case r == utf8.RuneError && len(text) == 1, r < 0x80 && unicode.IsControl(r):
		return fmt.Appendf(out, `\x%02x`, text[0])
	case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
		return fmt.Appendf(out, `\u%04x`, r)
	}
	return append(out, text...)
}

// Shown returns a text as [AppendShown] shows its characters.
func Shown(text string) string {
	var out []byte
	for rest := []byte(text); len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		out = AppendShown(out, r, rest[:size])
		rest = rest[size:]
	}
	return string(out)
}
