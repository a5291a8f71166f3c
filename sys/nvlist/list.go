package nvlist

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"iter"
	"math"
	"strings"
	"unsafe"

	"github.com/gozones/zones/sys/errno"
)

// The native layout of a pair (nvpair_t): a head, the name with its NUL padded to 8
// bytes, and the value padded to 8 bytes. The pairs of nested lists follow their pair,
// each list with an int32 zero at its end.
const (
	offSize    = 0  // nvp_size, int32: head, name and value
	offNameSz  = 4  // nvp_name_sz, int16: with the NUL
	offElem    = 8  // nvp_value_elem, int32
	offType    = 12 // nvp_type, int32
	pairHead   = 16 // sizeof (nvpair_t)
	listHead   = 24 // sizeof (nvlist_t), the value of a nested list
	pointer    = 8  // per element of an array; zero when packed
	terminator = 4  // ends a list

	minPair = pairHead + 8
	maxName = math.MaxInt16 - 1 // nvp_name_sz is an int16
)

var le = binary.LittleEndian

func align8(n int) int { return (n + 7) &^ 7 }

// ref is the place of a pair in the buffer.
type ref struct {
	off  uint32
	size uint32 // with the nested lists; 0 for a pair that was removed
	key  uint32 // of the name, see keyOf
	next uint32 // index plus one of the previous pair in the same slot, see slots
}

// List is a list of pairs (nvlist_t). [New] returns one; a List must not be copied. The
// Add methods don't return errors: the pair isn't added, and the first error is kept and
// returned by [List.Err] and by every method that packs or prints the list.
type List struct {
	version int32
	flags   uint32   // a decoded list keeps unknown bits
	depth   int32    // nesting of lists in this one, or more
	buf     []byte   // the pairs; bytes are appended and never changed
	refs    []ref    // in list order
	live    int      // number of pairs that were not removed
	dead    int      // bytes of removed pairs in buf
	slots   []uint32 // the hash table: index plus one of the last pair with the hash
	err     error
}

// smallList is a List with space for a few pairs in the same allocation.
type smallList struct {
	List
	someRefs  [4]ref
	someBytes [128]byte
}

// New returns an empty list (nvlist_alloc).
func New(flags Flags) *List {
	s := new(smallList)
	s.flags = uint32(flags & (UniqueName | UniqueNameType))
	s.refs = s.someRefs[:0]
	s.buf = s.someBytes[:0]
	return &s.List
}

// Flags returns the flags of the list (nvlist_nvflag).
func (l *List) Flags() Flags { return Flags(l.flags) }

// Len returns the number of pairs.
func (l *List) Len() int { return l.live }

// Empty reports whether the list has no pairs (nvlist_empty).
func (l *List) Empty() bool { return l.live == 0 }

// Err returns the first error of an Add method.
func (l *List) Err() error { return l.err }

// Reset removes all pairs and the error, so that the list's memory can be used again.
// Pairs and nested lists of the list become invalid.
func (l *List) Reset() {
	l.buf, l.refs, l.slots = l.buf[:0], l.refs[:0], l.slots[:0]
	l.live, l.dead, l.depth, l.err = 0, 0, 0, nil
}

// Pairs iterates over the pairs in the order of the list.
func (l *List) Pairs() iter.Seq[Pair] {
	return func(yield func(Pair) bool) {
		for _, r := range l.refs {
			if r.size != 0 && !yield(l.at(r)) {
				return
			}
		}
	}
}

// Dup returns a copy of the list (nvlist_dup).
func (l *List) Dup() *List {
	d := &List{version: l.version, flags: l.flags, depth: l.depth, err: l.err}
	d.Merge(l)
	return d
}

// Merge adds all pairs of from to l in order; l's flags apply (nvlist_merge).
func (l *List) Merge(from *List) {
	if from == l {
		return
	}
	if from.err != nil {
		l.fail(from.err)
	}
	for p := range from.Pairs() {
		l.AddPair(p)
	}
}

// AddPair adds a copy of a pair (nvlist_add_nvpair).
func (l *List) AddPair(p Pair) {
	name := p.nameBytes()
	key := keyOf(name)
	l.replace(string(name), p.typ, key)
	if !l.room(len(p.raw) + len(p.nested)) {
		return
	}
	off := len(l.buf)
	l.buf = append(append(l.buf, p.raw...), p.nested...)
	if p.nested != nil {
		_, depth := measure(p.nested, p.lists())
		l.depth = max(l.depth, int32(depth)+1)
	}
	l.link(off, key)
}

// fail keeps the first error.
func (l *List) fail(err error) {
	if l.err == nil {
		l.err = err
	}
}

// keyOf returns a key of a name for quick comparisons. Names with the same length, start
// and end can have the same key.
func keyOf(name []byte) uint32 {
	key, _ := scanName(name)
	return key
}

// scanName returns the key of a name, and whether it has no NUL.
func scanName(name []byte) (key uint32, plain bool) {
	const mix = 0x9e3779b97f4a7c15
	n := len(name)
	h := uint64(n)
	plain = true
	switch {
	case n >= 8:
		first, last := le.Uint64(name), le.Uint64(name[n-8:])
		h ^= first*mix ^ last
		plain = !hasZero(first) && !hasZero(last)
		switch {
		case n <= 16:
		case n <= 32:
			plain = plain && !hasZero(le.Uint64(name[8:])) && !hasZero(le.Uint64(name[n-16:]))
		default:
			plain = bytes.IndexByte(name, 0) < 0
		}
	case n >= 4:
		both := uint64(le.Uint32(name))<<32 | uint64(le.Uint32(name[n-4:]))
		h ^= both * mix
		plain = !hasZero(both)
	default:
		for _, c := range name {
			h = h<<8 ^ uint64(c)
			plain = plain && c != 0
		}
	}
	h *= mix
	return uint32(h >> 32), plain
}

// bytesOf returns the bytes of a string, which must not be changed.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// hasZero reports whether one of the eight bytes is zero.
func hasZero(w uint64) bool { return (w-0x0101010101010101)&^w&0x8080808080808080 != 0 }

// room checks that the list may get n more bytes.
func (l *List) room(n int) bool {
	if int64(len(l.buf))+int64(n) > math.MaxInt32-64 {
		l.fail(&Error{Op: "add", Err: errno.EINVAL, Reason: "the list would be larger than 2 GiB"})
		return false
	}
	return true
}

// Grow allocates space for n more bytes of packed pairs, so that adding them doesn't
// allocate. A pair takes 24 bytes plus its name and its value, both padded to 8; an array
// of lists takes another 32 bytes for each list.
func (l *List) Grow(n int) {
	if cap(l.buf)-len(l.buf) >= n {
		return
	}
	buf := make([]byte, len(l.buf), len(l.buf)+n)
	copy(buf, l.buf)
	l.buf = buf
}

// enlarge allocates space for n more bytes, and for more after them.
func (l *List) enlarge(n int) {
	// A list that outgrows its first buffer usually has many more pairs to come.
	l.Grow(max(max(2*cap(l.buf), 2048)-len(l.buf), n))
}

// begin adds a pair with a zeroed value of size bytes and returns the value; nil if the
// pair can't be added. [List.nest] adds the nested lists.
func (l *List) begin(name string, t Type, elems, size int) []byte {
	valueOff := align8(pairHead + len(name) + 1)
	total := valueOff + align8(size)
	key, plain := scanName(bytesOf(name))
	if !plain || len(name) > maxName || !l.room(total) {
		l.badName(name, t)
		return nil
	}
	if l.mayHave(key) {
		l.replace(name, t, key)
	}
	off := len(l.buf)
	if off+total > cap(l.buf) {
		l.enlarge(total)
	}
	l.buf = l.buf[:off+total]
	p := l.buf[off:]
	putHeadOf(p, name, valueOff, t, elems)
	value := p[valueOff:]
	if size != 8 || t == TypeString { // a number is written by the caller right after
		clear(value)
	}
	l.refs = append(l.refs, ref{off: uint32(off), size: uint32(total), key: key})
	l.live++
	if len(l.refs) > scanMax {
		l.enter(len(l.refs) - 1)
	}
	return value[:size]
}

// mayHave reports whether the list may have a pair with the key.
func (l *List) mayHave(key uint32) bool {
	if len(l.refs) > scanMax {
		return true
	}
	for i := range l.refs {
		if l.refs[i].key == key {
			return true
		}
	}
	return false
}

const badNameReason = "a name has no NUL and at most 32766 bytes"

func plainName(name string) bool {
	return len(name) <= maxName && strings.IndexByte(name, 0) < 0
}

// badName keeps the error for an invalid name.
func (l *List) badName(name string, t Type) {
	if !plainName(name) {
		l.fail(&Error{Op: "add", Name: name, Type: t, Err: errno.EINVAL, Reason: badNameReason})
	}
}

// putHeadOf writes the head and the name of the pair p, whose value is at valueOff.
func putHeadOf(p []byte, name string, valueOff int, t Type, elems int) {
	le.PutUint64(p[offSize:], uint64(len(p))|uint64(len(name)+1)<<(8*offNameSz))
	le.PutUint64(p[offElem:], uint64(uint32(elems))|uint64(t)<<32)
	le.PutUint64(p[valueOff-8:], 0) // the NUL and the padding
	switch raw, n := bytesOf(name), len(name); {
	case n > 32 || n < 4:
		copy(p[pairHead:], name)
	case n >= 8: // overlapping words are faster than copy
		if n > 16 {
			le.PutUint64(p[pairHead+8:], le.Uint64(raw[8:]))
			le.PutUint64(p[pairHead+n-16:], le.Uint64(raw[n-16:]))
		}
		le.PutUint64(p[pairHead:], le.Uint64(raw))
		le.PutUint64(p[pairHead+n-8:], le.Uint64(raw[n-8:]))
	default:
		le.PutUint32(p[pairHead:], le.Uint32(raw))
		le.PutUint32(p[pairHead+n-4:], le.Uint32(raw[n-4:]))
	}
}

// link adds the bytes from off to the end of the buffer as the last pair.
func (l *List) link(off int, key uint32) {
	l.refs = append(l.refs, ref{off: uint32(off), size: uint32(len(l.buf) - off), key: key})
	l.live++
	if len(l.refs) > scanMax {
		l.enter(len(l.refs) - 1)
	}
}

// replace removes the pairs that the flags don't allow besides a new pair.
func (l *List) replace(name string, t Type, key uint32) {
	switch {
	case l.flags&uint32(UniqueName) != 0:
		if i := l.find(name, key, TypeUnknown); i >= 0 {
			l.drop(i)
			for i = l.find(name, key, TypeUnknown); i >= 0; i = l.find(name, key, TypeUnknown) {
				l.drop(i)
			}
		}
	case l.flags&uint32(UniqueNameType) != 0:
		if i := l.find(name, key, t); i >= 0 {
			l.drop(i)
		}
	}
}

// drop removes pair i. Its bytes stay until [List.compact].
func (l *List) drop(i int) {
	r := &l.refs[i]
	if len(l.slots) > 0 {
		link := l.slot(l.at(*r).nameBytes())
		for *link != uint32(i+1) {
			link = &l.refs[*link-1].next
		}
		*link = r.next
	}
	l.dead += int(r.size)
	r.size = 0
	l.live--
	if l.dead > 4096 && l.dead > len(l.buf)/2 {
		l.compact()
	}
}

// compact copies the pairs that weren't removed to new memory. Nested lists that share the
// old memory keep it.
func (l *List) compact() {
	buf := make([]byte, 0, len(l.buf)-l.dead+l.dead/4)
	refs := make([]ref, 0, l.live+4)
	for _, r := range l.refs {
		if r.size != 0 {
			off := len(buf)
			buf = append(buf, l.buf[r.off:r.off+r.size]...)
			r.off = uint32(off)
			refs = append(refs, r)
		}
	}
	l.buf, l.refs, l.dead = buf, refs, 0
	l.slots = l.slots[:0]
	l.index()
}

// scanMax is the number of pairs up to which a search through all is as fast as a hash
// table.
const scanMax = 16

var seed = maphash.MakeSeed()

// find returns the index of the last pair with a name, and with a type unless t is
// [TypeUnknown]; -1 if there is none. A decoded list may have a name twice in spite of its
// flags, and libnvpair finds the last.
func (l *List) find(name string, key uint32, t Type) int {
	if len(l.slots) > 0 {
		for n := *l.slot(bytesOf(name)); n != 0; n = l.refs[n-1].next {
			if r := &l.refs[n-1]; r.key == key && l.matches(r, name, t) {
				return int(n - 1)
			}
		}
		return -1
	}
	for i := len(l.refs) - 1; i >= 0; i-- {
		if r := &l.refs[i]; r.key == key && r.size != 0 && l.matches(r, name, t) {
			return i
		}
	}
	return -1
}

func (l *List) matches(r *ref, name string, t Type) bool {
	p := l.buf[r.off:]
	return (t == TypeUnknown || t == Type(le.Uint32(p[offType:]))) &&
		string(p[pairHead:pairHead+int(le.Uint16(p[offNameSz:]))-1]) == name
}

// slot returns the slot of a name in the hash table.
func (l *List) slot(name []byte) *uint32 {
	return &l.slots[uint32(maphash.Bytes(seed, name))&uint32(len(l.slots)-1)]
}

// enter adds pair i to the hash table, which grows when it is full. A list without
// [UniqueName] or [UniqueNameType] has no hash table.
func (l *List) enter(i int) {
	switch {
	case l.flags == 0:
	case len(l.refs) > len(l.slots):
		l.reindex() // includes i
	default:
		s := l.slot(l.at(l.refs[i]).nameBytes())
		l.refs[i].next = *s
		*s = uint32(i + 1)
	}
}

// index builds the hash table of a decoded list.
func (l *List) index() {
	if len(l.refs) > scanMax && l.flags != 0 {
		l.reindex()
	}
}

// reindex builds the hash table again.
func (l *List) reindex() {
	size := 64
	for size < 2*len(l.refs) {
		size *= 2
	}
	l.slots = make([]uint32, size)
	for i, r := range l.refs {
		if r.size != 0 {
			l.enter(i)
		}
	}
}
