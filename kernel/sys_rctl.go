package kernel

import (
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

const (
	rctlFlagMask   = 0x10000003 // RCTLSYS_MASK: flags of getrctl and setrctl
	rctlActionMask = 0x0000ffff // ^RCTLSYS_ACTION_MASK: those of them that say what to do

	// rctlFixedFlags are the bits of a control's flags that can't be changed; the
	// others say what happens when a value is exceeded (RCTL_GLOBAL_ACTION_MASK).
	rctlFixedFlags = 0xffff0000
)

// rctlsys is the system call of that name: code, name, old block, new block, size,
// flags. It works on the controls of the caller's zone: those of processes, tasks
// and projects are not this kernel's.
func (p *Proc) rctlsys(args [6]uint64, mem Memory) (int64, errno.Errno) {
	t := p.enter()
	defer t.leave()
	at := func(addr uint64) buffer { return buffer{mem: mem, addr: addr} }
	name, old, new, flags := at(args[1]), at(args[2]), at(args[3]), uint32(args[5])
	e := errno.EINVAL
	switch int32(args[0]) {
	case rctlsysGet:
		e = p.getrctl(name, old, new, flags)
	case rctlsysSet:
		e = p.setrctl(name, old, new, flags)
		p.k.flushRctls(t, p.zone.Load())
	case rctlsysList:
		return rctllist(old, args[4])
	case rctlsysCtl:
		e = p.rctlctl(name, old, flags)
	case rctlsysProject:
		e = setprojrctl(name)
	}
	return result(e)
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

// findRctl returns the control of p's zone that a caller names.
func (p *Proc) findRctl(name buffer) (*rctl, errno.Errno) {
	text, e := controlName(name)
	if e != 0 {
		return nil, e
	}
	r := p.zone.Load().rctls.get(text)
	if r == nil {
		return nil, errno.EINVAL
	}
	return r, 0
}

// inBlock copies the opaque block of a value (rctl_opaque_t).
func (u buffer) inBlock() (b rc.Block, ok bool) {
	raw := make([]byte, rc.BlockSize)
	return b, u.in(0, raw) && b.UnmarshalBinary(raw) == nil
}

func (u buffer) outBlock(b rc.Block) bool {
	raw, err := b.AppendBinary(nil)
	return err == nil && u.out(0, raw)
}

// valueOf returns the value in a block, including bits that have no meaning.
func valueOf(b rc.Block) rc.Value {
	v := b.Unblock()
	known := uint32(rc.Deny | rc.Signal)
	v.Action, v.Flags = rc.Action(b.LocalFlagAction&known), rc.LocalFlags(b.LocalFlagAction&^known)
	return v
}

func (g rctlGlobal) store(b *rc.Block) {
	b.GlobalFlagAction, b.GlobalSyslogLevel = uint32(g.flags), g.syslog
}

func (p *Proc) getrctl(name, old, new buffer, flags uint32) errno.Errno {
	action := flags & rctlActionMask
	if flags&^rctlFlagMask != 0 || action > rc.GetUsage {
		return errno.EINVAL
	}
	if new.null() {
		return errno.EFAULT
	}
	r, e := p.findRctl(name)
	if e != 0 {
		return e
	}
	i := 0
	if action == rc.GetNext {
		was, ok := old.inBlock()
		if !ok {
			return errno.EFAULT
		}
		at, found := r.find(valueOf(was))
		if !found {
			return errno.ESRCH
		}
		if i = at + 1; i == len(r.values) {
			return errno.ENOENT
		}
	}
	b := rc.BlockOf(r.values[i])
	b.EnforcedValue = min(b.Value, r.Max)
	if action == rc.GetUsage {
		b = rc.Block{Value: r.usage(r.zone)}
	}
	p.k.rctls.of(r.control).store(&b)
	if !new.outBlock(b) {
		return errno.EFAULT
	}
	return 0
}

// setrctl inserts a value, replaces or deletes one. The order of the checks is
// part of the interface.
func (p *Proc) setrctl(name, old, new buffer, flags uint32) errno.Errno {
	action := flags & rctlActionMask
	if flags&^rctlFlagMask != 0 || action > rc.SetReplace {
		return errno.EINVAL
	}
	if new.null() {
		return errno.EFAULT
	}
	r, e := p.findRctl(name)
	if e != 0 {
		return e
	}
	b, ok := new.inBlock()
	if !ok {
		return errno.EFAULT
	}
	v, was := valueOf(b), rc.Value{}
	if r.invalid(v) {
		return errno.EINVAL
	}
	if action == rc.SetReplace {
		b, ok := old.inBlock()
		if !ok {
			return errno.EFAULT
		}
		if was = valueOf(b); r.invalid(was) {
			return errno.EINVAL
		}
		if e := r.removable(was); e != 0 {
			return e
		}
	}
	if v.Privilege == rc.Systemic {
		return errno.EPERM
	}
	if !p.mayRctl() {
		return errno.EACCES
	}
	switch action {
	case rc.SetInsert:
		return r.insert(v)
	case rc.SetDelete:
		return r.delete(v)
	}
	return r.replace(was, v)
}

// rctllist stores the names of all controls, each with its NUL, where they all
// fit, and returns how many bytes they are.
func rctllist(out buffer, size uint64) (int64, errno.Errno) {
	var names []byte
	for _, c := range controls {
		names = append(append(names, c.Name...), 0)
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
	switch {
	case flags != rc.CtlGet && flags != rc.CtlSet:
		return errno.EINVAL
	case flags == rc.CtlSet && !p.mayRctl():
		return errno.EPERM
	case c == nil:
		return errno.ESRCH
	}
	b, ok := rc.Block{}, true
	if flags == rc.CtlGet {
		p.k.rctls.of(c).store(&b)
		ok = at.outBlock(b)
	} else if b, ok = at.inBlock(); ok {
		p.k.rctls[c.Name] = rctlGlobal{
			flags:  c.Flags&rctlFixedFlags | rc.GlobalFlags(b.GlobalFlagAction&^rctlFixedFlags),
			syslog: b.GlobalSyslogLevel,
		}
	}
	if !ok {
		return errno.EFAULT
	}
	return 0
}

// setprojrctl is for controls of projects. This kernel has none, and a zone's
// can't be set this way.
func setprojrctl(name buffer) errno.Errno {
	if _, e := controlName(name); e != 0 {
		return e
	}
	return errno.EINVAL
}
