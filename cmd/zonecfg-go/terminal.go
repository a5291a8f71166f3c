package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/peterh/liner"
	"golang.org/x/term"

	"github.com/gozones/zones/zonecfg/lang"
)

func isTerminal(f *os.File) bool { return f != nil && term.IsTerminal(int(f.Fd())) }

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
}

var _ lang.Terminal = (*lineTerminal)(nil)

func newLineTerminal() *lineTerminal {
	usual, _ := liner.TerminalMode()
	t := &lineTerminal{line: liner.NewLiner(), usual: usual}
	t.mode, _ = liner.TerminalMode()
	t.line.SetCtrlCAborts(true)
	t.line.SetTabCompletionStyle(liner.TabPrints)
	t.line.SetCompleter(func(line string) []string {
		if t.complete == nil {
			return nil
		}
		return t.complete(line)
	})
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
	}
	return line, err
}

func (t *lineTerminal) Ask(question string) (string, error) { return t.prompt(question) }

func (t *lineTerminal) close() {
	t.line.Close()
	t.restore()
}

// pager returns how things are shown in interactive mode: through $PAGER, else
// through more where somebody reads.
func pager(std process) func(show func(w io.Writer)) error {
	command := os.Getenv("PAGER")
	if command == "" {
		out, ok := std.out.(*os.File)
		if !ok || !isTerminal(out) {
			return nil
		}
		path, err := exec.LookPath("more")
		if err != nil {
			return nil
		}
		command = path
	}
	return func(show func(w io.Writer)) error {
		c := exec.Command("/bin/sh", "-c", command)
		c.Stdout, c.Stderr = std.out, std.err
		in, err := c.StdinPipe()
		if err != nil {
			return err
		}
		if err := c.Start(); err != nil {
			return err
		}
		show(in)
		in.Close()
		c.Wait() // what a pager thinks of it doesn't matter
		return nil
	}
}
