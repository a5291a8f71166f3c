package priv

import (
	"fmt"
	"strings"

	"github.com/gozones/zones/sys/errno"
)

// Form is how a set is written (the PRIV_STR constants).
type Form int

const (
	Portable Form = iota // PRIV_STR_PORT: "basic", what is missing of it with "!", and the others
	Literal              // PRIV_STR_LIT: every privilege by its name
	Short                // PRIV_STR_SHORT: whatever has the fewest words
)

// UnknownError is a word that is no privilege. It matches EINVAL.
type UnknownError struct {
	Word string // as it was written, with its sign
}

func (e *UnknownError) Error() string { return fmt.Sprintf("unknown privilege %q", e.Word) }

// Unwrap returns the errno that priv_str_to_set gives.
func (e *UnknownError) Unwrap() error { return errno.EINVAL }

// Parse reads a list (priv_str_to_set with commas): basic, all, zone and the names
// add, none empties what was collected so far, and a name with "-" or "!" in front
// is taken away. Empty words are passed over, blanks are not trimmed. zone means
// every privilege, as it does in the global zone. The error is an [*UnknownError]
// for the first word that is unknown.
func Parse(text string) (Set, error) { return ParseIn(text, Full()) }

// ParseIn is Parse for a caller in a zone whose set is zone.
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

// String returns the set as ppriv(1) prints it: the portable form.
func (s Set) String() string { return s.Format(Portable, Full()) }

// Format writes the set with commas (priv_set_to_str); zone is the set of the zone
// that the reader is in, [Full] in the global one.
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
		return "none" // only bits that no privilege has
	}
	return strings.Join(words, ",")
}

// shortest chooses what a short text begins with. all is taken before others of
// the same length, the plain list before basic; zone only for a part of it.
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

// MarshalText writes the portable form.
func (s Set) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what [Parse] reads.
func (s *Set) UnmarshalText(text []byte) error {
	parsed, err := Parse(string(text))
	if err == nil {
		*s = parsed
	}
	return err
}
