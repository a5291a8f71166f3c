package zoneadmd

import (
	"strings"

	"github.com/gozones/zones/internal/getopt"
	"github.com/gozones/zones/sys/zone"
)

// BootArgs is what becomes of the arguments that a zone is to be booted with.
type BootArgs struct {
	Passed string // what init gets
	Init   string // the program, where -i names one
	Bad    string // what nobody understands
	Unused bool   // Bad has operands: the caller is warned
	Long   bool   // they are too long as a whole, and none is passed
}

// Good tells that everything was understood.
func (b *BootArgs) Good() bool { return b.Bad == "" && !b.Long }

// bootOptions are the letters that a zone understands; those with an argument have
// a colon.
const bootOptions = "fi:m:s"

// ParseBootArgs filters boot arguments: the name of a boot file is dropped, options
// are passed on, -f and -i aren't.
func ParseBootArgs(text string) BootArgs {
	if len(text) >= zone.BootArgsMax {
		return BootArgs{Bad: text, Long: true}
	}
	words := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\t' })
	if len(words) > 0 && words[0][0] != '-' {
		words = words[1:]
	}
	var b BootArgs
	words = b.options(words)
	if len(words) > 0 {
		b.Unused = true
		b.Bad += strings.Join(words, " ")
	}
	return b
}

// options takes the options off and returns the operands.
func (b *BootArgs) options(words []string) []string {
	options, operands := getopt.Parse(words, bootOptions, nil)
	for _, o := range options {
		switch o.Letter {
		case 's':
			b.Passed += " -s "
		case 'i':
			b.Init = o.Argument
		case 'm':
			b.Passed += " -m " + o.Argument
		case '?':
			b.Passed += " -" + o.Argument
			b.Bad += " -" + o.Argument
		}
	}
	return operands
}
