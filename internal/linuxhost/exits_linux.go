package linuxhost

import (
	"golang.org/x/sys/unix"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/zone"
)

// wait handles zsched's exit. An unexpected exit kills the zone's processes: it comes
// from reboot(2) in the zone, or from a SIGKILL.
func (z *hostZone) wait() {
	<-z.sandbox.gone
	z.mu.Lock()
	dying, init := z.dying, z.init
	var rest []*process
	for _, p := range z.processes {
		if p != init {
			rest = append(rest, p)
		}
	}
	clear(z.processes)
	z.over = true
	z.mu.Unlock()
	killed := zone.ExitStatus{Signal: int(unix.SIGKILL)}
	for _, p := range rest {
		p.exited(killed)
		z.host.notify(host.Exit{Key: z.key, Pid: p.pid, Status: killed})
	}
	if init == nil {
		// The exit of init has been reported; all other processes were killed with
		// zsched.
		z.host.notify(host.Exit{Key: z.key, Last: true})
		return
	}
	init.exited(killed)
	exit := host.Exit{Key: z.key, Pid: init.pid, Status: killed, Last: true}
	if !dying {
		exit.Uadmin = uadminOf(z.sandbox.status)
	}
	z.host.notify(exit)
}

// uadminOf returns the action requested in the zone, from the signal with which Linux
// kills a pid namespace that is rebooted. Any other signal halts the zone.
func uadminOf(status unix.WaitStatus) *host.Uadmin {
	const shutdown, halt, boot = 2, 0, 1 // A_SHUTDOWN, AD_HALT, AD_BOOT
	if status.Signaled() && status.Signal() == unix.SIGHUP {
		return &host.Uadmin{Cmd: shutdown, Fcn: boot}
	}
	return &host.Uadmin{Cmd: shutdown, Fcn: halt}
}

// listen notifies the kernel of the exits that zsched reports, in their order: the
// report that the zone is empty is valid only after the exit of the last process.
func (z *hostZone) listen() {
	const size = 256 // of a message
	defer z.sandbox.exits.close()
	for {
		var e exit
		fds, err := z.sandbox.exits.receive(&e, size)
		if err != nil {
			return
		}
		closeFDs(fds) // these messages have none
		if e.Pid == 0 {
			z.host.notify(host.Exit{Key: z.key, Last: true})
		} else if p := z.known(e.Pid); p != nil {
			z.tell(p, e)
		} // otherwise it is an orphan
	}
}

// known finds a process by its process ID in the zone. It waits for starts that have
// begun but haven't been answered yet.
func (z *hostZone) known(pid int) *process {
	z.mu.Lock()
	defer z.mu.Unlock()
	begun := z.starts
	for z.processes[pid] == nil && z.startingUpTo(begun) {
		z.answered.Wait()
	}
	return z.processes[pid]
}

// startingUpTo reports whether one of the first number starts hasn't been answered
// yet.
func (z *hostZone) startingUpTo(number uint64) bool {
	for n := range z.starting {
		if n <= number {
			return true
		}
	}
	return false
}

// tell reports the exit of a program that the kernel knows.
func (z *hostZone) tell(p *process, e exit) {
	z.mu.Lock()
	delete(z.processes, p.inside)
	if z.init == p {
		z.init = nil
	}
	z.mu.Unlock()
	status := zone.ExitStatus{Code: e.Code, Signal: e.Signal}
	p.exited(status)
	z.host.notify(host.Exit{Key: z.key, Pid: p.pid, Status: status})
}
