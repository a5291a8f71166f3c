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
	IPType string // "": for every zone; "shared" or "exclusive": only for such zones
}

// Lists are what a brand says of the privileges of its zones. Prohibited and
// Required are in the order of the brand's file.
type Lists struct {
	Default    []Entry
	Prohibited []Entry
	Required   []Entry
}

// LimitError is why a limitpriv property can't be the privileges of a zone. It
// matches EINVAL.
type LimitError struct {
	Problem   Problem
	Privilege string // as it is written in the property or in the brand's list
}

// Problem is what is wrong with a privilege.
type Problem int

const (
	Prohibited Problem = 37 // Z_PRIV_PROHIBITED
	Missing    Problem = 38 // Z_PRIV_REQUIRED
	Unknown    Problem = 39 // Z_PRIV_UNKNOWN
)

// Error is the diagnostic of zoneadm(8).
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

// DefaultFor returns what zones of an IP type ("shared" or "exclusive") have when
// their configuration says nothing: basic and the brand's list.
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

// Limit returns the set that a limitpriv property stands for
// (zonecfg_get_privset). Absent, empty and "default" are the brand's default, which
// isn't held against the other lists. A first word that begins "default" (even the
// empty one) stands for it with the rest added. The error is a [*LimitError]; of
// several violations of a list, its last entry is the one that is named.
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
	// The system keeps its lists the other way round and stops at the first.
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

// parse reads the words that follow the default, if it stands in front.
func (l *Lists) parse(text string, usual Set, fromDefault bool) (Set, error) {
	if fromDefault {
		// The default's own words come first in the same list, so that "none" and
		// "!name" work on them too.
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
