package kernel

import (
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/uadmin"
	"github.com/gozones/zones/sys/zone"
)

// uadminCall is the system call uadmin: command, function, and for a boot the
// address of its arguments. This kernel can't stop the machine: outside zones that
// is ENOTSUP.
func (p *Proc) uadminCall(args [6]uint64, mem Memory) (int64, errno.Errno) {
	cmd, fcn := uadmin.Cmd(int32(args[0])), uadmin.Fcn(int32(args[1]))
	bootArgs, bad := readBootArgs(cmd, buffer{mem: mem, addr: args[2]})
	t := p.enter()
	defer t.leave()
	switch cmd {
	case uadmin.Shutdown, uadmin.Reboot, uadmin.Freeze, uadmin.Remount, uadmin.Dump, ftrace, uadmin.Config:
	default:
		return fail(errno.EINVAL)
	}
	if !p.cred.has(sysConfig) && !p.cred.has(sysAdmin) {
		return fail(errno.EPERM)
	}
	if bad != 0 {
		return fail(bad)
	}
	if p.zone.Load() == p.k.global {
		return fail(errno.ENOTSUP)
	}
	e, _ := p.uadmin(p.cred, cmd, fcn, bootArgs)
	return result(e)
}

// readBootArgs reads the boot arguments of a command that has them, nil for none.
func readBootArgs(cmd uadmin.Cmd, at buffer) (*string, errno.Errno) {
	if at.null() || cmd != uadmin.Shutdown && cmd != uadmin.Reboot {
		return nil, 0
	}
	text, e := at.inString(zone.BootArgsMax)
	return &text, e
}
