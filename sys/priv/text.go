package priv

import (
	"fmt"
	"strings"

	"github.com/gozones/zones/sys/errno"
)

// Form is a way to write a set (the PRIV_STR constants).
type Form int

// The forms.
const (
	Portable Form = iota // PRIV_STR_PORT: "basic", its missing privileges with "!", and the others
	Literal              // PRIV_STR_LIT: the name of every privilege
	Short                // PRIV_STR_SHORT: the form with the fewest words
)

// UnknownError is the error for a word that isn't a privilege. It wraps EINVAL.
type UnknownError struct {
	Word string // as written, with its sign
}

// Error names the word.
func (e *UnknownError) Error() string { return fmt.Sprintf("unknown privilege %q", e.Word) }

// Unwrap returns EINVAL, as priv_str_to_set(3C) has it.
func (e *UnknownError) Unwrap() error { return errno.EINVAL }

// Parse reads a list of words separated by commas (priv_str_to_set(3C)). "basic", "all",
// "zone" and names add privileges, "none" removes all added so far, and a name after "-"
// or "!" removes that privilege. Empty words are skipped, blanks aren't trimmed. "zone"
// is every privilege, as in the global zone. The error is an [*UnknownError] for the
// first unknown word.
func Parse(text string) (Set, error) { return ParseIn(text, Full()) }

// ParseIn is [Parse] for a caller in a zone with the privileges zone.
func ParseIn(text string, zone Set) (Set, error) {
	var s Set
	for word := range strings.SplitSeq(text, ",") {
		switch strings.ToLower(word) {
		case "":
			continue
		case "basic":
			s = s.Union(Basic())
			continue
		case "none":
			s = Set{}
			continue
		case "all":
			s = Full()
			continue
		case "zone":
			s = s.Union(zone)
			continue
		}
		name, sign := word, byte('+')
		if c := word[0]; c == '-' || c == '!' || c == '+' {
			name, sign = word[1:], c
		}
		n, ok := Number(name)
		switch {
		case !ok:
			return Set{}, &UnknownError{word}
		case sign == '+':
			s.add(n)
		default:
			s.del(n)
		}
	}
	return s, nil
}

// String returns the set in the portable form, as ppriv(1) prints it.
func (s Set) String() string { return s.Format(Portable, Full()) }

// Format returns the set as a list separated by commas (priv_set_to_str(3C)). zone is
// the set of the reader's zone, [Full] for the global zone.
func (s Set) Format(form Form, zone Set) string {
	switch {
	case form != Portable && s.Empty():
		return "none"
	case form != Literal && s.IsFull():
		return "all"
	}
	base := Set{}
	head := ""
	switch form {
	case Portable:
		base, head = Basic(), "basic"
	case Short:
		base, head = s.shortest(zone)
	}
	var words []string
	if head != "" {
		words = append(words, head)
	}
	for _, n := range sorted() {
		switch {
		case s.has(n) && !base.has(n):
			words = append(words, names[n])
		case !s.has(n) && base.has(n):
			words = append(words, "!"+names[n])
		}
	}
	if len(words) == 0 {
		return "none" // only bits without a privilege
	}
	return strings.Join(words, ",")
}

// shortest returns the first word of the short form, and its set. Among lists of the same
// length it prefers "all", and the plain list to "basic"; "zone" only for its subsets.
func (s Set) shortest(zone Set) (base Set, head string) {
	count := func(of Set) (n int) {
		for i := range Count {
			if of.has(i) {
				n++
			}
		}
		return n
	}
	present := count(s)
	words := present
	basic := Basic()
	if portable := 1 + count(s.Intersect(basic.Inverse())) + count(basic.Intersect(s.Inverse())); portable < words {
		base, head, words = basic, "basic", portable
	}
	if all := 1 + Count - present; words >= all {
		base, head, words = Full(), "all", all
	}
	inZone := count(s.Intersect(zone))
	if present == inZone && 1+count(zone.Intersect(s.Inverse())) < words {
		base, head = zone, "zone"
	}
	return base, head
}

// MarshalText returns the portable form.
func (s Set) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a list as [Parse] does.
func (s *Set) UnmarshalText(text []byte) error {
	parsed, err := Parse(string(text))
	if err == nil {
		*s = parsed
	}
	return err
}
