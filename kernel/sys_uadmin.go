package kernel

import (
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/uadmin"
	"github.com/gozones/zones/sys/zone"
)

// uadminCall is the system call uadmin: command, function, and for a boot the
// address of its arguments. The machine isn't this kernel's to stop: outside zones
// what would do that is ENOTSUP.
func (p *Proc) uadminCall(args [6]uint64, mem Memory) (int64, errno.Errno) {
	t := p.enter()
	defer t.leave()
	cmd, fcn := uadmin.Cmd(int32(args[0])), uadmin.Fcn(int32(args[1]))
	switch cmd {
	case uadmin.Shutdown, uadmin.Reboot, uadmin.Freeze, uadmin.Remount, uadmin.Dump, ftrace, uadmin.Config:
	default:
		return fail(errno.EINVAL)
	}
	if !p.cred.has(sysConfig) && !p.cred.has(sysAdmin) {
		return fail(errno.EPERM)
	}
	var bootArgs *string
	if at := (buffer{mem: mem, addr: args[2]}); !at.null() && (cmd == uadmin.Shutdown || cmd == uadmin.Reboot) {
		text, e := at.inString(zone.BootArgsMax)
		if e != 0 {
			return fail(e)
		}
		bootArgs = &text
	}
	if p.zone.Load() == p.k.global {
		return fail(errno.ENOTSUP)
	}
	e, _ := p.uadmin(p.cred, cmd, fcn, bootArgs)
	return result(e)
}
