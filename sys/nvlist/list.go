package nvlist

import (
	"encoding/binary"
	"hash/maphash"
	"iter"
	"math"
	"strings"

	"github.com/gozones/zones/sys/errno"
)

// The native layout of a pair (nvpair_t): a head, the name with its NUL padded
// to 8, the value padded to 8. The bytes of nested lists follow their pair,
// each ended by an int32 zero.
const (
	offSize    = 0  // nvp_size, int32: head, name and value
	offNameSz  = 4  // nvp_name_sz, int16: with the NUL
	offElem    = 8  // nvp_value_elem, int32
	offType    = 12 // nvp_type, int32
	pairHead   = 16 // sizeof (nvpair_t)
	listHead   = 24 // sizeof (nvlist_t), the value of a nested list
	pointer    = 8  // what the head of an array has per element; zero when packed
	terminator = 4  // ends a list

	minPair = pairHead + 8
	maxName = math.MaxInt16 - 1 // nvp_name_sz is an int16
)

var le = binary.LittleEndian

func align8(n int) int { return (n + 7) &^ 7 }

// ref is where a pair lies in the buffer.
type ref struct {
	off  uint32
	size uint32 // with the nested lists; 0 for a pair that was removed
	hash uint32 // of the name
}

// List is a list of pairs (nvlist_t). Make one with [New]; a List must not be
// copied. Adders don't return errors: the first one is kept, what led to it is
// not added, and [List.Err] and every way to pack the list return it.
type List struct {
	version int32
	flags   uint32 // raw: a decoded list keeps the bits it came with
	depth   int32  // how deep lists are nested in this one; no less than that
	buf     []byte // the pairs, appended to and never written again
	refs    []ref  // in list order
	live    int    // pairs that were not removed
	dead    int    // bytes of buf that belong to removed pairs
	slots   []uint32
	err     error
}

// smallList is a List with room for a few pairs in the same allocation.
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

// Err returns the first error of an adder.
func (l *List) Err() error { return l.err }

// Reset removes all pairs and the error, for another use of the list's memory.
// Pairs and nested lists that were taken from the list become invalid.
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

// Merge adds every pair of from to l, in order and under l's flags (nvlist_merge).
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
	hash := hashBytes(name)
	l.replace(string(name), p.typ, hash)
	if !l.room(len(p.raw) + len(p.nested)) {
		return
	}
	off := len(l.buf)
	l.buf = append(append(l.buf, p.raw...), p.nested...)
	if p.nested != nil {
		_, depth := measure(p.nested, p.lists())
		l.depth = max(l.depth, int32(depth)+1)
	}
	l.link(off, hash)
}

// fail keeps the first error.
func (l *List) fail(err error) {
	if l.err == nil {
		l.err = err
	}
}

var seed = maphash.MakeSeed()

func hashName(name string) uint32  { return uint32(maphash.String(seed, name)) }
func hashBytes(name []byte) uint32 { return uint32(maphash.Bytes(seed, name)) }

// room checks that n more bytes can be had.
func (l *List) room(n int) bool {
	if int64(len(l.buf))+int64(n) > math.MaxInt32-64 {
		l.fail(&Error{Op: "add", Err: errno.EINVAL, Reason: "the list would be larger than 2 GiB"})
		return false
	}
	return true
}

// begin appends head, name and a zeroed value of size bytes, and returns the
// value and what [List.link] needs. It is not part of the list until linked.
func (l *List) begin(name string, t Type, elems, size int) (value []byte, off int, hash uint32, ok bool) {
	if len(name) > maxName || strings.IndexByte(name, 0) >= 0 {
		l.fail(&Error{Op: "add", Name: name, Type: t, Err: errno.EINVAL, Reason: "a name has no NUL and at most 32766 bytes"})
		return nil, 0, 0, false
	}
	valueOff := align8(pairHead + len(name) + 1)
	total := valueOff + align8(size)
	if !l.room(total) {
		return nil, 0, 0, false
	}
	hash = hashName(name)
	l.replace(name, t, hash)
	off = len(l.buf)
	if cap(l.buf)-off >= total {
		l.buf = l.buf[:off+total]
		clear(l.buf[off:])
	} else {
		l.buf = append(l.buf, make([]byte, total)...)
	}
	p := l.buf[off:]
	le.PutUint32(p[offSize:], uint32(total))
	le.PutUint16(p[offNameSz:], uint16(len(name)+1))
	le.PutUint32(p[offElem:], uint32(elems))
	le.PutUint32(p[offType:], uint32(t))
	copy(p[pairHead:], name)
	return p[valueOff : valueOff+size], off, hash, true
}

// link makes the bytes from off to the end of the buffer the last pair.
func (l *List) link(off int, hash uint32) {
	l.refs = append(l.refs, ref{off: uint32(off), size: uint32(len(l.buf) - off), hash: hash})
	l.live++
	if len(l.refs) > scanMax && l.flags != 0 {
		l.enter(len(l.refs) - 1)
	}
}

// replace removes what the flags don't allow beside a new pair.
func (l *List) replace(name string, t Type, hash uint32) {
	switch {
	case l.flags&uint32(UniqueName) != 0:
		if i := l.find(name, hash, TypeUnknown); i >= 0 {
			l.drop(i)
			for i = l.find(name, hash, TypeUnknown); i >= 0; i = l.find(name, hash, TypeUnknown) {
				l.drop(i)
			}
		}
	case l.flags&uint32(UniqueNameType) != 0:
		if i := l.find(name, hash, t); i >= 0 {
			l.drop(i)
		}
	}
}

// drop removes pair number i. Its bytes stay until there are too many such.
func (l *List) drop(i int) {
	r := &l.refs[i]
	l.dead += int(r.size)
	r.size = 0
	l.live--
	if l.dead > 4096 && l.dead > len(l.buf)/2 {
		l.compact()
	}
}

// compact moves the live pairs to new memory: windows keep the old.
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
}

// scanMax is the number of pairs up to which looking at all of them is as fast
// as a hash table.
const scanMax = 16

// find returns the number of the newest pair of that name, and of that type
// unless t is [TypeUnknown]; -1 when there is none. Newest, because a decoded
// list may hold a name twice in spite of its flags, and libnvpair finds that one.
func (l *List) find(name string, hash uint32, t Type) int {
	if len(l.slots) > 0 {
		return l.probe(name, hash, t)
	}
	for i := len(l.refs) - 1; i >= 0; i-- {
		if r := l.refs[i]; r.hash == hash && r.size != 0 && l.matches(r, name, t) {
			return i
		}
	}
	return -1
}

func (l *List) matches(r ref, name string, t Type) bool {
	p := l.buf[r.off:]
	return (t == TypeUnknown || t == Type(le.Uint32(p[offType:]))) &&
		string(p[pairHead:pairHead+int(le.Uint16(p[offNameSz:]))-1]) == name
}

// probe is find by the hash table: slots hold pair number plus one.
func (l *List) probe(name string, hash uint32, t Type) int {
	mask := uint32(len(l.slots) - 1)
	found := -1
	for s := hash & mask; l.slots[s] != 0; s = (s + 1) & mask {
		i := int(l.slots[s] - 1)
		if r := l.refs[i]; i > found && r.hash == hash && r.size != 0 && l.matches(r, name, t) {
			found = i
		}
	}
	return found
}

// enter adds pair number i to the hash table, which grows at half full.
func (l *List) enter(i int) {
	if 2*len(l.refs) > len(l.slots) {
		l.reindex() // enters i too
		return
	}
	mask := uint32(len(l.slots) - 1)
	s := l.refs[i].hash & mask
	for l.slots[s] != 0 {
		s = (s + 1) & mask
	}
	l.slots[s] = uint32(i + 1)
}

// reindex makes the hash table anew.
func (l *List) reindex() {
	size := 64
	for size < 4*len(l.refs) {
		size *= 2
	}
	l.slots = make([]uint32, size)
	for i, r := range l.refs {
		if r.size != 0 {
			l.enter(i)
		}
	}
}
