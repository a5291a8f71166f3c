package zoneadm

import (
	"fmt"
	"strings"
)

// option is one that getopt found: its letter ('?' for one that isn't known or
// lacks its argument) and its argument.
type option struct {
	letter   byte
	argument string
}

// getopt splits arguments into options and operands as getopt(3C) does: letters
// may stand together, an argument may follow its letter directly, "--" ends the
// options and so does the first operand. complain is called for what is wrong,
// with getopt's words; nil leaves it out.
func getopt(args []string, letters string, complain func(string)) (options []option, operands []string) {
	if complain == nil {
		complain = func(string) {}
	}
	for len(args) > 0 {
		word := args[0]
		if len(word) < 2 || word[0] != '-' {
			return options, args
		}
		args = args[1:]
		if word == "--" {
			return options, args
		}
		for i := 1; i < len(word); i++ {
			letter := word[i]
			at := strings.IndexByte(letters, letter)
			if at < 0 || letter == ':' || letter == '?' {
				if letter != '?' {
					complain(fmt.Sprintf("illegal option -- %c", letter))
				}
				options = append(options, option{'?', string(letter)})
				continue
			}
			if at+1 >= len(letters) || letters[at+1] != ':' {
				options = append(options, option{letter: letter})
				continue
			}
			argument := word[i+1:]
			if argument == "" {
				if len(args) == 0 {
					complain(fmt.Sprintf("option requires an argument -- %c", letter))
					options = append(options, option{'?', string(letter)})
					break
				}
				argument, args = args[0], args[1:]
			}
			options = append(options, option{letter, argument})
			break
		}
	}
	return options, nil
}

// asked tells that an option which isn't one is "-?", the question for the usage.
func (o option) asked() bool { return o.letter == '?' && o.argument == "?" }

// complain is getopt's diagnostic.
func (t *Tool) complain(text string) { fmt.Fprintf(t.Err, "%s: %s\n", t.Prog, text) }

// simple reads the options of a verb that knows these letters. ok is false when
// the usage was printed, and then status is the command's.
func (t *Tool) simple(verb string, args []string, letters string) (options []option, operands []string, status int, ok bool) {
	options, operands = getopt(args, letters, t.complain)
	for _, o := range options {
		if o.letter != '?' {
			continue
		}
		t.usageOf(verb)
		if o.asked() {
			return nil, nil, ExitOK, false
		}
		return nil, nil, ExitUsage, false
	}
	return options, operands, ExitOK, true
}
