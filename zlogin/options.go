package zlogin

import (
	"fmt"
	"strconv"

	"github.com/gozones/zones/internal/getopt"
)

// Exit statuses of zlogin(1) that are its own.
const (
	ExitOK     = 0
	ExitFailed = 1
	ExitUsage  = 2
)

// options are what the command line says.
type options struct {
	console    bool // -C
	disconnect bool // -d
	escape     byte // -e
	noEscape   bool // -E
	user       string
	hasUser    bool // -l
	noInput    bool // -n
	quiet      bool // -Q
	safe       bool // -S
	root       string
	exec       bool // --exec: the words are the program's own, whatever the brand

	zone    string
	command []string
}

// misuse is a wrong command line: what to say, and whether the usage follows.
type misuse struct {
	text  string
	usage bool
}

func (m *misuse) Error() string { return m.text }

const usageLine = "usage: zlogin [ -dnQCES ] [ -e cmdchar ] [-l user] zonename [command [args ...] ]"

// parse reads a command line. complain gets getopt's own diagnostics.
func parse(args []string, complain func(string)) (*options, error) {
	o := &options{escape: '~', user: "root"}
	for len(args) > 0 && args[0] == "--exec" {
		o.exec, args = true, args[1:]
	}
	found, operands := getopt.Parse(args, "dnECR:Se:l:Q", complain)
	for _, option := range found {
		switch option.Letter {
		case 'C':
			o.console = true
		case 'd':
			o.disconnect = true
		case 'e':
			c, err := escapeOf(option.Argument)
			if err != nil {
				return nil, err
			}
			o.escape = c
		case 'E':
			o.noEscape = true
		case 'l':
			o.user, o.hasUser = option.Argument, true
		case 'n':
			o.noInput = true
		case 'Q':
			o.quiet = true
		case 'S':
			o.safe = true
		case 'R':
			o.root = option.Argument
		default:
			return nil, &misuse{usage: true}
		}
	}
	if len(operands) > 0 {
		o.zone, o.command = operands[0], operands[1:]
		if len(o.command) > 0 && o.command[0] == "--exec" {
			o.exec, o.command = true, o.command[1:]
		}
	}
	return o, o.check()
}

// check holds the options against each other, in the order of the original.
func (o *options) check() error {
	switch {
	case o.console && o.hasUser:
		return &misuse{"-l may not be specified for console login", true}
	case o.console && o.noInput:
		return &misuse{"-n may not be specified for console login", true}
	case o.console && o.safe:
		return &misuse{"-S may not be specified for console login", true}
	case o.console && o.root != "":
		return &misuse{"-R may not be specified for console login", false}
	case o.safe && o.hasUser:
		return &misuse{"-l may not be specified for failsafe login", true}
	case o.disconnect && !o.console:
		return &misuse{"-d may only be specified with console login", true}
	case o.zone != "" && len(o.command) == 0 && o.noInput:
		return &misuse{"-n may not be specified for interactive login", true}
	case o.console && len(o.command) > 0:
		return &misuse{"Commands may not be specified for console login.", true}
	case o.zone == "" || o.exec && len(o.command) == 0:
		return &misuse{usage: true}
	}
	return nil
}

// escapeOf is the escape character that an argument of -e stands for.
func escapeOf(argument string) (byte, error) {
	if argument == "" {
		return 0, nil
	}
	if argument[0] != '\\' {
		return argument[0], nil
	}
	rest := argument[1:]
	if rest == "" || rest[0] == '\\' {
		return '\\', nil
	}
	digits := 0
	for digits < len(rest) && rest[digits] >= '0' && rest[digits] <= '7' {
		digits++
	}
	if digits == 0 {
		return 0, &misuse{fmt.Sprintf("Unrecognized escape character option %s", argument), true}
	}
	n, err := strconv.ParseUint(rest[:digits], 8, 8)
	if err != nil {
		return 0, &misuse{fmt.Sprintf("Octal escape character '%s' too large", argument), true}
	}
	return byte(n), nil
}
