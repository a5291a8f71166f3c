package linux

import (
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// spares keeps one room ready, so that a zone needn't wait for a process to start.
// It is of the kind that was asked for last: one with a network of its own can't be
// made from one without.
type spares struct {
	host *Host

	mu     sync.Mutex // guards what follows; no other lock is taken under it
	kind   bool       // what is kept is for zones with a network of their own
	ready  *room
	timer  *time.Timer   // until the next one is made
	making chan struct{} // closed when the one that is being made is there
	closed bool
}

// pause is how long after a zone was made the next room is: the machine has enough
// to do while a zone boots.
const pause = 100 * time.Millisecond

// take returns a room of a kind: the one that is ready, or a new one.
func (s *spares) take(exclusive bool) (*room, error) {
	s.mu.Lock()
	r, making := s.ready, s.making
	s.ready = nil
	if making != nil && s.kind == exclusive && r == nil {
		// It will be there before another one would.
		s.mu.Unlock()
		<-making
		s.mu.Lock()
		r, s.ready = s.ready, nil
	}
	s.kind = exclusive
	s.order(pause)
	s.mu.Unlock()
	if r != nil && r.exclusive == exclusive && r.alive() {
		return r, nil
	}
	if r != nil {
		r.discard()
	}
	return s.host.newRoom(exclusive)
}

// order has the next room made after a while. s.mu is held.
func (s *spares) order(after time.Duration) {
	if s.closed {
		return
	}
	if s.timer != nil {
		s.timer.Stop()
	}
	s.timer = time.AfterFunc(after, s.fill)
}

// fill makes a room. That it can't be made isn't said here: whoever needs one will
// be told.
func (s *spares) fill() {
	s.mu.Lock()
	if s.closed || s.making != nil || s.ready != nil {
		s.mu.Unlock()
		return
	}
	kind, making := s.kind, make(chan struct{})
	s.making = making
	s.mu.Unlock()
	r, err := s.host.newRoom(kind)
	s.mu.Lock()
	s.making = nil
	if err == nil && !s.closed {
		r, s.ready = nil, r
	}
	close(making)
	s.mu.Unlock()
	if r != nil {
		r.discard()
	}
}

// close ends what is ready and keeps nothing from now on.
func (s *spares) close() {
	s.mu.Lock()
	s.closed = true
	if s.timer != nil {
		s.timer.Stop()
	}
	r, making := s.ready, s.making
	s.ready = nil
	s.mu.Unlock()
	if r != nil {
		r.discard()
	}
	if making != nil {
		<-making
	}
}

// alive tells that nobody has ended a room while it waited.
func (r *room) alive() bool {
	select {
	case <-r.gone:
		return false
	default:
		return true
	}
}

// discard ends a room that no zone has had.
func (r *room) discard() {
	r.end()
	unix.Close(r.ends)
}
