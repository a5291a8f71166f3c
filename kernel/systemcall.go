package kernel

import (
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// Numbers of the system calls that the zone subsystem answers (<sys/syscall.h>).
const (
	SysPsecflags = 2            // SYS_psecflags
	SysMount     = 21           // SYS_mount
	SysUadmin    = 55           // SYS_uadmin
	SysRctlsys   = 74           // SYS_rctlsys
	SysPrivsys   = 82           // SYS_privsys
	SysZone      = zone.SysZone // SYS_zone
	SysUmount2   = 255          // SYS_umount2
)

// SystemCall makes a system call as a program does: its number, its arguments as
// they stand in the registers, and the memory that addresses among them mean. Of
// an argument that is an int only the lower half counts. It returns -1 and the
// error number when the call failed; ENOSYS for a number that isn't one of those
// above.
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
		return p.uadmin(args, mem)
	case SysMount:
		return p.mountCall(args, mem)
	case SysUmount2:
		return p.umount2(args, mem)
	}
	return fail(errno.ENOSYS)
}

// uadmin is the system call of that name: command, function, and for a boot the
// address of its arguments. The machine isn't this kernel's to stop: outside zones
// what would do that is ENOTSUP.
func (p *Proc) uadmin(args [6]uint64, mem Memory) (int64, errno.Errno) {
	cmd, fcn := int(int32(args[0])), int(int32(args[1]))
	switch cmd {
	case adminShutdown, adminReboot, adminFreeze, adminRemount, adminDump, adminFtrace, adminConfig:
	default:
		return fail(errno.EINVAL)
	}
	if !hasPriv(p.cred.effective, privSysConfig) && !p.cred.mayAdmin() {
		return fail(errno.EPERM)
	}
	var bootArgs *string
	if at := (buffer{mem: mem, addr: args[2]}); !at.null() && (cmd == adminShutdown || cmd == adminReboot) {
		text, e := at.inString(zone.BootArgsMax)
		if e != 0 {
			return fail(e)
		}
		bootArgs = &text
	}
	if p.zone.Load() == p.k.global {
		return fail(errno.ENOTSUP)
	}
	e, _ := p.Kadmin(cmd, fcn, bootArgs)
	if e != 0 {
		return fail(e)
	}
	return 0, 0
}

const privSysConfig = 53 // PRIV_SYS_CONFIG
