package zoneadm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/gozones/zones/sys/zone"
	"github.com/gozones/zones/zonecfg"
)

// Requester passes a request to a zone's zoneadmd, which it starts when none is there,
// and returns the answer.
type Requester interface {
	Request(name string, r zone.CommandRequest) (zone.CommandReply, error)
	// Notify is Request to a zoneadmd that is there; otherwise it does nothing.
	Notify(name string, r zone.CommandRequest)
}

// door is the way to the zone's own daemon.
func (t *Target) door() *Doors {
	if t.doors == nil {
		t.doors = &Doors{RunDir: t.RunDir, Root: t.Alternate, Err: &t.said}
		if file, ok := t.Err.(*os.File); ok {
			t.doors.Err = file // the daemon's own, so nothing that it says is lost
		}
	}
	return t.doors
}

// prepare has the zone's daemon start already, where the zone will need it if nothing is
// wrong: a process takes longer to start than a zone to be verified.
func (t *Target) prepare() {
	if t.Daemon != nil || t.Alternate != "" || !t.Caller.Privileged || zonecfg.ValidName(t.Name) != nil {
		return
	}
	if entry, err := t.Store.Entry(t.Name); err == nil && entry.State == zonecfg.Installed {
		t.door().Prepare(t.Name)
	}
}

// request asks the zone's daemon for something. complain adds the line that some verbs
// end with when that fails. When ctx is done first, the daemon still finishes what it
// has begun.
func (t *Target) request(ctx context.Context, command zone.Command, bootArgs string, complain bool) error {
	r := zone.CommandRequest{Command: command, Locale: locale(), BootArgs: bootArgs}
	if info, err := t.active(t.Name); err == nil && info != nil {
		r.UniqID = info.UniqID
	}
	doing := "waiting for zoneadmd to " + command.String() + " it"
	ended := t.step(Waiting, doing)
	reply, said, err := t.call(ctx, r)
	ended()
	if err != nil && err == ctx.Err() {
		return t.failed(err, plain("interrupted while %s", doing))
	}
	for line := range strings.Lines(reply.Text) {
		said = append(said, relayed("%s", strings.TrimSuffix(line, "\n")))
	}
	if err == nil && reply.Result == 0 {
		for _, line := range said {
			t.tell(Answer, line)
		}
		return nil
	}
	if err == nil {
		err = ErrRefused
	}
	if reply.Err != nil {
		err = fmt.Errorf("%w: %w", ErrRefused, reply.Err)
	}
	if complain {
		said = append(said, plain("call to zoneadmd failed"))
	}
	if reply.Err != nil && reply.Err.Cause != nil {
		said = append(said, plain("cause: %v", reply.Err.Cause)) // no line of zoneadm(8)
	}
	return t.failed(err, said...)
}

// call makes a request and returns when it is answered, or ctx is done. said is what
// there is to tell beside the answer.
func (t *Target) call(ctx context.Context, r zone.CommandRequest) (reply zone.CommandReply, said []Line, err error) {
	daemon, locked := t.Daemon, error(nil)
	if daemon == nil {
		d := t.door()
		d.Lock = func(name string) (release func(), err error) {
			if t.LockHeld {
				return func() {}, nil
			}
			release, locked = lockZone(ctx, t.Alternate+t.RunDir, name)
			return release, locked
		}
		daemon = d
	}
	t.requested = true
	answered := make(chan struct{})
	var answer zone.CommandReply
	var failed error
	go func() {
		answer, failed = daemon.Request(t.Name, r)
		close(answered)
	}()
	select {
	case <-answered:
	case <-ctx.Done():
		return reply, nil, ctx.Err()
	}
	if text := strings.TrimSpace(t.said.String()); text != "" {
		said = append(said, bare("%s", text)) // of a daemon that was started
	}
	switch {
	case locked != nil:
		said = append(said, lockLines(locked)...)
		fallthrough
	case errors.Is(failed, ErrNoDaemon):
		said = append(said, relayed("%v", ErrNoDaemon))
	case failed != nil:
		said = append(said, bare("%v", failed))
	}
	return answer, said, failed
}

// notify tells the zone's daemon something, if there is one. Whether that does any good
// is all the same.
func (t *Target) notify(command zone.Command) {
	daemon := t.Daemon
	if daemon == nil {
		daemon = t.door()
	}
	daemon.Notify(t.Name, zone.CommandRequest{Command: command, Locale: locale()})
}

// locale is the caller's for messages.
func locale() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := os.Getenv(name); value != "" {
			return value
		}
	}
	return "C"
}
