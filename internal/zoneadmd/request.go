package zoneadmd

import (
	"encoding/json"
	"errors"
	"os"

	"github.com/gozones/zones/internal/trace"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// request is a request that is being handled.
type request struct {
	report
	zone.CommandRequest
	kernel bool          // made by the kernel
	state  zonecfg.State // of the zone when the request arrived
	seen   *sight        // of an installed zone; nil if it must be read
	id     zone.ID       // of an active zone, or -1
	uniqid uint64        // of an active zone
	// recovery says that this takes down a zone that failed to come up: that nothing is
	// there to take down isn't reported.
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
			_ = conn.Send(nil)
			return
		}
		raw, err := reply.MarshalBinary()
		if err == nil {
			err = conn.Send(raw)
		}
		d.answering.Done()
		if again {
			// Only after the answer, since the daemon may exit on it.
			d.events.put(event{kind: eventNone})
		}
		if err != nil {
			return
		}
	}
}

// refused logs and returns the answer to a bad or unauthorized request.
func (d *Daemon) refused(format string, args ...any) (*zone.CommandReply, bool) {
	d.say(format, args...)
	return &zone.CommandReply{Result: -1}, false
}

// handle makes the checks in their order and carries out the request. A nil reply says
// that the daemon is exiting; wake says that the console must check whether it is
// still needed.
func (d *Daemon) handle(peer door.Cred, message []byte) (reply *zone.CommandReply, wake bool) {
	r := new(request)
	if err := r.UnmarshalBinary(message); err != nil {
		return d.refused("%s", err)
	}
	spans := d.recording(r.Trace)
	reply, wake = d.carryOut(peer, r)
	if recorded := spans(); reply != nil && !r.kernel {
		reply.Trace = recorded
	}
	return reply, wake
}

// carryOut is handle for a well-formed request.
func (d *Daemon) carryOut(peer door.Cred, r *request) (reply *zone.CommandReply, wake bool) {
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
	err := d.lookAt(r)
	if zone.ErrnoOf(err) == errno.EIO && !r.kernel {
		// The kernel has just exited. If the caller retries, it finds the next kernel,
		// with a new daemon.
		d.kernelGone()
		d.dying = true
		return nil, false
	}
	if err != nil {
		return d.refused("unable to determine state of zone: %s", reason(err))
	}
	if r.kernel && (r.state < zonecfg.Ready || r.uniqid != r.UniqID) {
		return &zone.CommandReply{}, true // the zone no longer exists
	}
	if r.state == zonecfg.Incomplete && (r.Command == zone.CommandForceBoot || r.Command == zone.CommandForceMount) {
		r.state = zonecfg.Installed
	}
	reply = d.reply(r, d.do(r))
	d.nowMaking()
	close(d.reached)
	d.reached = make(chan struct{})
	return reply, true
}

// lookAt finds the zone of a request. The first request of the caller that started
// this daemon uses what Start has read.
func (d *Daemon) lookAt(r *request) error {
	if r.seen = d.seen.Swap(nil); r.seen != nil {
		r.id, r.state = -1, r.seen.state
		return nil
	}
	info, state, err := d.active()
	r.id, r.uniqid, r.state = info.ID, info.UniqID, state
	if err != nil || state != 0 {
		return err
	}
	entry, err := d.Store.Entry(d.Zone)
	r.state = entry.State
	return err
}

// reply returns the answer to a request that was carried out. A failure is also
// logged, in one line.
func (d *Daemon) reply(r *request, err error) *zone.CommandReply {
	reply := new(zone.CommandReply)
	if err != nil {
		reply.Result = -1
	}
	if err != nil && !errors.Is(err, errNoted) {
		reply.Err = r.about(d.Zone, err)
		d.say("%v", reply.Err)
	}
	reply.Text = r.text.String()
	if r.kernel {
		// illumos' kernel allocates memory for a reply longer than its request, and never
		// frees it.
		return &zone.CommandReply{Result: reply.Result}
	}
	return reply
}

// recording returns the function that ends this daemon's recording and returns it as
// JSON, or "" if it isn't wanted. It includes what was recorded since the daemon
// started.
func (d *Daemon) recording(wanted bool) (end func() string) {
	r := d.early.Swap(nil)
	if r == nil && wanted {
		r = trace.Start(processName)
	}
	return func() string {
		if r == nil {
			return ""
		}
		spans := r.Stop()
		if !wanted {
			return ""
		}
		raw, err := json.Marshal(spans)
		if err != nil {
			return ""
		}
		return string(raw)
	}
}

// privileged reports whether a caller may manage zones: outside any zone, one that may
// configure the system. Where the system has no privileges, that is root or the user of this
// daemon.
func (d *Daemon) privileged(peer door.Cred) bool {
	switch {
	case peer.Inside:
		return false
	case peer.Privileges != nil:
		return peer.Privileges.Has("sys_config")
	}
	return peer.UID == 0 || peer.UID == uint32(os.Geteuid())
}

// fromKernel reports whether the caller is the kernel: the embedded kernel's process, or
// process 0 of illumos, whose threads make its upcalls. Elsewhere 0 is the process ID of a
// caller that can't be seen from here.
func (d *Daemon) fromKernel(peer door.Cred) bool {
	if k, ok := d.Kernel.(interface{ ServerPid() int32 }); ok {
		return peer.Pid == k.ServerPid()
	}
	report, err := d.report()
	if err != nil || report.PID == 0 && report.Host != "illumos" {
		return false
	}
	return int(peer.Pid) == report.PID
}

// invalid returns the error for a command that isn't valid in the zone's state.
func (r *request) invalid() error {
	return r.refuse(nil, "%s operation is invalid for zones in state '%s'", r.Command, r.state)
}

// errNoted is the error of a request that only notifies the daemon, which zoneadmd
// answers with -1.
var errNoted = errors.New("noted")

// do carries out a request according to the zone's state.
// Preconditions: the daemon lock is held.
func (d *Daemon) do(r *request) error {
	switch {
	case r.state < zonecfg.Installed:
		return r.invalid()
	case r.state == zonecfg.Installed:
		return d.whenInstalled(r)
	case r.state == zonecfg.Ready:
		return d.whenReady(r)
	case r.state == zonecfg.Mounted && r.Command == zone.CommandUnmount:
		return d.unmountZone(r)
	case r.state == zonecfg.Mounted:
		return r.invalid()
	}
	return d.whenRunning(r)
}

func (d *Daemon) whenInstalled(r *request) error {
	switch r.Command {
	case zone.CommandReady:
		_, err := d.ready(r)
		if err == nil {
			d.events.put(event{kind: eventReady})
		}
		return err
	case zone.CommandBoot, zone.CommandForceBoot:
		d.events.put(event{kind: eventBoot})
		s, err := d.ready(r)
		if err == nil {
			err = s.boot(r.BootArgs)
		}
		if err != nil {
			r.recovery = true
			_ = d.halt(r, false)
			d.events.put(event{kind: eventBootFailed})
		}
		return err
	case zone.CommandHalt, zone.CommandShutdown:
		r.say("zone is already halted")
		return nil
	case zone.CommandMount, zone.CommandForceMount:
		return d.mountZone(r)
	case zone.CommandUnmount:
		r.say("zone is already unmounted")
		return nil
	case zone.CommandNoteUninstalling:
		d.events.put(event{kind: eventUninstall})
		return errNoted
	}
	return r.invalid()
}

func (d *Daemon) whenReady(r *request) error {
	if r.id != d.made && r.Command != zone.CommandHalt {
		return d.anew(r)
	}
	switch r.Command {
	case zone.CommandReady:
		r.say("zone is already ready")
		return nil
	case zone.CommandBoot, zone.CommandForceBoot:
		d.events.put(event{kind: eventBoot, args: r.BootArgs})
		err := d.boot(r, r.BootArgs)
		if err != nil {
			r.recovery = true
			_ = d.halt(r, true)
			d.events.put(event{kind: eventBootFailed})
		}
		return err
	case zone.CommandHalt:
		err := d.halt(r, false)
		if err == nil {
			d.events.put(event{kind: eventHalt})
		}
		return err
	}
	return r.invalid()
}

// anew remakes a ready zone, because a daemon that died may have left it with only
// some of its file systems, and then continues with the request. The kernel may also
// have just finished making the zone for a daemon that died.
func (d *Daemon) anew(r *request) error {
	if r.Command != zone.CommandReady && r.Command != zone.CommandBoot && r.Command != zone.CommandForceBoot {
		return r.invalid()
	}
	if err := d.halt(r, true); err != nil {
		return err
	}
	r.state = zonecfg.Installed
	return d.whenInstalled(r)
}

func (d *Daemon) whenRunning(r *request) error {
	switch r.Command {
	case zone.CommandReady:
		err := d.halt(r, true)
		if err != nil {
			return err
		}
		if _, err = d.ready(r); err != nil {
			d.events.put(event{kind: eventHalt})
			return err
		}
		d.events.put(event{kind: eventReady})
		return nil
	case zone.CommandBoot, zone.CommandForceBoot:
		// The client may be retrying after a lost reply.
		r.say("zone is already booted")
		return nil
	case zone.CommandHalt:
		err := d.halt(r, false)
		if err == nil {
			d.events.put(event{kind: eventHalt})
		}
		return err
	case zone.CommandReboot:
		return d.reboot(r)
	case zone.CommandShutdown:
		return d.shutdown(r)
	}
	return r.invalid()
}

// reboot takes the zone down and boots it with its present configuration.
func (d *Daemon) reboot(r *request) error {
	d.events.put(event{kind: eventReboot, args: r.BootArgs})
	err := d.halt(r, true)
	if err == nil {
		var s *setup
		if s, err = d.ready(r); err == nil {
			if err = s.boot(r.BootArgs); err != nil {
				_ = d.halt(r, true)
			}
		}
	}
	if err != nil {
		d.events.put(event{kind: eventBootFailed})
	}
	return err
}
