package priv

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gozones/zones/sys/errno"
)

// Entry is a privilege in one of a brand's lists.
type Entry struct {
	Name   string
	IPType string // "shared" or "exclusive": only for zones of that IP type; "": for all
}

// Lists are a brand's rules for the privileges of its zones (the privilege elements of
// its config.xml), in the order of the file.
type Lists struct {
	Default    []Entry // added to basic if the configuration has no limitpriv
	Prohibited []Entry // no zone may have these
	Required   []Entry // every zone must have these
}

// LimitError is the reason why a limitpriv property is refused. It wraps EINVAL.
type LimitError struct {
	Problem   Problem
	Privilege string // as written in the property or in the brand's list
}

// Problem is the kind of violation.
type Problem int

// The problems, with the numbers that libzonecfg has for them.
const (
	Prohibited Problem = 37 // Z_PRIV_PROHIBITED: the brand prohibits it
	Missing    Problem = 38 // Z_PRIV_REQUIRED: the brand requires it
	Unknown    Problem = 39 // Z_PRIV_UNKNOWN: no privilege has the name
)

// Error returns zoneadm(8)'s message.
func (e *LimitError) Error() string {
	switch e.Problem {
	case Prohibited:
		return fmt.Sprintf("privilege \"%s\" is not permitted within the zone's privilege set", e.Privilege)
	case Missing:
		return fmt.Sprintf("required privilege \"%s\" is missing from the zone's privilege set", e.Privilege)
	}
	return fmt.Sprintf("unknown privilege \"%s\" specified in the zone's privilege set", e.Privilege)
}

// Unwrap returns EINVAL.
func (e *LimitError) Unwrap() error { return errno.EINVAL }

// DefaultFor returns the privileges of a zone of an IP type ("shared" or "exclusive")
// whose configuration has no limitpriv: basic and the brand's default list. A
// [*LimitError] for an unknown name in that list.
func (l *Lists) DefaultFor(ipType string) (Set, error) {
	s := Basic()
	for _, e := range l.Default {
		if !e.applies(ipType) {
			continue
		}
		n, ok := Number(e.Name)
		if !ok {
			return Set{}, &LimitError{Unknown, e.Name}
		}
		s.add(n)
	}
	return s, nil
}

func (e Entry) applies(ipType string) bool { return e.IPType == "" || e.IPType == ipType }

// Limit returns the set of a limitpriv property for a zone of an IP type
// (zonecfg_get_privset). The empty property and "default" are the brand's default, which
// isn't checked against the other lists. A first word that is "default" or a prefix of
// it, even the empty one, stands for the default, and the rest changes it. The error is
// a [*LimitError]; of several violations of a list it names the list's last entry.
func (l *Lists) Limit(property, ipType string) (Set, error) {
	usual, err := l.DefaultFor(ipType)
	if err != nil || property == "" || property == "default" {
		return usual, err
	}
	text := property
	first, rest, _ := strings.Cut(property, ",")
	fromDefault := strings.HasPrefix("default", first)
	if fromDefault {
		text = rest
	}
	if slices.Contains(strings.Split(text, ","), "zone") {
		return Set{}, &LimitError{Unknown, "zone"}
	}
	s, err := l.parse(text, usual, fromDefault)
	if err != nil {
		return Set{}, err
	}
	// The system's lists are in reverse order, and it stops at the first violation.
	for _, e := range slices.Backward(l.Prohibited) {
		if e.applies(ipType) && s.Has(e.Name) {
			return Set{}, &LimitError{Prohibited, e.Name}
		}
	}
	for _, e := range slices.Backward(l.Required) {
		if e.applies(ipType) && !s.Has(e.Name) {
			return Set{}, &LimitError{Missing, e.Name}
		}
	}
	return s, nil
}

// parse reads the words of a property, which follow the default if it starts with that.
func (l *Lists) parse(text string, usual Set, fromDefault bool) (Set, error) {
	if fromDefault {
		// The default's names come first in the same list, so that "none" and "!name"
		// remove them too.
		text = strings.Join(usual.List(), ",") + "," + text
	}
	s, err := Parse(text)
	if err != nil {
		var unknown *UnknownError
		word := text
		if errors.As(err, &unknown) {
			word = unknown.Word
		}
		return Set{}, &LimitError{Unknown, word}
	}
	return s, nil
}
