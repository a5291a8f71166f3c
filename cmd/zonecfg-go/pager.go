package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"unicode/utf8"

	"golang.org/x/term"
)

// pager returns how to show something in interactive mode: through $PAGER if that is
// set; otherwise directly if it fits on the terminal, and through more(1) if it doesn't.
// nil means directly, always.
func pager(std process) func(show func(w io.Writer)) error {
	out, terminal := underlying(std.out)
	command, env := os.Getenv("PAGER"), os.Environ()
	if command == "" {
		path, err := exec.LookPath("more")
		if !terminal || err != nil {
			return nil
		}
		command = path
		if os.Getenv("MORE") == "" {
			env = append(env, "MORE=-e") // exit after the last line; some wait for a key
		}
	}
	errs, _ := underlying(std.err)
	return func(show func(w io.Writer)) error {
		var text bytes.Buffer
		if terminal {
			show(&screen{to: &text})
		} else {
			show(&text)
		}
		if os.Getenv("PAGER") == "" && fits(out.(*os.File), text.Bytes()) {
			_, err := out.Write(text.Bytes())
			return err
		}
		c := exec.Command("/bin/sh", "-c", command)
		c.Stdin, c.Stdout, c.Stderr, c.Env = &text, out, errs, env
		if err := c.Run(); c.ProcessState == nil || c.ProcessState.ExitCode() == 127 {
			return err // there is no such program
		}
		return nil
	}
}

// fits returns whether a text fits on a terminal, with the prompt below it.
func fits(terminal *os.File, text []byte) bool {
	columns, rows, err := term.GetSize(int(terminal.Fd()))
	if err != nil || columns <= 0 {
		return false
	}
	const tab = 8
	lines := 0
	for line := range bytes.Lines(text) {
		width := utf8.RuneCount(line) - 1 + (tab-1)*bytes.Count(line, []byte{'\t'})
		lines += 1 + max(0, width-1)/columns
	}
	return lines < rows
}
