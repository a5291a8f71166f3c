package kernel

import (
	"encoding/binary"

	"github.com/gozones/zones/sys/errno"
)

// Kinds of id by which processes are chosen (idtype_t, <sys/procset.h>).
const (
	byPid    = 0  // P_PID
	byClass  = 4  // P_CID
	byUID    = 5  // P_UID
	byAll    = 7  // P_ALL
	byLWP    = 8  // P_LWPID
	byPool   = 11 // P_POOLID
	byZone   = 12 // P_ZONEID
	byLast   = 13 // P_CTID
	byMyself = -1 // P_MYID: the caller's own id of the kind
)

// How two choices are joined (idop_t).
const (
	setDiff = 0 // POP_DIFF
	setAnd  = 1 // POP_AND
	setOr   = 2 // POP_OR
	setXor  = 3 // POP_XOR
)

// Sets of security flags (psecflagwhich_t).
const (
	flagsEffective = 0 // PSF_EFFECTIVE
	flagsInherit   = 1 // PSF_INHERIT
	flagsLower     = 2 // PSF_LOWER
	flagsUpper     = 3 // PSF_UPPER
)

const privProcSecflags = 45 // PRIV_PROC_SECFLAGS
const privProcOwner = 42    // PRIV_PROC_OWNER

// procset is what procset_t says: op at 0, then kind and id twice.
type procset struct {
	op    int32
	kinds [2]int32
	ids   [2]int32
}

// psecflags is the system call of that name: a procset, which set, the change. The
// effective set never changes: that is told as the result, not as an error.
func (p *Proc) psecflags(args [6]uint64, mem Memory) (int64, errno.Errno) {
	at := func(addr uint64) buffer { return buffer{mem: mem, addr: addr} }
	which := int32(args[1])
	k := p.k
	t := k.call(p)
	defer k.done(t)
	if which == flagsEffective {
		return int64(errno.EINVAL), 0
	}
	if which < 0 || which > flagsUpper {
		return fail(errno.EINVAL)
	}
	raw := make([]byte, 20) // sizeof (procset_t)
	if !at(args[0]).in(0, raw) {
		return fail(errno.EFAULT)
	}
	word := func(i int) int32 { return int32(binary.LittleEndian.Uint32(raw[4*i:])) }
	set := procset{op: word(0), kinds: [2]int32{word(1), word(3)}, ids: [2]int32{word(2), word(4)}}
	delta, ok := readDelta(at(args[2]))
	if !ok {
		return fail(errno.EFAULT)
	}
	if !set.valid() {
		return fail(errno.EINVAL)
	}
	found := false
	for _, z := range k.zones() {
		if !p.canSee(z) {
			continue
		}
		for _, o := range z.members() {
			if o.system || o.exited || !p.chosen(o, &set) {
				continue
			}
			found = true
			if e := p.changeSecFlags(o, which, delta); e != 0 {
				return fail(e)
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

// chosen tells that a process is in the set that p gave.
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

// matches tells that a process has an id. Of kinds of id that this kernel doesn't
// keep only p itself has p's own.
func (p *Proc) matches(o *Proc, kind, id int32) bool {
	if kind == byAll {
		return true
	}
	var of func(*Proc) int32
	switch kind {
	case byPid:
		of = func(q *Proc) int32 { return q.pid }
	case byUID:
		of = func(q *Proc) int32 { return int32(q.spec.UID) }
	case byZone:
		of = func(q *Proc) int32 { return int32(q.zone.Load().id) }
	case byClass:
		of = func(q *Proc) int32 { return int32(q.class) }
	case byPool:
		of = func(q *Proc) int32 { return int32(q.zone.Load().pool.ID) }
	default:
		return id == byMyself && o == p
	}
	if id == byMyself {
		id = of(p)
	}
	return of(o) == id
}

// secFlagsDelta is secflagdelta_t: what to add, to remove and to assign, and
// whether to assign.
type secFlagsDelta struct {
	add, remove, assign uint64
	assigns             bool
}

func readDelta(in buffer) (d secFlagsDelta, ok bool) {
	raw := make([]byte, 32) // sizeof (secflagdelta_t)
	if !in.in(0, raw) {
		return d, false
	}
	return secFlagsDelta{
		add:     binary.LittleEndian.Uint64(raw),
		remove:  binary.LittleEndian.Uint64(raw[8:]),
		assign:  binary.LittleEndian.Uint64(raw[16:]),
		assigns: binary.LittleEndian.Uint32(raw[24:]) != 0,
	}, true
}

// allowed holds the change against the bounds of a process's flags.
func (d *secFlagsDelta) allowed(f SecFlags) bool {
	if d.assigns {
		return f.Lower&^d.assign == 0 && d.assign&^f.Upper == 0
	}
	return d.add&^f.Upper == 0 && d.remove&f.Lower == 0
}

func (d *secFlagsDelta) apply(set *uint64) {
	if d.assigns {
		*set = d.assign
		return
	}
	*set = (*set | d.add) &^ d.remove
}

// changeSecFlags changes a set of one process. What must be on becomes inherited.
func (p *Proc) changeSecFlags(o *Proc, which int32, d secFlagsDelta) errno.Errno {
	if !hasPriv(p.cred.effective, privProcSecflags) ||
		o != p && o.spec.UID != p.spec.UID && !hasPriv(p.cred.effective, privProcOwner) {
		return errno.EPERM
	}
	if !d.allowed(o.secflags) {
		return errno.EINVAL
	}
	switch which {
	case flagsInherit:
		d.apply(&o.secflags.Inherit)
	case flagsLower:
		d.apply(&o.secflags.Lower)
	case flagsUpper:
		d.apply(&o.secflags.Upper)
	}
	o.secflags.Inherit |= o.secflags.Lower
	return 0
}

// zones returns those that exist, in the order they were made.
func (k *Kernel) zones() []*Zone {
	var all []*Zone
	for z := range k.all {
		all = append(all, z)
	}
	return all
}
