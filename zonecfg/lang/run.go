package lang

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/gozones/zones/zonecfg/internal/regular"
)

// The exit statuses of zonecfg(8).
const (
	ExitOK    = 0
	ExitError = 1
	ExitUsage = 2
)

// RunWords runs the commands of a command line, as if they stood on a line of their
// own. It returns the exit status.
func (s *Session) RunWords(words []string) int {
	s.file = s.Unread
	s.all(strings.NewReader(strings.Join(words, " ")+"\n"), func() bool { return false })
	s.canAsk = false // there is no going back to a prompt
	status, _ := s.finish()
	return status
}

// RunFile runs a file of commands up to the first mistake; what was done before is
// committed if it verifies. It returns the exit status.
func (s *Session) RunFile(path string) int {
	file, err := regular.Open(path)
	switch {
	case errors.Is(err, regular.ErrNot):
		s.say("%s is not a regular file.", path)
		return ExitError
	case err != nil:
		s.say("could not open file %s: %s", path, errorText(err))
		return ExitError
	}
	defer file.Close()
	s.file, s.canAsk = path, false
	s.all(file, func() bool {
		s.leaving = s.leaving || s.failed
		return s.leaving
	})
	status, _ := s.finish()
	return status
}

// RunInput runs commands from a stream that isn't a terminal: mistakes don't stop it.
// numbered: diagnostics name lines, as with -f -. It returns the exit status.
func (s *Session) RunInput(in io.Reader, numbered bool) int {
	s.interactive(numbered)
	s.canAsk = false
	if !s.fatal {
		s.all(in, func() bool { return s.leaving })
	}
	status, _ := s.finish()
	return status
}

// RunTerminal runs what a user types, line by line. It returns the exit status.
func (s *Session) RunTerminal(numbered bool) int {
	s.typed = true
	s.interactive(numbered)
	for {
		for !s.leaving && !s.fatal {
			line, err := s.Terminal.Line(s.Prompt())
			if errors.Is(err, ErrInterrupted) {
				continue
			}
			if err != nil {
				break
			}
			s.all(strings.NewReader(line+"\n"), func() bool { return false })
		}
		status, again := s.finish()
		if !again {
			return status
		}
	}
}

// interactive enters the interactive mode. Unless it counts lines it looks for the
// zone, to tell the user how to begin a new one.
func (s *Session) interactive(numbered bool) {
	s.terminal = true
	if numbered {
		s.file = "-"
	}
	if !s.ReadOnly && !numbered {
		s.load(false)
	}
}

// Prompt returns what a terminal shows before a line.
func (s *Session) Prompt() string {
	if s.open != nil {
		return fmt.Sprintf("zonecfg:%s:%s> ", s.name, s.open.resource)
	}
	return fmt.Sprintf("zonecfg:%s> ", s.name)
}

// all runs a script until it ends or is to be stopped.
func (s *Session) all(script io.Reader, stop func() bool) {
	in := bufio.NewReader(script)
	p := &parser{lexer: &lexer{lines: &s.lines, more: func() (string, bool) {
		line, _ := in.ReadString('\n')
		return line, line != ""
	}}}
	for !p.done() && !s.fatal {
		c, err := p.command()
		switch err := err.(type) {
		case syntaxError:
			s.syntaxError(err)
		case usageError:
			s.shortUsageAt(err.command, err.line)
			if err.resources || err.values {
				fmt.Fprintln(s.Err)
				lists(s.Err, err.resources, err.values)
			}
			s.hint(err.word, names(err.resources, err.values)...)
		case longWordError:
			s.longWord(err)
			return
		}
		if c != nil {
			s.run(c)
		}
		if stop() {
			return
		}
	}
}

// longWord ends the session as the system's own ends there, and says why. Who sits at a
// terminal loses the rest of what was typed only.
func (s *Session) longWord(e longWordError) {
	if s.typed {
		s.fail("%s; the rest of what was typed is ignored", e)
		return
	}
	where := ""
	if s.file != "" {
		where = fmt.Sprintf("line %d: ", s.lines)
	}
	fmt.Fprintf(s.Err, "zonecfg: %s%s; nothing was saved\n", where, e)
	s.quit()
}

// syntaxError names the token, and in a file the line. A script that ends within a
// command has simply ended.
func (s *Session) syntaxError(e syntaxError) {
	t := e.token
	where, raw := "", t.raw
	switch {
	case t.kind == end:
		return
	case raw == "\n":
		raw = `\n`
	case raw == "\x00":
		s.failed = true
		fmt.Fprintln(s.Err, "syntax error, token expected")
		return
	}
	if s.file != "" {
		where = fmt.Sprintf(" on line %d", e.line)
	}
	fmt.Fprintf(s.Err, "syntax error%s at '%s'\n", where, raw)
	s.failed = true
	UsageOfCommands(s.Err, false)
	s.hint(e.word, e.known...)
}

// run runs a command.
func (s *Session) run(c *Command) {
	switch c.Name {
	case "add":
		s.add(c)
	case "cancel":
		s.cancel(c)
	case "clear":
		s.clear(c)
	case "commit":
		s.commit(c)
	case "create":
		s.create(c)
	case "delete":
		s.delete(c)
	case "end":
		s.end(c)
	case "exit":
		s.exit(c)
	case "export":
		s.export(c)
	case "help":
		s.help(c)
	case "info":
		s.info(c)
	case "remove":
		s.remove(c)
	case "revert":
		s.revert(c)
	case "select":
		s.choose(c)
	case "set":
		s.set(c)
	case "verify":
		s.verify(c)
	}
}

// finish ends a run: what isn't committed is. again: the person at the terminal
// wants to go on.
func (s *Session) finish() (status int, again bool) {
	if s.fatal {
		return ExitError, false
	}
	if s.open != nil {
		if s.leaving {
			s.failed = true
		} else {
			switch yes, asked := s.ask("Resource incomplete; really quit"); {
			case !asked:
				s.say("Resource incomplete.")
				return ExitError, false
			case !yes:
				return ExitError, true
			}
		}
	}
	if s.unsaved && s.zone != nil {
		s.verifyAnd(true)
		if s.unsaved {
			if s.exitForced {
				s.say("Configuration not saved.")
				return ExitError, false
			}
			switch yes, asked := s.ask("Configuration not saved; really quit"); {
			case !asked:
				s.say("Configuration not saved.")
				return ExitError, false
			case !yes:
				s.leaving = false
				return ExitError, true
			}
		}
	}
	if s.unsaved || s.failed {
		return ExitError, false
	}
	return ExitOK, false
}
