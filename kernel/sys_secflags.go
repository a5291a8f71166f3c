package kernel

import (
	"encoding/binary"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/secflags"
)

// Kinds of id that select processes (idtype_t, <sys/procset.h>), in addition to those of
// sys/secflags.
const (
	byClass = secflags.IDType(4)  // P_CID
	byLWP   = secflags.IDType(8)  // P_LWPID
	byPool  = secflags.IDType(11) // P_POOLID
	byLast  = secflags.ByCTID
)

// How two choices are joined (idop_t).
const (
	setDiff = 0 // POP_DIFF
	setAnd  = 1 // POP_AND
	setOr   = 2 // POP_OR
	setXor  = 3 // POP_XOR
)

// procset is what procset_t says: op at 0, then kind and id twice.
type procset struct {
	op    int32
	kinds [2]secflags.IDType
	ids   [2]int32
}

// psecflags is the system call of that name: a procset, which set, the change. The
// effective set never changes: EINVAL is then the result, and there is no error.
func (p *Proc) psecflags(args [6]uint64, mem Memory) (int64, errno.Errno) {
	t := p.enter()
	defer t.leave()
	at := func(addr uint64) buffer { return buffer{mem: mem, addr: addr} }
	which := secflags.Which(int32(args[1]))
	if which == secflags.Effective {
		return int64(errno.EINVAL), 0
	}
	if which < 0 || which > secflags.Upper {
		return fail(errno.EINVAL)
	}
	raw := make([]byte, 20) // sizeof (procset_t)
	if !at(args[0]).in(0, raw) {
		return fail(errno.EFAULT)
	}
	word := func(i int) int32 { return int32(binary.LittleEndian.Uint32(raw[4*i:])) }
	set := procset{op: word(0), kinds: [2]secflags.IDType{secflags.IDType(word(1)), secflags.IDType(word(3))}, ids: [2]int32{word(2), word(4)}}
	delta, ok := readDelta(at(args[2]))
	if !ok {
		return fail(errno.EFAULT)
	}
	if !set.valid() {
		return fail(errno.EINVAL)
	}
	found := false
	for z := range p.k.table.all {
		if !p.canSee(z) {
			continue
		}
		for _, o := range z.procs {
			if o.system || o.exited || !p.chosen(o, &set) {
				continue
			}
			found = true
			if !p.mayChangeSecFlags(o) {
				return fail(errno.EPERM)
			}
			if o.secflags.Apply(which, delta) != nil {
				return fail(errno.EINVAL)
			}
		}
	}
	if !found {
		return fail(errno.ESRCH)
	}
	return 0, 0
}

func (s *procset) valid() bool {
	for _, kind := range s.kinds {
		if kind < 0 || kind > byLast || kind == byLWP {
			return false
		}
	}
	return s.op >= setDiff && s.op <= setXor
}

// chosen reports whether a process is in the set that p gave.
func (p *Proc) chosen(o *Proc, s *procset) bool {
	left, right := p.matches(o, s.kinds[0], s.ids[0]), p.matches(o, s.kinds[1], s.ids[1])
	switch s.op {
	case setDiff:
		return left && !right
	case setAnd:
		return left && right
	case setOr:
		return left || right
	}
	return left != right
}

// matches reports whether a process has an id. Of kinds of id that this kernel doesn't
// keep only p itself has p's own.
func (p *Proc) matches(o *Proc, kind secflags.IDType, id int32) bool {
	if kind == secflags.ByAll {
		return true
	}
	var of func(*Proc) int32
	switch kind {
	case secflags.ByPID:
		of = func(q *Proc) int32 { return q.pid }
	case secflags.ByUID:
		of = func(q *Proc) int32 { return int32(q.spec.UID) }
	case secflags.ByZone:
		of = func(q *Proc) int32 { return int32(q.zone.Load().id) }
	case byClass:
		of = func(q *Proc) int32 { return int32(q.class) }
	case byPool:
		of = func(q *Proc) int32 { return int32(q.zone.Load().pool.ID) }
	default:
		return id == secflags.Self && o == p
	}
	if id == secflags.Self {
		id = of(p)
	}
	return of(o) == id
}

// readDelta copies secflagdelta_t: what to add, to remove and to assign, and whether
// to assign.
func readDelta(in buffer) (d secflags.Delta, ok bool) {
	raw := make([]byte, 32) // sizeof (secflagdelta_t)
	if !in.in(0, raw) {
		return d, false
	}
	return secflags.Delta{
		Add:     secflags.Set(binary.LittleEndian.Uint64(raw)),
		Remove:  secflags.Set(binary.LittleEndian.Uint64(raw[8:])),
		Assign:  secflags.Set(binary.LittleEndian.Uint64(raw[16:])),
		Assigns: binary.LittleEndian.Uint32(raw[24:]) != 0,
	}, true
}

// mayChangeSecFlags reports whether p may change the flags of a process.
func (p *Proc) mayChangeSecFlags(o *Proc) bool {
	return p.cred.has(procSecflags) && (o == p || o.spec.UID == p.spec.UID || p.cred.has(procOwner))
}
