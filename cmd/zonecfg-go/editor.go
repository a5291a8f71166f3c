package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/reeflective/readline"
	"github.com/rivo/uniseg"

	"github.com/gozones/zones/zonecfg/lang"
)

// editor is a terminal with line editing, history and completion. The terminal is in raw
// mode only while a line is read: pagers and hooks find it as it was.
type editor struct {
	shell   *readline.Shell
	history *history
	keys    *keyboard
	prompt  string
}

var _ user = (*editor)(nil)

// dropLine is the editor's own command for Ctrl-C. That of the library doesn't work when
// more input is there already.
const dropLine = "drop-line"

func newEditor() *editor {
	e := &editor{shell: readline.NewShell(), history: userHistory(), keys: newKeyboard()}
	e.history.load()
	e.shell.History.Add("history", e.history)
	e.shell.Prompt.Primary(func() string { return e.prompt })
	e.shell.Keymap.Register(map[string]func(){dropLine: e.drop, "self-insert": e.insert})
	for _, keys := range e.shell.Config.Binds {
		if bind, ok := keys["\x03"]; ok {
			bind.Action = dropLine
			keys["\x03"] = bind
		}
	}
	_ = e.shell.Config.Set("convert-meta", false) // ü is a letter, and not Meta-|
	// Asking the terminal where the cursor is would wait for ever where nothing answers;
	// makeRoom does without.
	_ = e.shell.Config.Set("cursor-position-probe", false)
	e.shell.SyntaxHighlighter = e.makeRoom
	// Pasted lines are taken as they are, and Tab completes nothing in them.
	_ = e.shell.Config.Set("enable-bracketed-paste", true)
	// The first Tab completes as far as possible and shows what there is, the next ones
	// go through that.
	_ = e.shell.Config.Set("menu-complete-display-prefix", true)
	return e
}

// Line implements [lang.Terminal].
func (e *editor) Line(prompt string) (string, error) { return e.read(prompt) }

// Ask implements [lang.Terminal]. Answers aren't kept, and nothing completes them.
func (e *editor) Ask(question string) (string, error) {
	complete := e.shell.Completer
	e.shell.Completer, e.history.closed = nil, true
	defer func() { e.shell.Completer, e.history.closed = complete, false }()
	return e.read(question)
}

func (e *editor) read(prompt string) (string, error) {
	e.prompt = prompt
	// The library can't redraw a prompt that takes more than a row.
	if 2*utf8.RuneCountInString(prompt) > columns() && strings.HasSuffix(prompt, "> ") {
		e.prompt = "> "
	}
	line, err := e.keys.during(e.shell.Readline)
	if errors.Is(err, readline.ErrInterrupt) {
		return "", lang.ErrInterrupted
	}
	return line, err
}

// drop is the command that drops the line.
func (e *editor) drop() {
	e.shell.Display.AcceptLine()
	e.shell.History.Accept(false, false, readline.ErrInterrupt)
}

// insert is the command that inserts a character, with all its combining marks.
func (e *editor) insert() {
	e.shell.History.SkipSave()
	e.shell.Cursor().InsertAt(e.shell.Keys.Caller()...)
}

// makeRoom scrolls the screen if there are too few rows below the cursor for a line, which
// is about to be drawn, and one more: the library takes them for granted.
func (e *editor) makeRoom(line []rune) string {
	rows := 0
	for row := range strings.SplitSeq(string(line), "\n") {
		// Pasted lines stand below each other, as far right as the first one. A character
		// of two columns may leave the last column of a row free.
		rows += uniseg.StringWidth(e.prompt+row)/max(1, columns()-1) + 1
	}
	const index = "\x1bD" // down in the same column, and scroll at the end
	fmt.Fprintf(os.Stdout, "%s\x1b[%dA", strings.Repeat(index, rows), rows)
	return string(line)
}

func (e *editor) completeWith(complete func(line string) []string) {
	e.shell.Completer = func(line []rune, cursor int) readline.Completions {
		return completions(string(line[:cursor]), complete)
	}
}

// completions returns what the last word of a line may become. Of a property with its
// value only the value is shown.
func completions(line string, complete func(line string) []string) readline.Completions {
	word := strings.LastIndexAny(line, " \t") + 1
	value := max(word, strings.LastIndexAny(line, "=;")+1)
	for i, r := range line[word:] {
		if r >= utf8.RuneSelf { // the library counts bytes of what is to be replaced
			return readline.Completions{}
		}
		if r == ';' {
			word += i + 1
			break
		}
	}
	var list []readline.Completion
	for _, candidate := range complete(line) {
		list = append(list, readline.Completion{Value: candidate[word:], Display: strings.TrimSpace(candidate[value:])})
	}
	c := readline.CompleteRaw(list)
	c.PREFIX = line[word:]
	return c
}
