package zlogin

import (
	"fmt"
	"os"
	"path"
	"strings"

	"github.com/gozones/zones/internal/getopt"
)

// Options is a parsed command line.
type Options struct {
	Console    bool // -C
	Disconnect bool // -d: leave the console when the zone halts
	Escape     Escape
	User       string // -l
	NoInput    bool   // -n
	Quiet      bool   // -Q
	Safe       bool   // -S
	Root       string // -R: alternate root
	Exec       bool   // --exec: run the words as they are
	JSON       bool   // --json

	Zone  string
	Words []string // the command; empty for a login

	given string // the letters that were given
}

// letters are the options as getopt(3C) takes them.
const letters = "dnECR:Se:l:Q"

// usage is the error of an invalid command line.
func usage(format string, args ...any) error {
	return &Error{Text: fmt.Sprintf(format, args...), Status: ExitUsage, Usage: true}
}

// ParseOptions parses a command line without the command's name. As with getopt(3C),
// letters may be grouped, an argument may follow its letter directly, and the options
// end at "--" and at the first operand. Errors are of type *[Error].
func ParseOptions(args []string) (*Options, error) {
	o := &Options{User: rootUser, Escape: Escape{Char: DefaultEscape}}
	operands, err := o.options(args)
	if err != nil {
		return nil, err
	}
	if len(operands) > 0 {
		o.Zone, o.Words = operands[0], operands[1:]
	}
	if err := o.check(len(operands)); err != nil {
		return nil, err
	}
	return o, nil
}

// options parses the options and returns the operands.
func (o *Options) options(args []string) ([]string, error) {
	args, _, o.Exec = getopt.Long(args, letters, "exec", false)
	args, _, o.JSON = getopt.Long(args, letters, "json", false)
	given, operands := getopt.Parse(args, letters, nil)
	for _, option := range given {
		if option.Letter == '?' {
			return nil, usage("")
		}
		o.given += string(option.Letter)
		if err := o.set(option); err != nil {
			return nil, err
		}
	}
	return operands, nil
}

// set applies one option.
func (o *Options) set(option getopt.Option) error {
	switch argument := option.Argument; option.Letter {
	case 'C':
		o.Console = true
	case 'd':
		o.Disconnect = true
	case 'E':
		o.Escape.Off = true
	case 'n':
		o.NoInput = true
	case 'Q':
		o.Quiet = true
	case 'S':
		o.Safe = true
	case 'e':
		char, err := ParseEscape(argument)
		o.Escape.Char = char
		return err
	case 'l':
		o.User = argument
	case 'R':
		if !path.IsAbs(argument) {
			return &Error{Text: "root path must be absolute.", Status: ExitUsage}
		}
		if info, err := os.Stat(argument); err != nil || !info.IsDir() {
			return &Error{Text: "root path must be a directory.", Status: ExitUsage}
		}
		o.Root = strings.TrimRight(argument, "/")
	}
	return nil
}

func (o *Options) has(letter byte) bool { return strings.IndexByte(o.given, letter) >= 0 }

// check refuses combinations that make no sense, in the order of the system's command.
func (o *Options) check(operands int) error {
	switch {
	case o.Console && o.has('l'):
		return usage("-l may not be specified for console login")
	case o.Console && o.NoInput:
		return usage("-n may not be specified for console login")
	case o.Console && o.Safe:
		return usage("-S may not be specified for console login")
	case o.Console && o.has('R'):
		return &Error{Text: "-R may not be specified for console login", Status: ExitUsage}
	case o.Safe && o.has('l'):
		return usage("-l may not be specified for failsafe login")
	case o.Disconnect && !o.Console:
		return usage("-d may only be specified with console login")
	case operands == 1 && o.NoInput:
		return usage("-n may not be specified for interactive login")
	case o.Console && operands > 1:
		return usage("Commands may not be specified for console login.")
	case operands == 0:
		return usage("")
	case o.Exec && operands == 1:
		return usage("--exec needs a command")
	}
	return nil
}

const usageLine = "usage: zlogin [ -dnQCES ] [ -e cmdchar ] [-l user] zonename [command [args ...] ]"
