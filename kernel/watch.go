package kernel

import "github.com/gozones/zones/sys/zone"

// Event is a zone's change of state, as the kernel publishes it on the channel
// com.sun:zones:status.
type Event struct {
	ID       zone.ID
	Name     string
	Old, New string // names of the states as events have them
	Status   zone.Status
	Ticks    int64 // when
}

// watchers are the watchers of state changes.
type watchers struct {
	onEvent func(Event) // Config.OnEvent
	mu      watchMutex  // guards what follows
	list    map[*Watcher]struct{}
	closed  bool
}

// Watcher receives state changes in order, each once.
type Watcher struct {
	of     *watchers
	more   chan struct{} // one token: queue is not empty, or closed
	queue  []Event
	closed bool
}

// Watch returns a watcher that receives the state changes from now on.
func (k *Kernel) Watch() *Watcher {
	ws := &k.watchers
	w := &Watcher{of: ws, more: make(chan struct{}, 1)}
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if ws.list == nil {
		ws.list = map[*Watcher]struct{}{}
	}
	ws.list[w] = struct{}{}
	if ws.closed {
		w.closeLocked()
	}
	return w
}

// More is readable when Events has something new or the watcher was closed.
func (w *Watcher) More() <-chan struct{} { return w.more }

// Events returns the events since it was last called. It reports false once there will
// be no more: one token of More may stand for events and the end together.
func (w *Watcher) Events() ([]Event, bool) {
	w.of.mu.Lock()
	defer w.of.mu.Unlock()
	events := w.queue
	w.queue = nil
	return events, !w.closed
}

// Close ends the watcher.
func (w *Watcher) Close() {
	w.of.mu.Lock()
	defer w.of.mu.Unlock()
	delete(w.of.list, w)
	w.closeLocked()
}

func (w *Watcher) closeLocked() {
	w.closed = true
	w.wake()
}

func (w *Watcher) wake() {
	select {
	case w.more <- struct{}{}:
	default:
	}
}

// close ends every watcher.
func (ws *watchers) close() {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.closed = true
	for w := range ws.list {
		w.closeLocked()
	}
}

// publish sends an event to every watcher.
func (ws *watchers) publish(e Event) {
	if ws.onEvent != nil {
		ws.onEvent(e)
	}
	ws.mu.Lock()
	for w := range ws.list {
		w.queue = append(w.queue, e)
		w.wake()
	}
	ws.mu.Unlock()
}
