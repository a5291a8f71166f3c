package kernel

import (
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// Numbers of the system calls that the zone subsystem answers (<sys/syscall.h>).
const (
	SysPsecflags = 2            // SYS_psecflags
	SysRctlsys   = 74           // SYS_rctlsys
	SysPrivsys   = 82           // SYS_privsys
	SysZone      = zone.SysZone // SYS_zone
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
	}
	return fail(errno.ENOSYS)
}
