package lang

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gozones/zones/internal/getopt"
)

// The long options that commands here have beside the letters of zonecfg(8).
const (
	jsonOption  = "--json"
	exactOption = "--exact"
)

// options reads the options of a command and shows its usage for each that asks for it
// or is wrong; ok is false then. rest is what follows them.
func (s *Session) options(c *Command, allowed string) (list []getopt.Option, rest []string, ok bool) {
	var problems []string
	all, rest := getopt.Parse(c.Words, allowed, func(problem string) { problems = append(problems, problem) })
	if len(problems) > 0 && strings.HasPrefix(c.Words[0], "--") {
		problems[0] = "illegal option -- -" // the first word is the program's name too
	}
	ok = true
	for _, o := range all {
		if o.Letter != '?' {
			list = append(list, o)
			continue
		}
		ok = false
		if o.Asked() {
			s.helpOn(c.Name)
			continue
		}
		if !s.quietOptions {
			fmt.Fprintf(s.Err, "%s: %s\n", c.Words[0], problems[0])
		}
		problems = problems[1:]
		if slices.Contains([]string{"create", "export", "set"}, c.Name) {
			s.shortUsage(c.Name)
		} else {
			s.helpOn(c.Name)
		}
	}
	return list, rest, ok
}

// only reads the options of a command that takes nothing else.
func (s *Session) only(c *Command, allowed string) (list []getopt.Option, ok bool) {
	list, rest, ok := s.options(c, allowed)
	if ok && len(rest) > 0 {
		s.shortUsage(c.Name)
		ok = false
	}
	return list, ok
}

// forced reads the options of a command that has none but -F.
func (s *Session) forced(c *Command) (force, ok bool) {
	list, ok := s.only(c, "?F")
	return len(list) > 0, ok
}

// long takes a long option, given with its dashes, out of a command's words.
func long(c *Command, letters, option string) (found bool) {
	c.Words, _, found = getopt.Long(c.Words, letters, strings.TrimPrefix(option, "--"), false)
	return found
}
