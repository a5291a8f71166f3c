package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/peterh/liner"

	"github.com/gozones/zones/zonecfg/lang"
)

// plainTerminal is a person beside a command line: there are only questions.
type plainTerminal struct {
	in  *bufio.Reader
	out io.Writer
}

var _ lang.Terminal = (*plainTerminal)(nil)

func newPlainTerminal(std process) *plainTerminal {
	return &plainTerminal{bufio.NewReader(std.in), std.out}
}

func (t *plainTerminal) Line(string) (string, error) { return "", io.EOF }

func (t *plainTerminal) Ask(question string) (string, error) {
	fmt.Fprint(t.out, question)
	line, err := t.in.ReadString('\n')
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(line, "\n"), nil
}

// lineTerminal is a person at the prompt, with line editing, history and completion.
// The terminal is in raw mode only while a line is read: pagers and hooks find it as
// it was.
type lineTerminal struct {
	line     *liner.State
	mode     liner.ModeApplier // of the library
	usual    liner.ModeApplier // as it was found
	complete func(line string) []string
	history  history
}

var _ lang.Terminal = (*lineTerminal)(nil)

func newLineTerminal() *lineTerminal {
	usual, _ := liner.TerminalMode()
	t := &lineTerminal{line: liner.NewLiner(), usual: usual, history: userHistory()}
	t.mode, _ = liner.TerminalMode()
	t.line.SetCtrlCAborts(true)
	t.line.SetTabCompletionStyle(liner.TabPrints)
	t.line.SetCompleter(func(line string) []string {
		if t.complete == nil {
			return nil
		}
		return t.complete(line)
	})
	for _, line := range t.history.read() {
		t.line.AppendHistory(line)
	}
	t.restore()
	return t
}

func (t *lineTerminal) restore() {
	if t.usual != nil {
		t.usual.ApplyMode()
	}
}

func (t *lineTerminal) prompt(text string) (string, error) {
	if t.mode != nil {
		t.mode.ApplyMode()
	}
	defer t.restore()
	line, err := t.line.Prompt(text)
	switch {
	case errors.Is(err, liner.ErrPromptAborted):
		return "", lang.ErrInterrupted
	case errors.Is(err, io.EOF):
		fmt.Println() // what comes next stands on a line of its own
	}
	return line, err
}

func (t *lineTerminal) Line(prompt string) (string, error) {
	line, err := t.prompt(prompt)
	if err == nil && strings.TrimSpace(line) != "" {
		t.line.AppendHistory(line)
		t.history.add(line)
	}
	return line, err
}

func (t *lineTerminal) Ask(question string) (string, error) { return t.prompt(question) }

func (t *lineTerminal) close() {
	t.line.Close()
	t.restore()
}
