package zoneadmd

import (
	"strings"

	"github.com/gozones/zones/internal/getopt"
	"github.com/gozones/zones/sys/zone"
)

// BootArgs is the result of parsing a zone's boot arguments.
type BootArgs struct {
	Passed string // arguments for init
	Init   string // path of init given by -i, or ""
	Bad    string // arguments that were not understood
	Unused bool   // Bad has operands: the caller is warned
	Long   bool   // the whole is too long, and nothing is passed
}

// Good reports whether all arguments were understood.
func (b *BootArgs) Good() bool { return b.Bad == "" && !b.Long }

// bootOptions are the known options, as for getopt: a colon follows those that take an
// argument.
const bootOptions = "fi:m:s"

// ParseBootArgs filters boot arguments: it drops the name of a boot file, consumes -f
// and -i, and passes the other options on.
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

// options parses the options and returns the operands.
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
