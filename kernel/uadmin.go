package kernel

import (
	"fmt"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// Commands and functions of uadmin(2) that concern a zone.
const (
	adminReboot   = 1  // A_REBOOT
	adminShutdown = 2  // A_SHUTDOWN
	adminFreeze   = 3  // A_FREEZE
	adminRemount  = 4  // A_REMOUNT
	adminDump     = 5  // A_DUMP
	adminFtrace   = 15 // A_FTRACE
	adminConfig   = 23 // A_CONFIG

	adminHalt     = 0 // AD_HALT
	adminBoot     = 1 // AD_BOOT
	adminIboot    = 2 // AD_IBOOT
	adminSboot    = 3 // AD_SBOOT
	adminSiboot   = 4 // AD_SIBOOT
	adminPoweroff = 6 // AD_POWEROFF
	adminNosync   = 7 // AD_NOSYNC
)

// Commands that the kernel sends to a zone's zoneadmd (zone_cmd_t).
const (
	daemonReboot = 3 // Z_REBOOT
	daemonHalt   = 4 // Z_HALT
)

// bootBufMax is the room for boot arguments in a request to zoneadmd, with the NUL.
const bootBufMax = zone.BootArgsMax

// Kadmin is uadmin(2) made inside a zone: it ends or reboots the zone. When it
// does, the caller is gone and noreturn is true. ENOTSUP and EINVAL are for what
// a zone can't ask, EPERM for a caller without PRIV_SYS_ADMIN.
func (p *Proc) Kadmin(cmd, fcn int, bootArgs *string) (e errno.Errno, noreturn bool) {
	t := p.k.call(p)
	defer func() {
		if noreturn {
			p.doomed = true
		}
		p.k.done(t)
	}()
	return p.k.kadmin(p, p.cred, cmd, fcn, bootArgs)
}

// kadmin does it for a process that is or was in the zone, by a credential, or the
// kernel's own will when that is nil. When it reports
// noreturn the process has ended, or ends with the call that it makes.
// Preconditions: the kernel lock is held.
func (k *Kernel) kadmin(p *Proc, by *cred, cmd, fcn int, bootArgs *string) (e errno.Errno, noreturn bool) {
	var request int32
	switch cmd {
	case adminShutdown:
		switch fcn {
		case adminHalt, adminPoweroff:
			request = daemonHalt
		case adminBoot:
			request = daemonReboot
		case adminIboot, adminSboot, adminSiboot, adminNosync:
			return errno.ENOTSUP, false
		default:
			return errno.EINVAL, false
		}
	case adminReboot:
		request = daemonReboot
	case adminFtrace, adminRemount, adminFreeze, adminDump, adminConfig:
		return errno.ENOTSUP, false
	default:
		return errno.EINVAL, false
	}
	if by != nil && !by.mayAdmin() {
		return errno.EPERM, false
	}
	z := p.zone.Load()
	if z.Status() > zone.StatusRunning {
		return 0, false // on its way down already
	}
	z.setStatus(zone.StatusShuttingDown)
	k.killallBut(z, p)
	call := &daemonCall{cmd: request, uniqid: z.UniqID()}
	if bootArgs != nil {
		call.bootArgs = *bootArgs
		if len(call.bootArgs) >= bootBufMax {
			call.bootArgs = call.bootArgs[:bootBufMax-1]
		}
	}
	z.hold()
	k.spawn(nil, func(t *thread) { k.callDaemon(t, z, call) })
	k.end(p)
	return 0, true
}

// killallBut kills everybody in a zone on behalf of p, which goes by itself.
func (k *Kernel) killallBut(z *Zone, p *Proc) {
	t := &thread{proc: p}
	if z.hosted {
		// The host's part is done again, and waited for, by the thread that calls
		// zoneadmd.
		k.killKnown(t, z)
		return
	}
	k.killall(t, z)
}

// daemonCall is a request to a zone's zoneadmd.
type daemonCall struct {
	cmd      int32
	uniqid   uint64
	bootArgs string
}

// callDaemon empties the zone and then asks its zoneadmd, which may be away for a
// while, to do the rest. It gives up when the zone is no longer the same.
func (k *Kernel) callDaemon(t *thread, z *Zone, call *daemonCall) {
	k.zoneEmpty(t, z)
	name, id := z.name, z.id
	z.release()
	request := &host.DaemonRequest{Cmd: call.cmd, UniqID: call.uniqid, BootArgs: call.bootArgs, Locale: "C"}
	path := "/var/run/zones/" + name + ".zoneadmd_door" // ZONE_DOOR_PATH
	var door host.Daemon
	defer func() {
		if door != nil {
			k.outside(t, func() { door.Close() })
		}
	}()
	open := func() errno.Errno {
		var err error
		k.outside(t, func() { door, err = k.host.OpenDaemon(path) })
		if err != nil {
			door = nil
		}
		return errnoOf(err)
	}
	for {
		if door != nil || open() == 0 {
			var err error
			k.outside(t, func() { err = door.Call(request) })
			switch e := errnoOf(err); e {
			case 0:
				return
			case errno.EINTR, errno.EAGAIN: // the daemon may be forking
			case errno.EBADF:
				k.outside(t, func() { door.Close() })
				door = nil
				open()
			default:
				k.log(fmt.Sprintf("WARNING: zone_ki_call_zoneadmd: door_ki_upcall error %d\n", e))
				return
			}
		}
		now := k.table.byID(id)
		if now == nil || !now.visible() || now.UniqID() != call.uniqid {
			return
		}
		var never waitq
		k.waitUntil(t, &never, k.clock.Ticks()+Hz, false)
	}
}

// ShutdownGlobal is the machine going down: no zone boots any more and running
// ones begin to shut down (zone_shutdown_global).
func (k *Kernel) ShutdownGlobal() {
	defer k.enterAs(nil)()
	k.global.setStatus(zone.StatusShuttingDown)
	for z := range k.all {
		if z.Status() == zone.StatusRunning {
			z.setStatus(zone.StatusShuttingDown)
		}
	}
}
