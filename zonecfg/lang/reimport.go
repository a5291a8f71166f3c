package lang

import (
	"slices"
	"strings"
)

// exportOrder are the properties of the zone that export writes first, without quotes
// whatever is in them, in its order.
var exportOrder = []string{"zonepath", "brand", "autoboot", "bootargs", "pool", "limitpriv", "scheduling-class", "ip-type", "hostid", "fs-allowed"}

// exportReader lets what export wrote be read back: "set bootargs=-m verbose" and "add
// options a b" are syntax errors anywhere else. A script is taken for an export while it
// is what export writes, line by line: "create -b"; properties in the order in which
// they stand there, autoboot always among them; resources whose texts are in quotes. In
// such a line a value that the language has no other reading for is the rest of the
// line.
type exportReader struct {
	begun, over bool
	seen        int  // how far in exportOrder
	autoboot    bool // is behind
	ipType      bool // is behind
	resource    string
}

// line returns the tokens of a line of an export that needs it; ok is false for one that
// is read like any other.
func (e *exportReader) line(line string) (tokens []token, ok bool) {
	switch {
	case e.over:
		return nil, false
	case !e.begun:
		e.begun, e.over = true, line != "create -b\n"
		return nil, false
	}
	text, whole := strings.CutSuffix(line, "\n")
	name, value, isSet := cutSetting(text)
	switch {
	case !whole:
	case e.resource != "":
		return e.inResource(text)
	case isSet && slices.Contains(exportOrder[e.seen:], name) && (e.autoboot || slices.Index(exportOrder, name) <= slices.Index(exportOrder, "autoboot")):
		e.seen = slices.Index(exportOrder, name) + 1
		e.autoboot = e.autoboot || name == "autoboot"
		e.ipType = e.ipType || name == "ip-type"
		if value == "" || strings.Contains(value, ";") || onePiece(value) {
			return nil, false
		}
		return lineOf(token{command, "set", "set"}, token{property, name, name}, token{equal, "=", "="}, token{word, value, value}), true
	case e.ipType && strings.HasPrefix(text, "add ") && slices.Contains(resources, text[len("add "):]):
		e.resource = text[len("add "):]
		return nil, false
	}
	e.over = true
	return nil, false
}

// inResource reads a line of a resource.
func (e *exportReader) inResource(text string) (tokens []token, ok bool) {
	_, value, isSet := cutSetting(text)
	option, isOption := strings.CutPrefix(text, "add options ")
	switch {
	case text == "end":
		e.resource = ""
	case isSet && (strings.HasPrefix(value, `"`) || e.resource == "capped-memory" || e.resource == "dedicated-cpu"):
	case e.resource == "rctl" && strings.HasPrefix(text, "add value ("):
	case e.resource == "fs" && isOption:
		if !strings.Contains(option, ";") && !onePiece(option) {
			return lineOf(token{command, "add", "add"}, token{property, "options", "options"}, token{word, option, option}), true
		}
	default:
		e.over = true
	}
	return nil, false
}

// cutSetting cuts "set NAME=VALUE".
func cutSetting(line string) (name, value string, ok bool) {
	rest, isSet := strings.CutPrefix(line, "set ")
	name, value, hasValue := strings.Cut(rest, "=")
	return name, value, isSet && hasValue
}

// lineOf returns the tokens of a command with the end of its line.
func lineOf(tokens ...token) []token { return append(tokens, token{terminator, "\n", "\n"}) }

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
