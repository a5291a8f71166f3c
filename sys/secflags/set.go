package secflags

import (
	"fmt"
	"iter"
	"math/bits"
	"strings"

	"github.com/gozones/zones/sys/errno"
)

// Flag is the number of a security flag (secflag_t).
type Flag uint32

// The flags, see security-flags(7).
const (
	ASLR          Flag = 0 // PROC_SEC_ASLR: addresses of mappings are random
	ForbidNullMap Flag = 1 // PROC_SEC_FORBIDNULLMAP: nothing is mapped at address 0
	NoExecStack   Flag = 2 // PROC_SEC_NOEXECSTACK: stacks hold no code
)

var names = [...]string{ASLR: "aslr", ForbidNullMap: "forbidnullmap", NoExecStack: "noexecstack"}

// String returns the flag's name (secflag_to_str), its number where it has none.
func (f Flag) String() string {
	if int(f) < len(names) {
		return names[f]
	}
	return fmt.Sprintf("flag %d", uint32(f))
}

// Lookup returns the flag of that name, in any case (secflag_by_name).
func Lookup(name string) (Flag, bool) {
	name = lower(name)
	for f, n := range names {
		if n == name {
			return Flag(f), true
		}
	}
	return 0, false
}

// lower is strings.ToLower for the letters that strcasecmp(3C) knows.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r | 0x20
		}
		return r
	}, s)
}

// Set is a set of flags, a bit each (secflagset_t). The zero value is empty.
type Set uint64

const (
	None Set = 0                                           // no flag
	All  Set = 1<<ASLR | 1<<ForbidNullMap | 1<<NoExecStack // PROC_SEC_MASK: every flag that there is
)

// Of returns the set of the flags (secflag_set).
func Of(flags ...Flag) Set {
	var s Set
	for _, f := range flags {
		s |= 1 << f
	}
	return s
}

// Has reports whether the flag is in the set (secflag_isset).
func (s Set) Has(f Flag) bool { return s&(1<<f) != 0 }

// Within reports whether everything in s is in t (secflags_issubset).
func (s Set) Within(t Set) bool { return s&^t == 0 }

// Flags iterates over the flags in the set, lowest first.
func (s Set) Flags() iter.Seq[Flag] {
	return func(yield func(Flag) bool) {
		for rest := uint64(s); rest != 0; rest &= rest - 1 {
			if !yield(Flag(bits.TrailingZeros64(rest))) {
				return
			}
		}
	}
}

// String returns the names in the set, joined by commas, "none" when it is
// empty (secflags_to_str). Bits of no flag come last, as one number.
func (s Set) String() string {
	if s == None {
		return "none"
	}
	var parts []string
	for f := range (s & All).Flags() {
		parts = append(parts, f.String())
	}
	if unknown := s &^ All; unknown != 0 {
		parts = append(parts, fmt.Sprintf("0x%16x", uint64(unknown)))
	}
	return strings.Join(parts, ",")
}

// MarshalText returns the names in the set. EINVAL when it has bits of no flag.
func (s Set) MarshalText() ([]byte, error) {
	if !s.Within(All) {
		return nil, &Error{Text: s.String(), Reason: "bits of no flag", Err: errno.EINVAL}
	}
	return []byte(s.String()), nil
}

// UnmarshalText is [ParseSet].
func (s *Set) UnmarshalText(text []byte) error {
	parsed, err := ParseSet(string(text))
	if err == nil {
		*s = parsed
	}
	return err
}

// ParseSet returns the set that a list stands for by itself, as the properties
// of a zone's security-flags have it: a [Parse] without defaults that must not
// be relative. EINVAL otherwise.
func ParseSet(list string) (Set, error) {
	d, err := Parse(list, nil)
	if err != nil {
		return None, err
	}
	if !d.Assigns {
		return None, &Error{Text: list, Reason: "relative to the current flags", Err: errno.EINVAL}
	}
	return d.Assign, nil
}

// Error is why flags aren't accepted. errors.Is knows the errno.
type Error struct {
	Text   string // the list or the sets
	Reason string
	Err    errno.Errno
}

func (e *Error) Error() string { return fmt.Sprintf("security flags %q: %s", e.Text, e.Reason) }
func (e *Error) Unwrap() error { return e.Err }
