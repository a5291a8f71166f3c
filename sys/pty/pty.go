package pty

import "fmt"

// Modules are what makes a stream a terminal, from the bottom: a program that opens
// one finds them there where the administrator has them pushed by themselves
// (autopush(8)), else they must be pushed.
var Modules = []string{"ptem", "ldterm", "ttcompat"}

func failed(op string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("pseudo-terminal: %s: %w", op, err)
}
