package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/gozones/zones/zonecfg/lang"
)

// user is the terminal of a session.
type user interface {
	lang.Terminal
	// completeWith sets what completes lines.
	completeWith(complete func(line string) []string)
}

// newUser returns the terminal with line editing where that is possible.
func newUser(std process) user {
	_, shows := underlying(std.out)
	_, complains := underlying(std.err)
	if kind := os.Getenv("TERM"); kind == "" || kind == "dumb" || !shows || !complains {
		return newPlainTerminal(std)
	}
	return newEditor()
}

// plainTerminal reads lines as the terminal's driver edits them.
type plainTerminal struct {
	in  *bufio.Reader
	out io.Writer
}

var _ user = (*plainTerminal)(nil)

func newPlainTerminal(std process) *plainTerminal {
	return &plainTerminal{bufio.NewReader(std.in), std.out}
}

// Line implements [lang.Terminal].
func (t *plainTerminal) Line(prompt string) (string, error) {
	line, err := t.Ask(prompt)
	if err != nil {
		fmt.Fprintln(t.out) // what comes next is on a line of its own
	}
	return line, err
}

// Ask implements [lang.Terminal].
func (t *plainTerminal) Ask(question string) (string, error) {
	fmt.Fprint(t.out, question)
	line, err := t.in.ReadString('\n')
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(line, "\n"), nil
}

func (t *plainTerminal) completeWith(func(line string) []string) {}

// columns returns how wide the terminal is.
func columns() int {
	const usual = 80
	width, _, err := term.GetSize(int(os.Stderr.Fd()))
	if err != nil || width <= 0 {
		return usual
	}
	return width
}
