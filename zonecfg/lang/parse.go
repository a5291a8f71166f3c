package lang

import "slices"

// Command is one command of a script.
type Command struct {
	Name     string
	Words    []string // options and what isn't known to the grammar
	Resource string   // fs, net, ...; "" for none
	Pairs    []Pair   // of property and value
	Property string   // of info and clear
}

// Pair is a property with its value.
type Pair struct {
	Property string
	Value    Value
}

// Value is what stands behind a property.
type Value struct {
	Kind   ValueKind
	Text   string  // of a simple one
	Pieces []Pair  // of a complex one
	Items  []Value // of a list
}

// ValueKind is the form of a value.
type ValueKind int

// The forms of values: word, (name=word,...), [value,...].
const (
	Simple ValueKind = iota
	Complex
	List
)

// maxPairs is how many pairs of property and value a command takes.
const maxPairs = 3

// syntaxError is a token that the grammar has no place for.
type syntaxError struct {
	token token
	line  int      // as the lexer counts
	word  string   // that isn't known and may be a name spelled wrong; "" for none
	known []string // the names that have their place there
}

func (e syntaxError) Error() string { return "syntax error at " + e.token.raw }

// usageError is a command that lacks what it is about: its usage is shown, and lists
// of what could be there.
type usageError struct {
	command           string
	resources, values bool // which lists
	line              int
	word              string // as in syntaxError
}

func (e usageError) Error() string { return e.command + " needs to be told more" }

// parser reads commands. It looks one token ahead, and not before it must: where it
// stands is what diagnostics call the line.
type parser struct {
	lexer  *lexer
	ahead  token
	looked bool
	word   string // the last one of the command that is no keyword
	died   error  // a longWordError: there is no reading on
}

func (p *parser) peek() token {
	if !p.looked {
		p.ahead, p.looked = p.lexer.next(), true
	}
	return p.ahead
}

func (p *parser) take() token {
	t := p.peek()
	p.looked = false
	if t.kind == word {
		p.word = t.text
	}
	return t
}

// command reads the next command; nil for an empty one, and for the end of the script
// (see done). The error is a syntaxError or a usageError, and what is left of the
// command is skipped then; or a longWordError, after which nothing can be read.
func (p *parser) command() (c *Command, err error) {
	if p.died != nil {
		return nil, p.died
	}
	p.word = ""
	if err = p.try(func() { c = p.whole() }); err == nil {
		return c, nil
	}
	if _, died := err.(longWordError); died {
		return nil, err
	}
	p.died = p.try(func() {
		for t := p.peek(); t.kind != terminator && t.kind != end && !t.foreign(); t = p.peek() {
			p.take()
		}
		p.take()
	})
	return nil, err
}

// try runs a part of the parser, whose methods give up by panicking with their error, so
// that none of them has to hand it up.
func (p *parser) try(part func()) (err error) {
	defer func() {
		switch gaveUp := recover().(type) {
		case nil:
		case syntaxError, usageError, longWordError:
			err = gaveUp.(error)
		default:
			panic(gaveUp)
		}
	}()
	part()
	return nil
}

// whole reads a command with its end.
func (p *parser) whole() *Command {
	t := p.take()
	switch t.kind {
	case terminator, end:
		return nil
	case command:
	default:
		p.unread(t)
		panic(syntaxError{t, *p.lexer.lines, p.lexer.wordAt(t), commands})
	}
	c := &Command{Name: t.text}
	p.arguments(c)
	p.expect(terminator)
	return c
}

// done tells that the script is at its end.
func (p *parser) done() bool { return p.lexer.ended }

func (p *parser) unread(t token) { p.ahead, p.looked = t, true }

func (p *parser) fail() {
	t := p.peek()
	if t.kind == word {
		p.word = t.text
	}
	panic(syntaxError{t, *p.lexer.lines, p.word, names(true, true)})
}

func (p *parser) expect(k kind) token {
	if p.peek().kind != k {
		p.fail()
	}
	return p.take()
}

func (p *parser) usage(c *Command, resources, values bool) {
	if t := p.ahead; p.looked && t.kind == word {
		p.word = t.text
	}
	panic(usageError{c.Name, resources, values, *p.lexer.lines, p.word})
}

// words reads up to n words.
func (p *parser) words(c *Command, n int) {
	for ; n > 0 && p.peek().kind == word; n-- {
		c.Words = append(c.Words, p.take().text)
	}
}

// arguments reads what follows the name of a command. Where a command could end, a
// token that doesn't fit ends it: the usages below come whatever follows.
func (p *parser) arguments(c *Command) {
	switch c.Name {
	case "create":
		p.words(c, 3)
	case "export":
		p.words(c, 2) // -f FILE
		if slices.Contains(c.Words, exactOption) {
			p.words(c, 1)
		}
	case "add":
		p.add(c)
	case "info":
		p.info(c)
	case "remove":
		p.remove(c)
	case "select":
		p.choose(c)
	case "set":
		p.set(c)
	case "clear":
		p.clear(c)
	default:
		p.words(c, 1)
	}
}

func (p *parser) add(c *Command) {
	switch p.peek().kind {
	case word:
		p.words(c, 1)
	case resource:
		c.Resource = p.take().text
	case property:
		name := p.take().text
		c.Pairs = []Pair{{name, p.value()}}
	default:
		p.usage(c, true, true)
	}
}

func (p *parser) info(c *Command) {
	switch t := p.peek(); {
	case t.kind == resource:
		c.Resource = p.take().text
		p.pairs(c)
	case t.kind == property && slices.Contains(globalProperties(), t.text):
		c.Property = p.take().text
	case t.kind == word && t.text == jsonOption:
		p.words(c, 1)
	case t.kind == word:
		p.take()
		p.usage(c, true, true)
	}
}

func (p *parser) remove(c *Command) {
	switch p.peek().kind {
	case property:
		name := p.take().text
		c.Pairs = []Pair{{name, p.value()}}
	case resource:
		c.Resource = p.take().text
		p.pairs(c)
	case word:
		p.words(c, 1)
		if p.peek().kind != resource {
			p.usage(c, true, true)
		}
		c.Resource = p.take().text
	default:
		p.usage(c, true, true)
	}
}

// choose reads what select is about.
func (p *parser) choose(c *Command) {
	if p.peek().kind != resource {
		p.usage(c, true, true)
	}
	c.Resource = p.take().text
	k := p.peek().kind
	if k != property && !(single(c.Resource) && k == terminator) {
		p.usage(c, false, false)
	}
	p.pairs(c)
}

// single tells that a zone has a resource once: nothing needs to tell it from others.
func single(resource string) bool {
	return resource == "dedicated-cpu" || resource == "capped-cpu" || resource == "capped-memory"
}

func (p *parser) set(c *Command) {
	switch p.peek().kind {
	case word:
		p.words(c, 1)
		if p.peek().text != "zonepath" {
			p.fail()
		}
	case property:
	default:
		p.usage(c, false, true)
	}
	name := p.expect(property).text
	p.expect(equal)
	if p.peek().kind != openList {
		c.Pairs = []Pair{{name, p.value()}}
		return
	}
	p.take()
	if p.peek().kind == closeList && len(c.Words) == 0 {
		p.take()
		c.Pairs = []Pair{{name, Value{Kind: List}}}
		return
	}
	c.Pairs = []Pair{{name, p.items()}}
}

func (p *parser) clear(c *Command) {
	if p.peek().kind != property {
		p.usage(c, false, true)
	}
	c.Property = p.take().text
}

// pairs reads up to three times property=value.
func (p *parser) pairs(c *Command) {
	for len(c.Pairs) < maxPairs && p.peek().kind == property {
		name := p.take().text
		p.expect(equal)
		c.Pairs = append(c.Pairs, Pair{name, p.value()})
	}
}

func (p *parser) value() Value {
	switch p.peek().kind {
	case openList:
		p.take()
		return p.items()
	case openComplex:
		return p.complex()
	}
	return p.simple()
}

// simple reads a word; what names a resource or a property is one here.
func (p *parser) simple() Value {
	switch p.peek().kind {
	case word, resource, property:
		return Value{Text: p.take().text}
	}
	p.fail()
	return Value{}
}

// items reads the rest of a list.
func (p *parser) items() Value {
	v := Value{Kind: List}
	for {
		if p.peek().kind == openComplex {
			v.Items = append(v.Items, p.complex())
		} else {
			v.Items = append(v.Items, p.simple())
		}
		if p.peek().kind != comma {
			p.expect(closeList)
			return v
		}
		p.take()
	}
}

func (p *parser) complex() Value {
	p.expect(openComplex)
	v := Value{Kind: Complex}
	for {
		name := p.expect(property).text
		p.expect(equal)
		v.Pieces = append(v.Pieces, Pair{name, p.simple()})
		if p.peek().kind != comma {
			p.expect(closeComplex)
			return v
		}
		p.take()
	}
}
