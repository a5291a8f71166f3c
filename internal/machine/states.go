package machine

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// states finds the state of a zone that an event means. Events have the states' public
// names, of which some stand for several states. Zones go through the states in order, so
// the state before usually tells which one is meant; where a zone may have skipped some, its
// current state does.
type states struct {
	known map[zone.ID]zone.Status
	now   func(zone.ID) (zone.Status, error)
}

// next returns the state that an event means, and remembers it.
func (s states) next(id zone.ID, old, public string) zone.Status {
	before, known := s.known[id]
	status := zone.StatusUninitialized
	switch public {
	case "initialized":
		status = zone.StatusInitialized
	case "ready":
		status = zone.StatusReady
		if old == "ready" {
			status = zone.StatusBooting
		}
	case "running":
		status = zone.StatusRunning
	case "shutting_down":
		status = zone.StatusShuttingDown
		switch {
		case old == "ready":
			// A zone without processes is empty or down immediately.
			status = s.reached(id)
		case old == "shutting_down" && known && before >= zone.StatusShuttingDown && before < zone.StatusDying:
			status = before + 1
		case old == "shutting_down":
			status = zone.StatusEmpty // the earliest state that it can be in
		}
	case "uninitialized":
		status = zone.StatusDead
	}
	if status == zone.StatusDead {
		delete(s.known, id)
	} else {
		s.known[id] = status
	}
	return status
}

// reached returns the state of a zone that has started to shut down.
func (s states) reached(id zone.ID) zone.Status {
	status, err := s.now(id)
	if err != nil {
		return zone.StatusDown // it has been destroyed since
	}
	return min(max(status, zone.StatusShuttingDown), zone.StatusDown)
}

// publicNames are the names of the states in events.
var publicNames = [...]string{
	"uninitialized", "initialized", "ready", "ready", "running",
	"shutting_down", "shutting_down", "shutting_down", "shutting_down", "uninitialized",
}

// queue passes events on; its writer never waits for its reader.
type queue struct {
	mu     sync.Mutex // guards what follows; no other lock is taken under it
	events []zone.Event
	more   chan struct{} // one token: events is not empty, or over
	over   bool
}

func newQueue() *queue { return &queue{more: make(chan struct{}, 1)} }

func (q *queue) wake() {
	select {
	case q.more <- struct{}{}:
	default:
	}
}

func (q *queue) add(events ...zone.Event) {
	q.mu.Lock()
	q.events = zone.AppendEvents(q.events, events...)
	q.mu.Unlock()
	q.wake()
}

func (q *queue) end() {
	q.mu.Lock()
	q.over = true
	q.mu.Unlock()
	q.wake()
}

// deliver returns a channel that receives the events. It is closed when ctx is done, or
// after end when no events are left.
func (q *queue) deliver(ctx context.Context) <-chan zone.Event {
	events := make(chan zone.Event)
	go func() {
		defer close(events)
		for {
			q.mu.Lock()
			waiting, over := q.events, q.over
			q.events = nil
			q.mu.Unlock()
			for _, e := range waiting {
				select {
				case events <- e:
				case <-ctx.Done():
					return
				}
			}
			if len(waiting) > 0 {
				continue // the token that was taken may also stand for later events, or the end
			}
			if over {
				return
			}
			select {
			case <-q.more:
			case <-ctx.Done():
				return
			}
		}
	}()
	return events
}

// seen is a zone as [look] found it.
type seen struct {
	uniqID uint64
	name   string
	status zone.Status
}

// look returns the zones.
func look(sys zone.System) (map[zone.ID]seen, error) {
	ids, err := zone.IDs(sys)
	if err != nil {
		return nil, err
	}
	zones := map[zone.ID]seen{}
	for _, id := range ids {
		var s seen
		if s.uniqID, err = zone.UniqIDOf(sys, id); err == nil {
			if s.name, err = zone.NameOf(sys, id); err == nil {
				s.status, err = zone.StatusOf(sys, id)
			}
		}
		if errors.Is(err, errno.EINVAL) {
			continue // it has been destroyed since
		}
		if err != nil {
			return nil, err
		}
		zones[id] = s
	}
	return zones, nil
}

// changes returns what must have happened between two looks: an event for each zone that
// is in another state, is new, or has been destroyed.
func changes(before, now map[zone.ID]seen) []zone.Event {
	var events []zone.Event
	for id, was := range before {
		is, there := now[id]
		if !there || is.uniqID != was.uniqID {
			events = append(events, zone.Event{ID: id, Name: was.name, Old: publicNames[was.status], New: publicNames[zone.StatusDead], Status: zone.StatusDead})
		} else if is.status != was.status {
			events = append(events, zone.Event{ID: id, Name: is.name, Old: publicNames[was.status], New: publicNames[is.status], Status: is.status})
		}
	}
	for id, is := range now {
		if was, there := before[id]; !there || was.uniqID != is.uniqID {
			events = append(events, zone.Event{ID: id, Name: is.name, Old: publicNames[0], New: publicNames[is.status], Status: is.status})
		}
	}
	return events
}

// The pauses between looks: short after a change, then growing.
const (
	shortPause = 50 * time.Millisecond
	longPause  = time.Second
)

// poll finds state changes by polling, for callers who may not receive the events: those
// of the zones of a name, "" for all. States that last for less than a pause are missed.
func poll(ctx context.Context, sys zone.System, name string) (<-chan zone.Event, error) {
	before, err := look(sys)
	if err != nil {
		return nil, err
	}
	q := newQueue()
	go func() {
		defer q.end()
		timer := time.NewTimer(shortPause)
		defer timer.Stop()
		for pause := shortPause; ; {
			select {
			case <-ctx.Done():
				return
			case <-timer.C:
			}
			now, err := look(sys)
			if err != nil {
				return
			}
			events := slices.DeleteFunc(changes(before, now), func(e zone.Event) bool { return !about(e, name) })
			before = now
			if pause = min(2*pause, longPause); len(events) > 0 {
				pause = shortPause
				q.add(events...)
			}
			timer.Reset(pause)
		}
	}()
	return q.deliver(ctx), nil
}

// about tells that an event is about a zone of the name, or that there is no name.
func about(e zone.Event, name string) bool { return name == "" || e.Name == name }
