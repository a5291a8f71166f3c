package priv

import (
	"slices"
	"strings"
)

// SetWords is the number of 32-bit words in a privilege set.
const SetWords = 3

// SetSize is the size of a privilege set in bytes, as zone_create's privssz counts it.
const SetSize = SetWords * 4

// Count is the number of privileges.
const Count = len(names)

// Set is a privilege set as the kernel keeps it (priv_set_t): privilege number
// p is bit 31-p%32 of word p/32. The zero value is the empty set.
type Set [SetWords]uint32

// Number returns the number of a privilege, and whether there is one of that name
// (priv_getbyname(3C)). The case doesn't matter, and the name may start with "priv_".
func Number(name string) (int, bool) {
	name = strings.ToLower(name)
	name = strings.TrimPrefix(name, "priv_")
	i := slices.Index(names[:], name)
	return i, i >= 0
}

// Name returns the name of a privilege by its number, "" if there is none
// (priv_getbynum(3C)).
func Name(number int) string {
	if number < 0 || number >= Count {
		return ""
	}
	return names[number]
}

// Names returns the names of all privileges, indexed by number.
func Names() []string { return slices.Clone(names[:]) }

// Of returns the set of the named privileges. It panics for an unknown name: it is for
// names in a program's source, [Parse] is for a user's.
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

// Basic returns the privileges that every process has unless they are removed
// (priv_basicset(3C)).
func Basic() Set {
	return Of("file_link_any", "file_read", "file_write", "net_access", "proc_exec", "proc_fork", "proc_info",
		"proc_secflags", "proc_session")
}

// Full returns the set with all bits, including those without a privilege
// (priv_fillset(3C)).
func Full() Set { return Set{^uint32(0), ^uint32(0), ^uint32(0)} }

func bit(n int) (word int, mask uint32) { return n / 32, 1 << (31 - n%32) }

func (s *Set) add(n int)     { w, m := bit(n); s[w] |= m }
func (s *Set) del(n int)     { w, m := bit(n); s[w] &^= m }
func (s Set) has(n int) bool { w, m := bit(n); return s[w]&m != 0 }

// Has reports whether the named privilege is in the set (priv_ismember(3C)). It is false
// for an unknown name.
func (s Set) Has(name string) bool {
	n, ok := Number(name)
	return ok && s.has(n)
}

// With returns the set with the named privileges added (priv_addset(3C)). It panics as
// [Of] does.
func (s Set) With(list ...string) Set { return s.Union(Of(list...)) }

// Without returns the set without the named privileges (priv_delset(3C)). It panics as
// [Of] does.
func (s Set) Without(list ...string) Set { return s.Intersect(Of(list...).Inverse()) }

// Union returns the privileges in either set (priv_union(3C)).
func (s Set) Union(o Set) Set { return Set{s[0] | o[0], s[1] | o[1], s[2] | o[2]} }

// Intersect returns the privileges in both sets (priv_intersect(3C)).
func (s Set) Intersect(o Set) Set { return Set{s[0] & o[0], s[1] & o[1], s[2] & o[2]} }

// Inverse returns the privileges that aren't in the set (priv_inverse(3C)).
func (s Set) Inverse() Set { return Set{^s[0], ^s[1], ^s[2]} }

// Empty reports whether the set is empty (priv_isemptyset(3C)).
func (s Set) Empty() bool { return s == Set{} }

// IsFull reports whether all bits are set (priv_isfullset(3C)).
func (s Set) IsFull() bool { return s == Full() }

// Subset reports whether all privileges of s are in o (priv_issubset(3C)).
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
