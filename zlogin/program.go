package zlogin

import (
	"errors"
	"strings"

	"github.com/gozones/zones/zonecfg/brand"
)

// program is what is to be run in the zone.
type program struct {
	argv []string
	// search says that argv[0] is looked for in PATH inside the zone.
	search bool
}

var errTwoBlanks = errors.New("the brand's login command has two blanks in a row")

// programOf chooses the program for a session or a command. forced says that no
// password need be asked.
func programOf(o *options, b *brand.Brand, u *account, forced bool) (program, error) {
	switch {
	case len(o.command) > 0 && o.exec:
		return program{argv: o.command, search: true}, nil
	case b.Direct:
		return directly(o, u), nil
	case len(o.command) > 0 && o.safe:
		return program{argv: []string{"/sbin/sh", "-c", sentence(o.command)}}, nil
	case len(o.command) > 0 && o.user == "root":
		return program{argv: []string{"/usr/bin/su", "root", "-c", sentence(o.command)}}, nil
	case len(o.command) > 0:
		return program{argv: []string{"/usr/bin/su", "-", o.user, "-c", sentence(o.command)}}, nil
	case o.safe:
		return program{argv: []string{"/sbin/sh"}}, nil
	}
	login := b.LoginCmd
	if forced {
		login = b.ForcedLoginCmd
	}
	argv, err := split(brand.Subst{Here: "global", User: o.user}.In(login))
	return program{argv: argv}, err
}

// directly is the program for brands whose zones need neither login nor su. Several
// words are the program's own as they are; a single one is a sentence for the
// shell, so that pipes and the like can be written in it.
func directly(o *options, u *account) program {
	switch {
	case len(o.command) > 1:
		return program{argv: o.command, search: true}
	case len(o.command) == 1:
		return program{argv: []string{"/bin/sh", "-c", o.command[0]}}
	case o.safe:
		return program{argv: []string{"/bin/sh"}}
	}
	name := u.shell[strings.LastIndexByte(u.shell, '/')+1:]
	return program{argv: []string{u.shell, "-" + name}}
}

// sentence is the text that the zone's shell reads a command from: every word and a
// blank.
func sentence(words []string) string {
	var b strings.Builder
	for _, word := range words {
		b.WriteString(word)
		b.WriteByte(' ')
	}
	return b.String()
}

// split makes words of a login command, at single blanks.
func split(text string) ([]string, error) {
	text = strings.TrimSuffix(text, " ")
	words := strings.Split(text, " ")
	for _, word := range words {
		if word == "" {
			return nil, errTwoBlanks
		}
	}
	return words, nil
}
