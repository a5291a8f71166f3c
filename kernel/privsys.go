package kernel

import (
	"encoding/binary"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
)

// Subcodes of privsys (<sys/priv.h>): setppriv(2), getppriv(2), getprivimplinfo,
// setpflags(2), getpflags(2), issetugid(2).
const (
	privsysSet      = 0 // PRIVSYS_SETPPRIV
	privsysGet      = 1 // PRIVSYS_GETPPRIV
	privsysInfo     = 2 // PRIVSYS_GETIMPLINFO
	privsysSetFlag  = 3 // PRIVSYS_SETPFLAGS
	privsysGetFlag  = 4 // PRIVSYS_GETPFLAGS
	privsysSetugids = 5 // PRIVSYS_ISSETUGID
)

// What setppriv does (priv_op_t).
const (
	privOn  = 0 // PRIV_ON
	privOff = 1 // PRIV_OFF
	privSet = 2 // PRIV_SET
)

// The sets of a process, in the order of the kernel's numbers.
const (
	setEffective = iota
	setInheritable
	setPermitted
	setLimit
	setCount
)

var setNames = [setCount]string{"Effective", "Inheritable", "Permitted", "Limit"}

// Flags of a process about privileges (<sys/priv.h>).
const (
	flagAware       = 0x2  // PRIV_AWARE
	flagProtect     = 0x8  // __PROC_PROTECT: no core dumps, not kept with the rest
	flagAwareReset  = 0x40 // PRIV_AWARE_RESET
	flagsSettable   = 0x1f3 | flagProtect
	flagsReadable   = 0x1f3
	flagsMACAware   = 0x30 // NET_MAC_AWARE, NET_MAC_AWARE_INHERIT: take a privilege
	privNetMACAware = 29   // PRIV_NET_MAC_AWARE
)

const privSetSize = priv.SetSize

// privsys is the system call of that name: code, operation, set, buffer, its size.
func (p *Proc) privsys(args [6]uint64, mem Memory) (int64, errno.Errno) {
	op, which := uint32(args[1]), uint32(args[2])
	buf, size := buffer{mem: mem, addr: args[3]}, args[4]
	k := p.k
	t := k.call(p)
	defer k.done(t)
	var e errno.Errno
	switch int32(args[0]) {
	case privsysSet:
		if size < privSetSize {
			return fail(errno.ENOMEM)
		}
		e = p.setppriv(op, which, buf)
	case privsysGet:
		if size < privSetSize {
			return fail(errno.ENOMEM)
		}
		e = p.getppriv(which, buf)
	case privsysInfo:
		info := privInfo()
		if !buf.out(0, info[:min(size, uint64(len(info)))]) {
			e = errno.EFAULT
		}
	case privsysSetFlag:
		e = p.setpflags(op, which)
	case privsysGetFlag:
		if !oneOf(op, flagsReadable) {
			return fail(errno.EINVAL)
		}
		if p.privFlags&op != 0 {
			return 1, 0
		}
	case privsysSetugids:
	default:
		e = errno.EINVAL
	}
	if e != 0 {
		return fail(e)
	}
	return 0, 0
}

// oneOf tells that flag is a single bit of mask.
func oneOf(flag, mask uint32) bool { return flag != 0 && flag&mask == flag && flag&(flag-1) == 0 }

// set returns one of a credential's sets by its number.
func (c *cred) set(which uint32) *priv.Set {
	return [...]*priv.Set{&c.effective, &c.inheritable, &c.permitted, &c.limit}[which]
}

func (p *Proc) getppriv(which uint32, out buffer) errno.Errno {
	if which >= setCount {
		return errno.EINVAL
	}
	if !out.out(0, setBytes(*p.cred.set(which))) {
		return errno.EFAULT
	}
	return 0
}

func setBytes(s priv.Set) []byte {
	raw := make([]byte, 0, privSetSize)
	for _, word := range s {
		raw = binary.LittleEndian.AppendUint32(raw, word)
	}
	return raw
}

// setppriv changes a set. The limit set can't grow; the others can within what is
// permitted. What leaves the permitted set leaves the effective one too.
func (p *Proc) setppriv(op, which uint32, in buffer) errno.Errno {
	if op > privSet || which >= setCount {
		return errno.EINVAL
	}
	raw := make([]byte, privSetSize)
	if !in.in(0, raw) {
		return errno.EFAULT
	}
	var given priv.Set
	for i := range given {
		given[i] = binary.LittleEndian.Uint32(raw[4*i:])
	}
	c := p.ownCred()
	target := c.set(which)
	if op != privOff {
		if which == setLimit && !subset(given, c.limit) {
			return errno.EPERM
		}
		if !subset(given, c.permitted) && !subset(given, *target) {
			return errno.EPERM
		}
	}
	switch op {
	case privOn:
		*target = target.Union(given)
	case privOff:
		*target = target.Intersect(given.Inverse())
	case privSet:
		*target = given
	}
	if which == setPermitted {
		c.effective = c.effective.Intersect(c.permitted)
	}
	if which != setInheritable {
		p.privFlags |= flagAware
	}
	return 0
}

// ownCred makes the credential one that only p has, so that it can be changed.
func (p *Proc) ownCred() *cred {
	if p.cred.refs > 1 {
		own := newCred(p.cred.zone, p.cred.effective, p.cred.permitted)
		own.inheritable, own.limit = p.cred.inheritable, p.cred.limit
		p.cred.release()
		p.cred = own
	}
	return p.cred
}

func (p *Proc) setpflags(flag, on uint32) errno.Errno {
	if on > 1 || !oneOf(flag, flagsSettable) {
		return errno.EINVAL
	}
	if flag == flagProtect {
		return 0
	}
	flags := p.privFlags &^ flag
	if on == 1 {
		if flag == flagAware {
			flags &^= flagAwareReset
		}
		flags |= flag
	}
	if flags == p.privFlags {
		return 0
	}
	if flag&flagsMACAware != 0 && on == 1 && !hasPriv(p.cred.effective, privNetMACAware) {
		return errno.EPERM
	}
	// Without awareness root has all that its limit set has: one that gave some up
	// can't go back.
	if flag == flagAware && on == 0 && p.spec.UID == 0 &&
		(!subset(p.cred.limit, p.cred.effective) || !subset(p.cred.limit, p.cred.permitted)) {
		return errno.EPERM
	}
	p.privFlags = flags
	return 0
}

// Pieces of what getprivimplinfo tells (<sys/priv.h>): each has its kind and its
// size in bytes before it.
const (
	infoSetNames  = 1 // PRIV_INFO_SETNAMES
	infoPrivNames = 2 // PRIV_INFO_PRIVNAMES
	infoBasic     = 3 // PRIV_INFO_BASICPRIVS

	infoHead  = 8  // sizeof (priv_info_t)
	infoTable = 28 // sizeof (priv_impl_info_t)
)

// privInfo is what getprivimplinfo tells: the head, then names of sets, names of
// privileges, and the basic set.
func privInfo() []byte {
	var pieces []byte
	names := func(kind uint32, list []string) {
		body := binary.LittleEndian.AppendUint32(nil, uint32(len(list)))
		for _, name := range list {
			body = append(append(body, name...), 0)
		}
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
		pieces = binary.LittleEndian.AppendUint32(pieces, kind)
		pieces = binary.LittleEndian.AppendUint32(pieces, uint32(infoHead+len(body)))
		pieces = append(pieces, body...)
	}
	names(infoSetNames, setNames[:])
	names(infoPrivNames, priv.Names())
	basic := setBytes(priv.Basic())
	pieces = binary.LittleEndian.AppendUint32(pieces, infoBasic)
	pieces = binary.LittleEndian.AppendUint32(pieces, uint32(infoHead+len(basic)))
	pieces = append(pieces, basic...)

	var table []byte
	for _, word := range []uint32{
		infoTable,           // priv_headersize
		0,                   // priv_flags
		setCount,            // priv_nsets
		priv.SetWords,       // priv_setsize
		uint32(priv.Count),  // priv_max
		0,                   // priv_infosize: nothing more about a process
		uint32(len(pieces)), // priv_globalinfosize
	} {
		table = binary.LittleEndian.AppendUint32(table, word)
	}
	return append(table, pieces...)
}
