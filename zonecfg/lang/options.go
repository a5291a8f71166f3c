package lang

import "strings"

// The long options that commands here have beside the letters of zonecfg(8).
const (
	jsonOption  = "--json"
	exactOption = "--exact"
)

// option is a letter with its argument.
type option struct {
	letter byte
	value  string
}

// getopt reads options as getopt(3C) does: letters may stand together, an argument
// may stand with its letter, "--" and what isn't an option end them. unknown is the
// first letter that allowed hasn't got, or that lacks its argument; 0 for none.
func getopt(words []string, allowed string) (options []option, rest []string, unknown byte) {
	for len(words) > 0 {
		letters := words[0]
		if len(letters) < 2 || letters[0] != '-' {
			break
		}
		words = words[1:]
		if letters == "--" {
			break
		}
		for letters = letters[1:]; letters != ""; {
			c := letters[0]
			letters = letters[1:]
			at := strings.IndexByte(allowed, c)
			switch {
			case at < 0 || c == ':':
				return options, words, c
			case !strings.HasPrefix(allowed[at+1:], ":"):
				options = append(options, option{letter: c})
				continue
			case letters == "" && len(words) == 0:
				return options, words, c
			case letters == "":
				letters, words = words[0], words[1:]
			}
			options = append(options, option{c, letters})
			letters = ""
		}
	}
	return options, words, 0
}

// options reads the options of a command; ok is false when it is done with: help was
// asked for, or they are wrong.
func (s *Session) options(c *Command, allowed string) (options []option, ok bool) {
	options, rest, unknown := getopt(c.Words, allowed)
	if unknown == '?' {
		s.helpOn(c.Name)
		return nil, false
	}
	if unknown != 0 || len(rest) > 0 {
		s.shortUsage(c.Name)
		return nil, false
	}
	return options, true
}

// forced reads the options of a command that has none but -F.
func (s *Session) forced(c *Command) (force, ok bool) {
	options, ok := s.options(c, "F")
	return len(options) > 0, ok
}

// long takes a long option out of a command's words.
func long(c *Command, name string) bool {
	for i, w := range c.Words {
		if w == "--" {
			return false
		}
		if w == name {
			c.Words = append(c.Words[:i:i], c.Words[i+1:]...)
			return true
		}
	}
	return false
}
