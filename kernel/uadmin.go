package kernel

import (
	"fmt"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/uadmin"
	"github.com/gozones/zones/sys/zone"
)

// Commands and functions of uadmin(2) in addition to those of sys/uadmin.
const (
	ftrace uadmin.Cmd = 15 // A_FTRACE
	sboot  uadmin.Fcn = 3  // AD_SBOOT
	siboot uadmin.Fcn = 4  // AD_SIBOOT
)

// daemonCommand is what zoneadmd is asked when uadmin(2) is called in its zone.
func daemonCommand(cmd uadmin.Cmd, fcn uadmin.Fcn) (zone.Command, errno.Errno) {
	switch cmd {
	case uadmin.Shutdown:
		switch fcn {
		case uadmin.Halt, uadmin.PowerOff:
			return zone.CommandHalt, 0
		case uadmin.Boot:
			return zone.CommandReboot, 0
		case uadmin.IBoot, sboot, siboot, uadmin.NoSync:
			return 0, errno.ENOTSUP
		}
	case uadmin.Reboot:
		return zone.CommandReboot, 0
	case ftrace, uadmin.Remount, uadmin.Freeze, uadmin.Dump, uadmin.Config:
		return 0, errno.ENOTSUP
	}
	return 0, errno.EINVAL
}

// halt halts the zone that p is in, for the kernel itself. It reports whether p has
// ended, or ends with its calls.
func (p *Proc) halt() bool {
	_, noreturn := p.uadmin(nil, uadmin.Shutdown, uadmin.Halt, nil)
	return noreturn
}

// uadmin halts or reboots the zone that p is in (zone_kadmin), with the privileges of a
// credential, or for the kernel itself when that is nil. With noreturn the process has
// ended, or ends with its calls. ENOTSUP and EINVAL are for what a zone can't do, EPERM
// for a caller without PRIV_SYS_ADMIN.
// Preconditions: the kernel lock is held.
func (p *Proc) uadmin(by *cred, cmd uadmin.Cmd, fcn uadmin.Fcn, bootArgs *string) (e errno.Errno, noreturn bool) {
	command, e := daemonCommand(cmd, fcn)
	if e != 0 {
		return e, false
	}
	if by != nil && !by.has(sysAdmin) {
		return errno.EPERM, false
	}
	k, z := p.k, p.zone.Load()
	if z.Status() > zone.StatusRunning {
		return 0, false // on its way down already
	}
	z.setStatus(zone.StatusShuttingDown)
	// The host kills its own processes in the thread that calls zoneadmd.
	z.killKnown(p)
	request := &host.DaemonRequest{Cmd: int32(command), UniqID: z.UniqID(), Locale: "C"}
	if bootArgs != nil {
		request.BootArgs = (*bootArgs)[:min(len(*bootArgs), zone.BootArgsMax-1)]
	}
	z.hold()
	k.sched.spawn(func(t *thread) { k.callDaemon(t, z, request) })
	p.end()
	return 0, true
}

// callDaemon empties the zone and then asks its zoneadmd to do the rest. The daemon may
// be away for a while: it is called until it replies or the zone is another one.
func (k *Kernel) callDaemon(t *thread, z *Zone, request *host.DaemonRequest) {
	z.empty(t)
	name, id := z.name, z.id
	z.release()
	var door host.Daemon
	open := func() error {
		return t.outside(func() (err error) {
			door, err = k.host.OpenDaemon("/var/run/zones/" + name + ".zoneadmd_door") // ZONE_DOOR_PATH
			if err != nil {
				door = nil
			}
			return err
		})
	}
	shut := func() {
		if door != nil {
			_ = t.outside(door.Close)
			door = nil
		}
	}
	defer shut()
	for {
		if door != nil || open() == nil {
			switch e := errnoOf(t.outside(func() error { return door.Call(request) })); e {
			case 0:
				return
			case errno.EINTR, errno.EAGAIN: // the daemon may be forking
			case errno.EBADF:
				shut()
				_ = open()
			default:
				k.log(fmt.Sprintf("WARNING: zone_ki_call_zoneadmd: door_ki_upcall error %d\n", e))
				return
			}
		}
		if now := k.table.visible(id); now == nil || now.UniqID() != request.UniqID {
			return
		}
		var never waitq
		t.waitUntil(&never, k.sched.clock.Ticks()+Hz, false)
	}
}
