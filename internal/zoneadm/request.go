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

// Requester sends requests to the zoneadmd of zones.
type Requester interface {
	// Request starts zoneadmd if necessary, sends a request and returns the reply.
	Request(name string, r zone.CommandRequest) (zone.CommandReply, error)
	// Notify sends a request if zoneadmd runs.
	Notify(name string, r zone.CommandRequest)
}

// door returns the connection to the zone's own daemon.
func (t *Target) door() *Doors {
	if t.doors == nil {
		t.doors = &Doors{RunDir: t.RunDir, Root: t.Alternate, Err: &t.said}
		if file, ok := t.Err.(*os.File); ok {
			t.doors.Err = file // passed to the daemon itself, so that no message is lost
		}
	}
	return t.doors
}

// prepare starts the daemon of an installed zone before the zone is verified, since
// starting a process takes longer than that.
func (t *Target) prepare() {
	if t.Daemon != nil || t.Alternate != "" || !t.Caller.Privileged || zonecfg.ValidName(t.Name) != nil {
		return
	}
	if entry, err := t.Store.Entry(t.Name); err == nil && entry.State == zonecfg.Installed {
		t.door().Prepare(t.Name)
	}
}

// request sends a request to the zone's daemon and reports its reply. complain adds the
// line that some verbs print after a failure. If ctx is done first, the daemon still
// completes the request.
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
	if len(said) == 0 && reply.Err == nil {
		said = append(said, plain("zoneadmd gave no reason: the system's log may have one")) // no line of zoneadm(8)
	}
	if complain {
		said = append(said, plain("call to zoneadmd failed"))
	}
	if reply.Err != nil && reply.Err.Cause != nil {
		said = append(said, plain("cause: %v", reply.Err.Cause)) // no line of zoneadm(8)
	}
	return t.failed(t.because(err), said...)
}

// because adds the state that the zone is in to the error of a request, if that explains it:
// the zone isn't even installed, or is stuck on its way.
func (t *Target) because(err error) error {
	t.infos = nil
	state, _, failed := t.stateOf(t.Name)
	switch {
	case failed != nil && errors.Is(failed, ErrNotConfigured):
		return fmt.Errorf("%w: %w", failed, err)
	case failed != nil || state == zonecfg.Installed || state == zonecfg.Running:
		return err
	}
	return fmt.Errorf("%w: %w", &StateError{state}, err)
}

// call sends a request and returns the reply, or ctx.Err() if ctx is done first. said has
// messages to print besides those of the reply.
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
		said = append(said, bare("%s", text)) // printed by a daemon when it started
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

// notify sends a request to the zone's daemon if it runs. The result doesn't matter.
func (t *Target) notify(command zone.Command) {
	daemon := t.Daemon
	if daemon == nil {
		daemon = t.door()
	}
	daemon.Notify(t.Name, zone.CommandRequest{Command: command, Locale: locale()})
}

// locale returns the locale of this process for messages.
func locale() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := os.Getenv(name); value != "" {
			return value
		}
	}
	return "C"
}
