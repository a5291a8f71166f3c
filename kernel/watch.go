package kernel

import "github.com/gozones/zones/sys/zone"

// Event is a zone's change of state, as the kernel publishes it on the channel
// com.sun:zones:status.
type Event struct {
	zone.Event
	Ticks int64 // when
}

// watchers are the watchers of state changes.
type watchers struct {
	onEvent func(Event)                      // Config.OnEvent
	mu      watchMutex                       // guards what follows
	list    map[string]map[*Watcher]struct{} // by the name of the zone, "" for all zones
	closed  bool
}

// Watcher receives every state change once, in order; see [zone.Event] for those that are
// lost because they aren't taken in time.
type Watcher struct {
	of     *watchers
	zone   string        // by its name, "" for all
	more   chan struct{} // one token: queue is not empty, or closed
	queue  []zone.Event
	closed bool
}

// Watch returns a watcher that receives the state changes from now on.
func (k *Kernel) Watch() *Watcher { return k.WatchZone("") }

// WatchZone is Watch for the zones of one name. A change costs nothing for watchers of
// other zones: each zone has a daemon that watches it.
func (k *Kernel) WatchZone(name string) *Watcher {
	ws := &k.watchers
	w := &Watcher{of: ws, zone: name, more: make(chan struct{}, 1)}
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if ws.list == nil {
		ws.list = map[string]map[*Watcher]struct{}{}
	}
	if ws.list[name] == nil {
		ws.list[name] = map[*Watcher]struct{}{}
	}
	ws.list[name][w] = struct{}{}
	if ws.closed {
		w.closeLocked()
	}
	return w
}

// More is readable when Events has something new or the watcher was closed.
func (w *Watcher) More() <-chan struct{} { return w.more }

// Events returns the events since the last call. It reports false if there will be no
// more: one token of More may stand for both events and the end.
func (w *Watcher) Events() ([]zone.Event, bool) {
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
	same := w.of.list[w.zone]
	delete(same, w)
	if len(same) == 0 {
		delete(w.of.list, w.zone)
	}
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
	for _, same := range ws.list {
		for w := range same {
			w.closeLocked()
		}
	}
}

// publish sends an event to every watcher of the zone.
func (ws *watchers) publish(e Event) {
	if ws.onEvent != nil {
		ws.onEvent(e)
	}
	ws.mu.Lock()
	for _, name := range []string{"", e.Name} {
		for w := range ws.list[name] {
			w.queue = zone.AppendEvents(w.queue, e.Event)
			w.wake()
		}
	}
	ws.mu.Unlock()
}
