package zoneadmd

import (
	"strings"

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

// options takes options as getopt(3C) does and returns the operands.
func (b *BootArgs) options(words []string) []string {
	for len(words) > 0 {
		word := words[0]
		if word == "--" {
			return words[1:]
		}
		if len(word) < 2 || word[0] != '-' {
			return words
		}
		words = words[1:]
		for i := 1; i < len(word); i++ {
			letter := word[i]
			at := strings.IndexByte(bootOptions, letter)
			if at < 0 || letter == ':' {
				b.unknown(letter)
				if letter == '-' && i == 1 {
					break // a long option is one that nobody knows
				}
				continue
			}
			if at+1 == len(bootOptions) || bootOptions[at+1] != ':' {
				if letter == 's' {
					b.Passed += " -s "
				}
				continue
			}
			argument := word[i+1:]
			if argument == "" {
				if len(words) == 0 {
					b.unknown(letter)
					break
				}
				argument, words = words[0], words[1:]
			}
			if letter == 'i' {
				b.Init = argument
			} else {
				b.Passed += " -m " + argument
			}
			break
		}
	}
	return nil
}

func (b *BootArgs) unknown(letter byte) {
	b.Passed += " -" + string(rune(letter))
	b.Bad += " -" + string(rune(letter))
}
