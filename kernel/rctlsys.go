package kernel

import (
	"encoding/binary"
	"slices"

	"github.com/gozones/zones/sys/errno"
	rc "github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/zone"
)

// Subcodes of rctlsys: getrctl(2), setrctl(2), and what rctl_walk(3C), rctladm(8)
// and setproject(3PROJECT) are made of.
const (
	rctlsysGet = iota
	rctlsysSet
	rctlsysList
	rctlsysCtl
	rctlsysProject
)

// Flags of getrctl and setrctl (<sys/rctl.h>, <sys/rctl_impl.h>).
const (
	rctlFlagMask   = 0x10000003 // RCTLSYS_MASK
	rctlActionMask = 0x0000ffff // ^RCTLSYS_ACTION_MASK

	// globalActionMask are the bits of a control's flags that can't be changed;
	// the others say what happens when a value is exceeded.
	globalActionMask = 0xffff0000 // RCTL_GLOBAL_ACTION_MASK

)

// rctlsys is the system call of that name: code, name, old block, new block, size,
// flags. It works on the controls of the caller's zone: those of processes, tasks
// and projects are not this kernel's.
func (p *Proc) rctlsys(args [6]uint64, mem Memory) (int64, errno.Errno) {
	at := func(addr uint64) buffer { return buffer{mem: mem, addr: addr} }
	name, old, new, flags := at(args[1]), at(args[2]), at(args[3]), uint32(args[5])
	k := p.k
	t := k.call(p)
	defer k.done(t)
	var e errno.Errno
	switch int32(args[0]) {
	case rctlsysGet:
		e = p.getrctl(name, old, new, flags)
	case rctlsysSet:
		e = p.setrctl(name, old, new, flags)
		k.flushRctls(t, p.zone.Load())
	case rctlsysList:
		return k.rctllist(old, args[4])
	case rctlsysCtl:
		e = p.rctlctl(name, old, flags)
	case rctlsysProject:
		e = p.setprojrctl(name)
	default:
		e = errno.EINVAL
	}
	if e != 0 {
		return fail(e)
	}
	return 0, 0
}

// controlName reads the name of a control; whatever is wrong with it is EFAULT.
func controlName(in buffer) (string, errno.Errno) {
	if in.null() {
		return "", errno.EFAULT
	}
	name, e := in.inString(zone.PathMax)
	if e != 0 {
		return "", errno.EFAULT
	}
	return name, 0
}

// block is rctl_opaque_t in a caller's memory: value at 0, enforced value at 8,
// privilege at 16, global flags at 20, syslog level at 24, local flags and action
// at 28, signal at 32, recipient at 36, firing time at 40.
type block [48]byte

func (b *block) value() rctlValue {
	return rctlValue{
		privilege: binary.LittleEndian.Uint32(b[16:]),
		limit:     binary.LittleEndian.Uint64(b[0:]),
		action:    binary.LittleEndian.Uint32(b[28:]),
		signal:    int32(binary.LittleEndian.Uint32(b[32:])),
	}
}

func (b *block) setValue(v rctlValue, c *control) {
	binary.LittleEndian.PutUint64(b[0:], v.limit)
	binary.LittleEndian.PutUint64(b[8:], min(v.limit, c.max))
	binary.LittleEndian.PutUint32(b[16:], v.privilege)
	binary.LittleEndian.PutUint32(b[28:], v.action)
	binary.LittleEndian.PutUint32(b[32:], uint32(v.signal))
	binary.LittleEndian.PutUint32(b[36:], ^uint32(0)) // a zone's values have no recipient
}

func (b *block) setGlobal(g rctlGlobal) {
	binary.LittleEndian.PutUint32(b[20:], g.flags)
	binary.LittleEndian.PutUint32(b[24:], uint32(g.syslog))
}

// rctlGlobal is what rctladm(8) changes of a control, for the whole machine.
type rctlGlobal struct {
	flags  uint32
	syslog int32
}

func (k *Kernel) rctlGlobal(c *control) rctlGlobal {
	if g, ok := k.rctlGlobals[c.name]; ok {
		return g
	}
	return rctlGlobal{flags: c.flags}
}

func (p *Proc) getrctl(name, old, new buffer, flags uint32) errno.Errno {
	const first, next, usage = rc.GetFirst, rc.GetNext, rc.GetUsage
	action := flags & rctlActionMask
	if flags&^rctlFlagMask != 0 || action != first && action != next && action != usage {
		return errno.EINVAL
	}
	if new.null() {
		return errno.EFAULT
	}
	text, e := controlName(name)
	if e != 0 {
		return e
	}
	z := p.zone.Load()
	r := z.rctl(text)
	if r == nil {
		return errno.EINVAL
	}
	var b block
	switch action {
	case usage:
		if r.usage == nil {
			return errno.ENOTSUP
		}
		binary.LittleEndian.PutUint64(b[:], r.usage(z))
	case first:
		b.setValue(r.values[0], r.control)
	case next:
		var was block
		if !old.in(0, was[:]) {
			return errno.EFAULT
		}
		i, found := slices.BinarySearchFunc(r.values, was.value(), rctlValue.compare)
		if !found {
			return errno.ESRCH
		}
		if i+1 == len(r.values) {
			return errno.ENOENT
		}
		b.setValue(r.values[i+1], r.control)
	}
	b.setGlobal(p.k.rctlGlobal(r.control))
	if !new.out(0, b[:]) {
		return errno.EFAULT
	}
	return 0
}

// mayRctl is the privilege to change controls of zones (secpolicy_rctlsys): those
// of a zone bound it and aren't for it to move.
func (p *Proc) mayRctl() bool {
	return p.zone.Load() == p.k.global && hasPriv(p.cred.effective, privSysResource)
}

// setrctl inserts a value, replaces or deletes one. The order of the checks is
// part of the interface.
func (p *Proc) setrctl(name, old, new buffer, flags uint32) errno.Errno {
	const insert, remove, replace = rc.SetInsert, rc.SetDelete, rc.SetReplace
	action := flags & rctlActionMask
	if flags&^rctlFlagMask != 0 || action != insert && action != remove && action != replace {
		return errno.EINVAL
	}
	if new.null() {
		return errno.EFAULT
	}
	text, e := controlName(name)
	if e != 0 {
		return e
	}
	k, z := p.k, p.zone.Load()
	r := z.rctl(text)
	if r == nil {
		return errno.EINVAL
	}
	var b block
	if !new.in(0, b[:]) {
		return errno.EFAULT
	}
	v := b.value()
	if r.invalid(v) {
		return errno.EINVAL
	}
	if action == replace {
		return p.replaceRctl(z, r, old, v)
	}
	if v.privilege == rctlSystem {
		return errno.EPERM
	}
	if !p.mayRctl() {
		return errno.EACCES
	}
	if action == insert {
		return k.rctlInsert(z, r, v)
	}
	return k.rctlDelete(z, r, v)
}

func (p *Proc) replaceRctl(z *Zone, r *rctl, old buffer, v rctlValue) errno.Errno {
	var b block
	if !old.in(0, b[:]) {
		return errno.EFAULT
	}
	was := b.value()
	if r.invalid(was) {
		return errno.EINVAL
	}
	i, found := slices.BinarySearchFunc(r.values, was, rctlValue.compare)
	switch {
	case found && r.values[i].privilege == rctlSystem:
		return errno.EPERM
	case !found:
		return errno.ESRCH
	case v.privilege == rctlSystem:
		return errno.EPERM
	case !p.mayRctl():
		return errno.EACCES
	}
	return p.k.rctlReplace(z, r, r.values[i], v)
}

// rctlReplace puts a value in the place of another that is there.
func (k *Kernel) rctlReplace(z *Zone, r *rctl, was, is rctlValue) errno.Errno {
	if was.compare(is) == 0 {
		i, _ := slices.BinarySearchFunc(r.values, was, rctlValue.compare)
		r.values[i] = is // another signal at most
		return 0
	}
	// First the new one, so that there is no moment without a limit.
	if e := k.rctlInsert(z, r, is); e != 0 {
		return e
	}
	return k.rctlDelete(z, r, was)
}

// rctllist stores the names of all controls, each with its NUL, where they all
// fit, and returns how many bytes they are.
func (k *Kernel) rctllist(out buffer, size uint64) (int64, errno.Errno) {
	var names []byte
	for _, c := range controls {
		names = append(append(names, c.name...), 0)
	}
	if uint64(len(names)) <= size && !out.out(0, names) {
		return fail(errno.EFAULT)
	}
	return int64(len(names)), 0
}

// rctlctl reads or changes a control for the whole machine.
func (p *Proc) rctlctl(name, at buffer, flags uint32) errno.Errno {
	text, e := controlName(name)
	if e != 0 {
		return e
	}
	c := controlByName(text)
	var b block
	switch flags {
	case rc.CtlGet:
		if c == nil {
			return errno.ESRCH
		}
		b.setGlobal(p.k.rctlGlobal(c))
		if !at.out(0, b[:]) {
			return errno.EFAULT
		}
		return 0
	case rc.CtlSet:
		if !p.mayRctl() {
			return errno.EPERM
		}
		if c == nil {
			return errno.ESRCH
		}
		if !at.in(0, b[:]) {
			return errno.EFAULT
		}
		p.k.rctlGlobals[c.name] = rctlGlobal{
			flags:  c.flags&globalActionMask | binary.LittleEndian.Uint32(b[20:])&^globalActionMask,
			syslog: int32(binary.LittleEndian.Uint32(b[24:])),
		}
		return 0
	}
	return errno.EINVAL
}

// setprojrctl is for controls of projects. This kernel has none, and a zone's
// can't be set this way.
func (p *Proc) setprojrctl(name buffer) errno.Errno {
	if _, e := controlName(name); e != 0 {
		return e
	}
	return errno.EINVAL
}
