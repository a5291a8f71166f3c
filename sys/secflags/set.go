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
	ASLR          Flag = 0 // PROC_SEC_ASLR: random addresses of mappings
	ForbidNullMap Flag = 1 // PROC_SEC_FORBIDNULLMAP: no mapping at address 0
	NoExecStack   Flag = 2 // PROC_SEC_NOEXECSTACK: no execution on stacks
)

var names = [...]string{ASLR: "aslr", ForbidNullMap: "forbidnullmap", NoExecStack: "noexecstack"}

// String returns the flag's name (secflag_to_str), or "flag N" if it has none.
func (f Flag) String() string {
	if int(f) < len(names) {
		return names[f]
	}
	return fmt.Sprintf("flag %d", uint32(f))
}

// Lookup returns the flag with a name, in either case, and whether there is one
// (secflag_by_name).
func Lookup(name string) (Flag, bool) {
	name = lower(name)
	for f, n := range names {
		if n == name {
			return Flag(f), true
		}
	}
	return 0, false
}

// lower converts ASCII letters to lower case, as strcasecmp(3C) does.
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

// The empty and the full set.
const (
	None Set = 0                                           // no flag
	All  Set = 1<<ASLR | 1<<ForbidNullMap | 1<<NoExecStack // PROC_SEC_MASK: every flag
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

// Within reports whether all flags of s are in t (secflags_issubset).
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

// String returns the names of the flags separated by commas, "none" for the empty set
// (secflags_to_str). Bits without a flag come last, as one number.
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

// MarshalText returns the names of the flags. EINVAL when the set has bits without a
// flag.
func (s Set) MarshalText() ([]byte, error) {
	if !s.Within(All) {
		return nil, &Error{Text: s.String(), Reason: "unknown bits", Err: errno.EINVAL}
	}
	return []byte(s.String()), nil
}

// UnmarshalText reads a list as [ParseSet] does.
func (s *Set) UnmarshalText(text []byte) error {
	parsed, err := ParseSet(string(text))
	if err == nil {
		*s = parsed
	}
	return err
}

// ParseSet reads a list, such as a property of a zone's security-flags resource, as
// [Parse] does. The list may have neither "default" nor "current": EINVAL.
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

// Error is the reason why flags are refused. It wraps the errno.
type Error struct {
	Text   string // the list or the sets that are refused
	Reason string
	Err    errno.Errno
}

// Error names the flags and the reason.
func (e *Error) Error() string { return fmt.Sprintf("security flags %q: %s", e.Text, e.Reason) }

// Unwrap returns the errno.
func (e *Error) Unwrap() error { return e.Err }
