package kernel

import (
	"encoding/binary"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// Numbers of the system calls of the zone subsystem (<sys/syscall.h>).
const (
	SysPsecflags = 2            // SYS_psecflags
	SysMount     = 21           // SYS_mount
	SysUadmin    = 55           // SYS_uadmin
	SysRctlsys   = 74           // SYS_rctlsys
	SysPrivsys   = 82           // SYS_privsys
	SysZone      = zone.SysZone // SYS_zone
	SysUmount2   = 255          // SYS_umount2
)

// SystemCall makes a system call as a program does: with its number, its arguments as in
// the registers, and the memory that addresses among them refer to. Of an int argument
// only the lower half is used. It returns -1 and the error number if the call fails, and
// ENOSYS for any number that isn't one of those above.
func (p *Proc) SystemCall(number int32, args [6]uint64, mem Memory) (int64, errno.Errno) {
	switch number {
	case SysZone:
		return p.Syscall(zone.Subcode(int32(args[0])), [4]uint64(args[1:5]), mem)
	case SysRctlsys:
		return p.rctlsys(args, mem)
	case SysPrivsys:
		return p.privsys(args, mem)
	case SysPsecflags:
		return p.psecflags(args, mem)
	case SysUadmin:
		return p.uadminCall(args, mem)
	case SysMount:
		return p.mountCall(args, mem)
	case SysUmount2:
		return p.umount2(args, mem)
	}
	return fail(errno.ENOSYS)
}

// Syscall is the zone(2) system call as a program makes it: a subcode, up to four
// arguments, and the memory that addresses among them mean. It returns -1 and the
// error number when the call failed.
func (p *Proc) Syscall(sub zone.Subcode, args [4]uint64, mem Memory) (int64, errno.Errno) {
	at := func(addr uint64) buffer { return buffer{mem: mem, addr: addr} }
	id := zone.ID(int32(args[0]))
	link := zone.LinkID(uint32(args[1]))
	k := p.k
	t := p.enter()
	defer t.leave()
	switch sub {
	case zone.SubCreate:
		a, ok := p.readDef(mem, args[0])
		if !ok {
			return fail(errno.EFAULT)
		}
		id, err := p.create(t, a)
		if err != nil {
			return outcome(err)
		}
		return int64(id), 0
	case zone.SubBoot:
		return outcome(p.boot(t, id))
	case zone.SubDestroy:
		return outcome(p.destroy(t, id))
	case zone.SubGetattr:
		return p.getattr(t, id, zone.Attr(int32(args[1])), at(args[2]), args[3])
	case zone.SubSetattr:
		return outcome(p.setattr(t, id, zone.Attr(int32(args[1])), at(args[2]), args[3]))
	case zone.SubEnter:
		return outcome(p.enterZone(t, id))
	case zone.SubList:
		return p.list(at(args[0]), at(args[1]))
	case zone.SubShutdown:
		return outcome(p.shutdown(t, id))
	case zone.SubLookup:
		return p.lookup(at(args[0]))
	case zone.SubVersion:
		if !at(args[0]).outUint(0, zone.APIVersion, 4) {
			return fail(errno.EFAULT)
		}
		return 0, 0
	case zone.SubAddDatalink:
		return outcome(p.addLink(t, id, link))
	case zone.SubDelDatalink:
		return outcome(p.removeLink(t, id, link))
	case zone.SubCheckDatalink:
		return k.checkLinkAt(at(args[0]), link)
	case zone.SubListDatalink:
		return result(k.listLinks(id, at(args[1]), at(args[2])))
	}
	return fail(errno.EINVAL)
}

// checkLinkAt is check_datalink with the zone id in memory. A pointer that can't
// be read gives EFAULT as the result and no error.
func (k *Kernel) checkLinkAt(at buffer, link zone.LinkID) (int64, errno.Errno) {
	raw, ok := at.inUint32(0)
	if !ok {
		return int64(errno.EFAULT), 0
	}
	asked := zone.ID(int32(raw))
	owner, err := k.checkLink(asked, link)
	if err == nil && asked == zone.AllZones && !at.outUint(0, uint64(uint32(owner)), 4) {
		err = errno.EFAULT
	}
	return outcome(err)
}

// zone_def has nine members of the size of a pointer, then, where there are labels,
// match, doi and label, and at the end the flags.
const (
	defWords  = 9
	defSize   = 80 // sizeof (zone_def) without labels
	defSize32 = 40
)

// readDef reads zone_def as the caller's data model lays it out.
func (p *Proc) readDef(mem Memory, addr uint64) (*createArgs, bool) {
	size, word, label := defSize, 8, 0
	if p.spec.Model32 {
		size, word = defSize32, 4
	}
	if p.k.labels {
		label = 8 + word // match, doi, label
		size += label
	}
	raw := make([]byte, size)
	if !(buffer{mem: mem, addr: addr}).in(0, raw) {
		return nil, false
	}
	member := func(i int) uint64 {
		if word == 4 {
			return uint64(binary.LittleEndian.Uint32(raw[4*i:]))
		}
		return binary.LittleEndian.Uint64(raw[8*i:])
	}
	at := func(i int) buffer { return buffer{mem: mem, addr: member(i)} }
	return &createArgs{
		name:         at(0),
		root:         at(1),
		privs:        at(2),
		privsSize:    member(3),
		rctls:        at(4),
		rctlsSize:    member(5),
		extended:     at(6),
		datasets:     at(7),
		datasetsSize: member(8),
		flags:        int32(binary.LittleEndian.Uint32(raw[defWords*word+label:])),
	}, true
}
