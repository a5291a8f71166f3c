package pty

import "fmt"

// Modules are what makes a stream a terminal, from the bottom: a program that opens
// one finds them there where the administrator has them pushed by themselves
// (autopush(8)), else they must be pushed.
var Modules = []string{"ptem", "ldterm", "ttcompat"}

// Size is how large a terminal's window is (struct winsize).
type Size struct {
	Rows, Cols     uint16 // characters
	XPixel, YPixel uint16 // mostly 0
}

// Keys are the bytes that a terminal takes for something else than input while it
// isn't raw; 0 where it takes none for that.
type Keys struct{ Interrupt, Kill, EOF, EOL, Suspend byte }

func failed(op string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("pseudo-terminal: %s: %w", op, err)
}
