package kernel

import (
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

// Flags of a process about privileges (<sys/priv.h>).
const (
	flagAware      = 0x2  // PRIV_AWARE
	flagProtect    = 0x8  // __PROC_PROTECT: no core dumps, not kept with the rest
	flagAwareReset = 0x40 // PRIV_AWARE_RESET
	flagsMACAware  = 0x30 // NET_MAC_AWARE, NET_MAC_AWARE_INHERIT: take a privilege
	flagsReadable  = 0x1f3
	flagsSettable  = flagsReadable | flagProtect
)

// privsys is the system call of that name: code, operation, set, buffer, its size.
func (p *Proc) privsys(args [6]uint64, mem Memory) (int64, errno.Errno) {
	t := p.enter()
	defer t.leave()
	op, which := uint32(args[1]), uint32(args[2])
	buf, size := buffer{mem: mem, addr: args[3]}, args[4]
	var e errno.Errno
	switch int32(args[0]) {
	case privsysSet:
		if size < priv.SetSize {
			return fail(errno.ENOMEM)
		}
		e = p.setppriv(op, which, buf)
	case privsysGet:
		if size < priv.SetSize {
			return fail(errno.ENOMEM)
		}
		e = p.getppriv(which, buf)
	case privsysInfo:
		info, err := priv.Known().MarshalBinary()
		if err != nil || !buf.out(0, info[:min(size, uint64(len(info)))]) {
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
	return result(e)
}

// oneOf reports whether flag is a single bit of mask.
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

// setppriv changes a set. The limit set can't grow; the others can within what is
// permitted. What leaves the permitted set leaves the effective one too.
func (p *Proc) setppriv(op, which uint32, in buffer) errno.Errno {
	if op > privSet || which >= setCount {
		return errno.EINVAL
	}
	given, ok := in.inSet()
	if !ok {
		return errno.EFAULT
	}
	c := p.ownCred()
	target := c.set(which)
	if op != privOff {
		if which == setLimit && !given.Subset(c.limit) {
			return errno.EPERM
		}
		if !given.Subset(c.permitted) && !given.Subset(*target) {
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
	if flag&flagsMACAware != 0 && on == 1 && !p.cred.has(netMACAware) {
		return errno.EPERM
	}
	// Without awareness, root has its whole limit set, so a process that gave up a part of it
	// can't go back.
	if flag == flagAware && on == 0 && p.spec.UID == 0 &&
		(!p.cred.limit.Subset(p.cred.effective) || !p.cred.limit.Subset(p.cred.permitted)) {
		return errno.EPERM
	}
	p.privFlags = flags
	return 0
}
