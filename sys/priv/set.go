package priv

import (
	"slices"
	"strings"
)

// SetWords is the number of 32-bit words in a privilege set.
const SetWords = 3

// SetSize is the size of a privilege set in bytes, as zone_create's privssz counts it.
const SetSize = SetWords * 4

// Count is how many privileges there are.
const Count = len(names)

// Set is a privilege set as the kernel keeps it (priv_set_t): privilege number
// p is bit 31-p%32 of word p/32. The zero value is the empty set.
type Set [SetWords]uint32

// Number returns the number of a privilege (priv_getbyname). Case doesn't matter
// and "priv_" may stand in front.
func Number(name string) (int, bool) {
	name = strings.ToLower(name)
	name = strings.TrimPrefix(name, "priv_")
	i := slices.Index(names[:], name)
	return i, i >= 0
}

// Name returns the name of a privilege, "" for a number that none has
// (priv_getbynum).
func Name(number int) string {
	if number < 0 || number >= Count {
		return ""
	}
	return names[number]
}

// Names returns all names by number.
func Names() []string { return slices.Clone(names[:]) }

// Of returns a set of the named privileges. It panics for a name that isn't one:
// it is for names in programs, [Parse] is for those that people write.
func Of(list ...string) Set {
	var s Set
	for _, name := range list {
		n, ok := Number(name)
		if !ok {
			panic("priv: no privilege " + name)
		}
		s.add(n)
	}
	return s
}

// Basic returns the privileges that every process has unless they are taken away
// (priv_basicset).
func Basic() Set {
	return Of("file_link_any", "file_read", "file_write", "net_access", "proc_exec", "proc_fork", "proc_info",
		"proc_secflags", "proc_session")
}

// Full returns the set with every bit, also those that no privilege has yet
// (priv_fillset).
func Full() Set { return Set{^uint32(0), ^uint32(0), ^uint32(0)} }

func bit(n int) (word int, mask uint32) { return n / 32, 1 << (31 - n%32) }

func (s *Set) add(n int)     { w, m := bit(n); s[w] |= m }
func (s *Set) del(n int)     { w, m := bit(n); s[w] &^= m }
func (s Set) has(n int) bool { w, m := bit(n); return s[w]&m != 0 }

// Has tells that the named privilege is in the set (priv_ismember).
func (s Set) Has(name string) bool {
	n, ok := Number(name)
	return ok && s.has(n)
}

// With returns the set with the named privileges added (priv_addset).
func (s Set) With(list ...string) Set { return s.Union(Of(list...)) }

// Without returns the set without the named privileges (priv_delset).
func (s Set) Without(list ...string) Set { return s.Intersect(Of(list...).Inverse()) }

// Union returns what is in either set (priv_union).
func (s Set) Union(o Set) Set { return Set{s[0] | o[0], s[1] | o[1], s[2] | o[2]} }

// Intersect returns what is in both sets (priv_intersect).
func (s Set) Intersect(o Set) Set { return Set{s[0] & o[0], s[1] & o[1], s[2] & o[2]} }

// Inverse returns what isn't in the set (priv_inverse).
func (s Set) Inverse() Set { return Set{^s[0], ^s[1], ^s[2]} }

// Empty tells that nothing is in the set (priv_isemptyset).
func (s Set) Empty() bool { return s == Set{} }

// IsFull tells that every bit is set (priv_isfullset).
func (s Set) IsFull() bool { return s == Full() }

// Subset tells that everything in s is in o too (priv_issubset).
func (s Set) Subset(o Set) bool { return s.Intersect(o) == s }

// List returns the names of the privileges in the set, sorted.
func (s Set) List() []string {
	var list []string
	for _, n := range sorted() {
		if s.has(n) {
			list = append(list, names[n])
		}
	}
	return list
}
