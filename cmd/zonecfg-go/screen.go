package main

import (
	"io"
	"os"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/gozones/zones/internal/visible"
)

func isTerminal(f *os.File) bool { return f != nil && term.IsTerminal(int(f.Fd())) }

// screen is a terminal that is written to. Control characters, which names and paths may
// have, are shown as Go writes them (\x1b) and don't control the terminal.
type screen struct {
	to   io.Writer
	tail []byte // of the text so far: the beginning of a character
}

// shown returns how to write to a file: to a terminal through a [screen], otherwise as is.
func shown(w io.Writer) io.Writer {
	if f, ok := w.(*os.File); ok && isTerminal(f) {
		return &screen{to: f}
	}
	return w
}

// underlying returns what is behind a screen, and whether there was one.
func underlying(w io.Writer) (io.Writer, bool) {
	if s, ok := w.(*screen); ok {
		return s.to, true
	}
	return w, false
}

// Write implements [io.Writer].
func (s *screen) Write(text []byte) (int, error) {
	var out []byte
	rest := append(s.tail, text...)
	for len(rest) > 0 && utf8.FullRune(rest) {
		r, size := utf8.DecodeRune(rest)
		out = visible.Append(out, r, rest[:size])
		rest = rest[size:]
	}
	s.tail = rest
	if _, err := s.to.Write(out); err != nil {
		return 0, err
	}
	return len(text), nil
}
