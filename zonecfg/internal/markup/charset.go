package markup

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// charset is an encoding that documents may declare.
type charset int

const (
	utf8Charset charset = iota
	latin1
	ascii
	foreign // any other
)

func charsetOf(encoding string) charset {
	switch strings.ToUpper(encoding) {
	case "", "UTF-8", "UTF8":
		return utf8Charset
	case "ISO-8859-1", "ISO-LATIN-1", "ISO LATIN 1":
		return latin1
	case "ASCII", "US-ASCII":
		return ascii
	}
	return foreign
}

// last is the last character of an encoding of single bytes.
func (c charset) last() rune {
	if c == latin1 {
		return 0xff
	}
	return 0x7f
}

var errEncoding = errors.New("the text is not in the encoding that it declares")

// decode returns the text in UTF-8. Line ends are as they were.
func (c charset) decode(text string) (string, error) {
	switch c {
	case utf8Charset:
		if !utf8.ValidString(text) {
			return "", errEncoding
		}
		return text, nil
	case foreign:
		return "", errors.New("this encoding isn't read here: write the file in UTF-8")
	}
	var out strings.Builder
	out.Grow(len(text))
	for i := range len(text) {
		r := rune(text[i])
		if r > c.last() {
			return "", errEncoding
		}
		out.WriteRune(r)
	}
	return out.String(), nil
}
