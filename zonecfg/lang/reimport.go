package lang

import (
	"slices"
	"strings"
)

// exportOrder are the properties that export writes at its head, without quotes
// whatever is in them, in its order.
var exportOrder = []string{"zonepath", "brand", "autoboot", "bootargs", "pool", "limitpriv", "scheduling-class", "ip-type", "hostid", "fs-allowed"}

// exportReader lets the head of what export wrote be read back: "set bootargs=-m
// verbose" is a syntax error anywhere else. A script is taken for an export while it
// is what export writes, line by line: "create -b", then properties in the order in
// which they stand there. In such a line a value that the language has no other
// reading for is the rest of the line.
type exportReader struct {
	begun, over bool
	seen        int // how far in exportOrder
}

// line returns the tokens of a line of an export's head that needs it; ok is false
// for one that is read like any other.
func (e *exportReader) line(line string) (tokens []token, ok bool) {
	switch {
	case e.over:
		return nil, false
	case !e.begun:
		e.begun, e.over = true, line != "create -b\n"
		return nil, false
	}
	rest, isSet := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "set ")
	name, value, hasValue := strings.Cut(rest, "=")
	at := slices.Index(exportOrder[e.seen:], name)
	if !isSet || !hasValue || at < 0 || !strings.HasSuffix(line, "\n") {
		e.over = true
		return nil, false
	}
	e.seen += at + 1
	if value == "" || strings.Contains(value, ";") || onePiece(value) {
		return nil, false
	}
	return []token{{command, "set", "set"}, {property, name, name}, {equal, "=", "="}, {word, value, value}, {terminator, "\n", "\n"}}, true
}

// onePiece tells whether a value is a word or a quoted string, maybe with blanks
// around it: what set takes as it is.
func onePiece(value string) bool {
	lines := 0
	x := &lexer{more: func() (string, bool) { return "", false }, rest: value, mode: text, lines: &lines}
	first := x.next().kind
	return (first == word || first == resource || first == property) && x.next().kind == end
}

// quote returns a value as a word of the language.
func quote(value string) string { return `"` + value + `"` }

// asWritten returns how export writes a property of the zone: as it is, unless that
// would be read back as something else without a word.
func asWritten(value string) string {
	if strings.Contains(value, ";") || strings.Trim(value, " \t") != value {
		return quote(value)
	}
	return value
}

// asWord returns a value in quotes if it isn't a word without them.
func asWord(value string) string {
	if value == "" || strings.ContainsAny(value, stops[text]) {
		return quote(value)
	}
	return value
}

// sayable tells whether there is a way to write a value in the language.
func sayable(value string) bool { return !strings.ContainsAny(value, "\"\n\x00") }
