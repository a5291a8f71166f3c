package markup

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// SyntaxError says where a document isn't well-formed, and why.
type SyntaxError struct {
	Line    int
	Element string // the innermost one that was open, "" for none
	Reason  string
}

func (e *SyntaxError) Error() string {
	text := "line " + strconv.Itoa(e.Line) + ": "
	if e.Element != "" {
		text += "in <" + e.Element + ">: "
	}
	return text + e.Reason
}

// maxDepth is more than any document needs; elements that are nested deeper are
// refused, so that no document can use up the stack.
const maxDepth = 64

// Parse reads a document. The error is a *[SyntaxError].
func Parse(text []byte) (*Document, error) { return parse(text, false) }

// ParseText reads a document whose elements may hold text.
func ParseText(text []byte) (*Document, error) { return parse(text, true) }

func parse(text []byte, texts bool) (doc *Document, err error) {
	p := &parser{text: strings.TrimPrefix(string(text), "\ufeff"), texts: texts}
	defer func() {
		if failure, ok := recover().(*SyntaxError); ok {
			doc, err = nil, failure
		}
	}()
	return p.document(), nil
}

// parser goes through a document once. It leaves by a panic with a *SyntaxError.
type parser struct {
	text  string
	texts bool // elements may hold text
	at    int
	open  []string // elements
	line  int      // of lineAt
	seen  int      // how far lines have been counted
}

func (p *parser) lineNow() int {
	p.line += strings.Count(p.text[p.seen:p.at], "\n")
	p.seen = p.at
	return p.line + 1
}

func (p *parser) fail(format string, args ...any) {
	p.at = min(p.at, len(p.text))
	element := ""
	if len(p.open) > 0 {
		element = p.open[len(p.open)-1]
	}
	panic(&SyntaxError{p.lineNow(), element, fmt.Sprintf(format, args...)})
}

func (p *parser) rest() string { return p.text[p.at:] }

func (p *parser) take(prefix string) bool {
	if !strings.HasPrefix(p.rest(), prefix) {
		return false
	}
	p.at += len(prefix)
	return true
}

// blanks passes over white space and tells whether there was some.
func (p *parser) blanks() bool {
	from := p.at
	for p.at < len(p.text) && isBlank(p.text[p.at]) {
		p.at++
	}
	return p.at > from
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// until takes the text before an end, and the end.
func (p *parser) until(end, what string) string { return normalize(p.raw(end, what)) }

// raw is until with the line ends as they are.
func (p *parser) raw(end, what string) string {
	text, _, found := strings.Cut(p.rest(), end)
	if !found {
		p.fail("%s is not closed", what)
	}
	p.characters(text)
	p.at += len(text) + len(end)
	return text
}

// normalize makes the line ends of a text plain newlines.
func normalize(text string) string {
	if !strings.Contains(text, "\r") {
		return text
	}
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
}

// characters checks that a text, which begins at p.at, has only characters that
// XML allows.
func (p *parser) characters(text string) {
	for i, r := range text {
		if !isChar(r) {
			p.at += i
			p.fail("character %#x is not allowed", r)
		}
	}
}

func isChar(r rune) bool {
	return r >= 0x20 && r <= 0xd7ff || r == '\t' || r == '\n' || r == '\r' || r >= 0xe000 && r <= 0xfffd || r >= 0x10000 && r <= 0x10ffff
}

// nameStart and nameMore are NameStartChar of XML 1.0, and what NameChar has more.
var (
	nameStart = &unicode.RangeTable{
		R16: []unicode.Range16{{':', ':', 1}, {'A', 'Z', 1}, {'_', '_', 1}, {'a', 'z', 1}, {0xc0, 0xd6, 1}, {0xd8, 0xf6, 1}, {0xf8, 0x2ff, 1},
			{0x370, 0x37d, 1}, {0x37f, 0x1fff, 1}, {0x200c, 0x200d, 1}, {0x2070, 0x218f, 1}, {0x2c00, 0x2fef, 1}, {0x3001, 0xd7ff, 1},
			{0xf900, 0xfdcf, 1}, {0xfdf0, 0xfffd, 1}},
		R32:         []unicode.Range32{{0x10000, 0xeffff, 1}},
		LatinOffset: 6,
	}
	nameMore = &unicode.RangeTable{
		R16:         []unicode.Range16{{'-', '.', 1}, {'0', '9', 1}, {0xb7, 0xb7, 1}, {0x300, 0x36f, 1}, {0x203f, 0x2040, 1}},
		LatinOffset: 3,
	}
)

// name takes a name. One with a colon is an element of some namespace, and no zone
// has such.
func (p *parser) name(what string) string {
	from := p.at
	for p.at < len(p.text) {
		r, size := utf8.DecodeRuneInString(p.rest())
		switch {
		case unicode.Is(nameStart, r):
		case p.at > from && unicode.Is(nameMore, r):
		default:
			size = 0
		}
		if size == 0 {
			break
		}
		p.at += size
	}
	if p.at == from {
		p.fail("%s was expected", what)
	}
	return p.text[from:p.at]
}

func (p *parser) document() *Document {
	d := &Document{Version: "1.0"}
	p.declaration(d)
	charset := charsetOf(d.Encoding)
	rest, err := charset.decode(p.rest())
	if err != nil {
		p.fail("encoding %q: %v", d.Encoding, err)
	}
	p.text = p.text[:p.at] + rest
	for d.Root == nil {
		p.blanks()
		switch {
		case p.at == len(p.text):
			p.fail("there is no element")
		case p.take("<!DOCTYPE"):
			if d.Doctype != nil {
				p.fail("a second DOCTYPE")
			}
			d.Doctype = p.doctype()
			d.Head, d.Before = d.Before, nil
		case strings.HasPrefix(p.rest(), "<!--"), strings.HasPrefix(p.rest(), "<?"):
			d.Before = append(d.Before, p.aside())
		case p.take("<"):
			d.Root = p.element()
		default:
			p.fail("text before the first element")
		}
	}
	for {
		p.blanks()
		switch {
		case p.at == len(p.text):
			return d
		case strings.HasPrefix(p.rest(), "<!--"), strings.HasPrefix(p.rest(), "<?"):
			d.After = append(d.After, p.aside())
		default:
			p.fail("a second document begins: something is behind the end of <%s>", d.Root.Name)
		}
	}
}

// declaration takes the XML declaration, which may only stand at the very
// beginning.
func (p *parser) declaration(d *Document) {
	if !strings.HasPrefix(p.text, "<?xml") || len(p.text) < 6 || !isBlank(p.text[5]) {
		return
	}
	p.at = 5
	var names []string
	for {
		gap := p.blanks()
		if p.take("?>") {
			break
		}
		if !gap {
			p.fail("a blank was expected in the XML declaration")
		}
		name := p.name("an item of the XML declaration")
		p.equals(name)
		value := p.literal(name)
		names = append(names, name)
		switch name {
		case "version":
			d.Version = value
		case "encoding":
			d.Encoding = value
		case "standalone":
			d.Standalone = value
			if value != "yes" && value != "no" {
				p.fail("standalone is %q, not yes or no", value)
			}
		}
	}
	switch strings.Join(names, " ") {
	case "version", "version encoding", "version standalone", "version encoding standalone":
	default:
		p.fail("the XML declaration has %s", strings.Join(names, ", "))
	}
	if rest, ok := strings.CutPrefix(d.Version, "1."); !ok || strings.Trim(rest, "0123456789") != "" || rest == "" {
		p.fail("XML version %q", d.Version)
	}
	for i := range len(d.Encoding) {
		c := d.Encoding[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (i == 0 || !(c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.')) {
			p.fail("encoding %q is no name of one", d.Encoding)
		}
	}
}

func (p *parser) equals(name string) {
	p.blanks()
	if !p.take("=") {
		p.fail("= was expected behind %s", name)
	}
	p.blanks()
}

// literal takes a quoted text as it is.
func (p *parser) literal(name string) string {
	for _, quote := range []string{`"`, "'"} {
		if p.take(quote) {
			return p.raw(quote, "the value of "+name)
		}
	}
	p.fail("the value of %s is not quoted", name)
	return ""
}

func (p *parser) doctype() *Doctype {
	t := &Doctype{Line: p.lineNow()}
	p.gap("behind <!DOCTYPE")
	t.Name = p.name("a name of an element")
	space := p.blanks()
	switch {
	case space && p.take("PUBLIC"):
		p.gap("behind PUBLIC")
		t.Public = p.literal("the public identifier")
		if i := strings.IndexFunc(t.Public, notPublic); i >= 0 {
			p.fail("the public identifier has %q", t.Public[i])
		}
		p.gap("behind the public identifier")
		t.System = p.literal("the system identifier")
	case space && p.take("SYSTEM"):
		p.gap("behind SYSTEM")
		t.System = p.literal("the system identifier")
	}
	p.blanks()
	if strings.HasPrefix(p.rest(), "[") {
		p.fail("the DOCTYPE has declarations of its own, which are not read here")
	}
	if !p.take(">") {
		p.fail("the DOCTYPE is not closed")
	}
	return t
}

// notPublic tells that a public identifier can't have a character.
func notPublic(r rune) bool {
	return !(r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z') && !strings.ContainsRune(" \r\n-'()+,./:=?;!*#@$_%", r)
}

func (p *parser) gap(where string) {
	if !p.blanks() {
		p.fail("a blank was expected %s", where)
	}
}

// aside takes a comment or an instruction.
func (p *parser) aside() Node {
	if p.take("<!--") {
		text := p.until("--", "a comment")
		if !p.take(">") {
			p.fail("-- in a comment")
		}
		return &Comment{text}
	}
	p.take("<?")
	target := p.name("the target of an instruction")
	if strings.EqualFold(target, "xml") {
		p.fail("an XML declaration that is not at the beginning")
	}
	gap := p.blanks()
	text := p.until("?>", "an instruction")
	if !gap && text != "" {
		p.fail("a blank was expected behind the target of an instruction")
	}
	return &Instruction{target, text}
}

// element takes an element, of which the < has been taken.
func (p *parser) element() *Element {
	e := &Element{Line: p.lineNow()}
	e.Name = p.name("the name of an element")
	if len(p.open) == maxDepth {
		p.fail("elements are nested more than %d deep", maxDepth)
	}
	p.open = append(p.open, e.Name)
	for {
		gap := p.blanks()
		if p.take("/>") {
			p.open = p.open[:len(p.open)-1]
			return e
		}
		if p.take(">") {
			break
		}
		if !gap {
			p.fail("a blank or > was expected")
		}
		name := p.name("an attribute or >")
		p.equals(name)
		if _, twice := e.Get(name); twice {
			p.fail("attribute %s stands there twice", name)
		}
		e.Attrs = append(e.Attrs, Attr{name, p.value(name)})
	}
	for {
		if p.texts {
			e.Text += p.content()
		} else {
			e.Blank = p.blanks() || e.Blank
		}
		switch {
		case p.at == len(p.text):
			p.fail("the end of the file comes before </%s>", e.Name)
		case strings.HasPrefix(p.rest(), "<!--"), strings.HasPrefix(p.rest(), "<?"):
			e.Children = append(e.Children, p.aside())
		case p.take("</"):
			if name := p.name("the name of an element"); name != e.Name {
				p.fail("</%s> where </%s> was expected", name, e.Name)
			}
			p.blanks()
			if !p.take(">") {
				p.fail("</%s is not closed", e.Name)
			}
			p.open = p.open[:len(p.open)-1]
			return e
		case strings.HasPrefix(p.rest(), "<!"):
			p.fail("text or a declaration where only elements may stand")
		case p.take("<"):
			e.Children = append(e.Children, p.element())
		default:
			p.fail("text where only elements may stand")
		}
	}
}

// content takes the text up to the next tag, comment or instruction.
func (p *parser) content() string {
	var out strings.Builder
	for {
		if p.take("<![CDATA[") {
			out.WriteString(p.until("]]>", "a CDATA section"))
			continue
		}
		raw, _, _ := strings.Cut(p.rest(), "<")
		if raw == "" {
			return out.String()
		}
		p.characters(raw)
		if i := strings.Index(raw, "]]>"); i >= 0 {
			p.at += i
			p.fail("]]> in a text: write ]]&gt;")
		}
		out.WriteString(p.references(normalize(raw), false))
		p.at += len(raw)
	}
}

// value takes an attribute's value: white space is a blank each, references are
// what they stand for.
func (p *parser) value(name string) string {
	quote := byte(0)
	if p.at < len(p.text) {
		quote = p.text[p.at]
	}
	if quote != '"' && quote != '\'' {
		p.fail("the value of %s is not quoted", name)
	}
	p.at++
	end := strings.IndexByte(p.rest(), quote)
	if end < 0 {
		p.fail("the value of %s is not closed", name)
	}
	raw := p.text[p.at : p.at+end]
	p.characters(raw)
	if i := strings.IndexByte(raw, '<'); i >= 0 {
		p.at += i
		p.fail("< in the value of %s: write &lt;", name)
	}
	if strings.ContainsAny(raw, "&\t\r\n") {
		raw = p.references(normalize(raw), true)
	}
	p.at += end + 1
	return raw
}

// references replaces references, and with blank each tab and newline by a blank.
func (p *parser) references(raw string, blank bool) string {
	var out strings.Builder
	for raw != "" {
		switch c := raw[0]; {
		case blank && (c == '\t' || c == '\n'):
			out.WriteByte(' ')
		case c == '&':
			reference, rest, closed := strings.Cut(raw[1:], ";")
			r, ok := referenceTo(reference)
			if !closed || !ok {
				p.fail("&%.20s is no reference that is known here", reference)
			}
			out.WriteRune(r)
			raw = rest
			continue
		default:
			out.WriteByte(c)
		}
		raw = raw[1:]
	}
	return out.String()
}

// referenceTo returns the character that a reference stands for.
func referenceTo(text string) (rune, bool) {
	switch text {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "apos":
		return '\'', true
	case "quot":
		return '"', true
	}
	digits, ok := strings.CutPrefix(text, "#")
	base := 10
	if hex, x := strings.CutPrefix(digits, "x"); x {
		digits, base = hex, 16
	}
	if !ok || strings.ContainsAny(digits, "_+-") {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, base, 32)
	return rune(n), err == nil && n <= unicode.MaxRune && isChar(rune(n))
}
