// Package getopt splits a command line as getopt(3C) does, for commands that must
// take what the system's own take: letters may stand together, an argument may
// follow its letter directly, "--" ends the options and so does the first operand.
package getopt

import (
	"fmt"
	"strings"
)

// Option is an option that was found: its letter, '?' for one that isn't known or
// lacks its argument (then Argument is the letter that was given).
type Option struct {
	Letter   byte
	Argument string
}

// Asked tells that an option which isn't one is "-?", the question for the usage.
func (o Option) Asked() bool { return o.Letter == '?' && o.Argument == "?" }

// Parse splits arguments. letters are those that are known, each followed by a
// colon when it takes an argument. complain is called for what is wrong, in
// getopt's words; nil leaves that out.
func Parse(args []string, letters string, complain func(string)) (options []Option, operands []string) {
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
				options = append(options, Option{'?', string(letter)})
				continue
			}
			if at+1 >= len(letters) || letters[at+1] != ':' {
				options = append(options, Option{Letter: letter})
				continue
			}
			argument := word[i+1:]
			if argument == "" {
				if len(args) == 0 {
					complain(fmt.Sprintf("option requires an argument -- %c", letter))
					options = append(options, Option{'?', string(letter)})
					break
				}
				argument, args = args[0], args[1:]
			}
			options = append(options, Option{letter, argument})
			break
		}
	}
	return options, nil
}
