package zoneadmd

import (
	"os"

	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// request is one that is being handled.
type request struct {
	report
	zone.CommandRequest
	kernel bool          // the kernel asks
	state  zonecfg.State // of the zone when the request came
	id     zone.ID       // of an active zone
	// recovery is the taking down of what has failed to come up: that there is
	// nothing to take down needn't be told.
	recovery bool
}

// answer serves a caller at the door.
func (d *Daemon) answer(conn *door.Conn) {
	peer, err := conn.Peer()
	if err != nil {
		return
	}
	for {
		message, files, err := conn.Receive()
		for _, f := range files {
			f.Close()
		}
		if err != nil {
			return
		}
		d.answering.Add(1)
		reply, again := d.handle(peer, message)
		if reply == nil {
			d.answering.Done()
			conn.Send(nil)
			return
		}
		raw, err := reply.MarshalBinary()
		if err == nil {
			err = conn.Send(raw)
		}
		d.answering.Done()
		if again {
			// After the answer: the daemon may end with it.
			d.events.put(event{kind: eventNone})
		}
		if err != nil {
			return
		}
	}
}

// refused is the answer to what isn't a request for this caller.
func (d *Daemon) refused(format string, args ...any) (*zone.CommandReply, bool) {
	d.say(format, args...)
	return &zone.CommandReply{Result: -1}, false
}

// handle makes the checks in their order and then does it. A nil reply says that
// the daemon is going away; wake says that the console has to look.
func (d *Daemon) handle(peer door.Cred, message []byte) (reply *zone.CommandReply, wake bool) {
	r := new(request)
	if err := r.UnmarshalBinary(message); err != nil {
		return d.refused("%s", err)
	}
	r.kernel = d.fromKernel(peer)
	if !r.kernel && !d.privileged(peer) {
		return d.refused("insufficient privileges")
	}
	if r.kernel {
		r.log = func(line string) { d.say("%s", line) }
	}
	d.requests.Lock()
	defer d.requests.Unlock()
	if d.dying {
		return nil, false
	}
	switch {
	case !r.Command.Valid():
		return d.refused("invalid command %d", r.Command)
	case r.kernel && r.Command != zone.CommandHalt && r.Command != zone.CommandReboot:
		return d.refused("received unexpected kernel upcall %d", r.Command)
	}
	var err error
	if r.id, r.state, err = d.active(); err == nil && r.state == 0 {
		var entry zonecfg.Entry
		entry, err = d.Store.Entry(d.Zone)
		r.state = entry.State
	}
	if zone.ErrnoOf(err) == errno.EIO && !r.kernel {
		// The kernel has just ended. Whoever asks finds the next one with a daemon of
		// its own.
		d.kernelGone()
		d.dying = true
		return nil, false
	}
	if err != nil {
		return d.refused("unable to determine state of zone: %s", reason(err))
	}
	if r.kernel && !d.meant(r) {
		return &zone.CommandReply{}, true // about a zone that has gone meanwhile
	}
	if r.state == zonecfg.Incomplete && (r.Command == zone.CommandForceBoot || r.Command == zone.CommandForceMount) {
		r.state = zonecfg.Installed
	}
	result := d.do(r)
	d.nowMaking()
	close(d.reached)
	d.reached = make(chan struct{})
	reply = &zone.CommandReply{Result: result}
	if !r.kernel {
		reply.Text = r.text.String()
	}
	return reply, true
}

// privileged tells that a caller may manage zones: root, or whoever runs this
// daemon, outside any zone.
func (d *Daemon) privileged(peer door.Cred) bool {
	return !peer.Inside && (peer.UID == 0 || int(peer.UID) == os.Geteuid())
}

// fromKernel tells that the embedded kernel asks.
func (d *Daemon) fromKernel(peer door.Cred) bool {
	if k, ok := d.Kernel.(interface{ ServerPid() int32 }); ok {
		return peer.Pid == k.ServerPid()
	}
	report, err := d.report()
	return err == nil && report.PID != 0 && int(peer.Pid) == report.PID
}

// meant tells that the kernel's request is about the zone that is there now.
func (d *Daemon) meant(r *request) bool {
	if r.state < zonecfg.Ready {
		return false
	}
	uniqid, err := zone.UniqIDOf(d.Kernel, r.id)
	return err == nil && uniqid == r.UniqID
}

// invalid is the answer to a command that can't be done in the zone's state.
func (r *request) invalid() int32 {
	r.say("%s operation is invalid for zones in state '%s'", r.Command, r.state)
	return -1
}

// result is 0 for success, -1 for an error that has been told.
func result(err error) int32 {
	if err != nil {
		return -1
	}
	return 0
}

// do carries a request out in the state that the zone is in.
// Preconditions: the daemon lock is held.
func (d *Daemon) do(r *request) int32 {
	switch {
	case r.state < zonecfg.Installed:
		return r.invalid()
	case r.state == zonecfg.Installed:
		return d.whenInstalled(r)
	case r.state == zonecfg.Ready:
		return d.whenReady(r)
	case r.state == zonecfg.Mounted:
		return r.invalid()
	}
	return d.whenRunning(r)
}

func (d *Daemon) whenInstalled(r *request) int32 {
	switch r.Command {
	case zone.CommandReady:
		_, err := d.ready(r)
		if err == nil {
			d.events.put(event{kind: eventReady})
		}
		return result(err)
	case zone.CommandBoot, zone.CommandForceBoot:
		d.events.put(event{kind: eventBoot})
		s, err := d.ready(r)
		if err == nil {
			err = s.boot(r.BootArgs)
		}
		if err != nil {
			r.recovery = true
			d.halt(r, false)
			d.events.put(event{kind: eventBootFailed})
		}
		return result(err)
	case zone.CommandHalt, zone.CommandShutdown:
		r.say("zone is already halted")
		return 0
	case zone.CommandUnmount:
		r.say("zone is already unmounted")
		return 0
	case zone.CommandNoteUninstalling:
		d.events.put(event{kind: eventUninstall})
		return -1
	}
	return r.invalid()
}

func (d *Daemon) whenReady(r *request) int32 {
	if r.id != d.made && r.Command != zone.CommandHalt {
		return d.anew(r)
	}
	switch r.Command {
	case zone.CommandReady:
		r.say("zone is already ready")
		return 0
	case zone.CommandBoot, zone.CommandForceBoot:
		d.events.put(event{kind: eventBoot, args: r.BootArgs})
		err := d.boot(r, r.BootArgs)
		if err != nil {
			r.recovery = true
			d.halt(r, true)
			d.events.put(event{kind: eventBootFailed})
		}
		return result(err)
	case zone.CommandHalt:
		err := d.halt(r, false)
		if err == nil {
			d.events.put(event{kind: eventHalt})
		}
		return result(err)
	}
	return r.invalid()
}

// anew makes a zone ready that a daemon which died may have left with half of its file
// systems, and goes on with the request. The kernel may also have finished making it
// for such a daemon only now.
func (d *Daemon) anew(r *request) int32 {
	if r.Command != zone.CommandReady && r.Command != zone.CommandBoot && r.Command != zone.CommandForceBoot {
		return r.invalid()
	}
	if err := d.halt(r, true); err != nil {
		return result(err)
	}
	r.state = zonecfg.Installed
	return d.whenInstalled(r)
}

func (d *Daemon) whenRunning(r *request) int32 {
	switch r.Command {
	case zone.CommandReady:
		err := d.halt(r, true)
		if err != nil {
			return result(err)
		}
		if _, err = d.ready(r); err != nil {
			d.events.put(event{kind: eventHalt})
			return result(err)
		}
		d.events.put(event{kind: eventReady})
		return 0
	case zone.CommandBoot, zone.CommandForceBoot:
		// A client whose reply was lost asks again.
		r.say("zone is already booted")
		return 0
	case zone.CommandHalt:
		err := d.halt(r, false)
		if err == nil {
			d.events.put(event{kind: eventHalt})
		}
		return result(err)
	case zone.CommandReboot:
		return result(d.reboot(r))
	case zone.CommandShutdown:
		return result(d.shutdown(r))
	}
	return r.invalid()
}

// reboot takes the zone down and up again with its present configuration.
func (d *Daemon) reboot(r *request) error {
	d.events.put(event{kind: eventReboot, args: r.BootArgs})
	err := d.halt(r, true)
	if err == nil {
		var s *setup
		if s, err = d.ready(r); err == nil {
			if err = s.boot(r.BootArgs); err != nil {
				d.halt(r, true)
			}
		}
	}
	if err != nil {
		d.events.put(event{kind: eventBootFailed})
	}
	return err
}
