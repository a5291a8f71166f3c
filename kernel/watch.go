package kernel

// watchers are those who follow state changes. mu is taken with the kernel lock
// held and never the other way round.
type watchers struct {
	mu     watchMutex
	list   map[*Watcher]struct{}
	closed bool
}

// Watcher receives state changes, none lost, none twice, in order.
type Watcher struct {
	k      *Kernel
	more   chan struct{} // one token: queue is not empty, or closed
	queue  []Event
	closed bool
}

// Watch starts to follow state changes; those from now on are received.
func (k *Kernel) Watch() *Watcher {
	w := &Watcher{k: k, more: make(chan struct{}, 1)}
	k.watchers.mu.Lock()
	defer k.watchers.mu.Unlock()
	if k.watchers.list == nil {
		k.watchers.list = map[*Watcher]struct{}{}
	}
	k.watchers.list[w] = struct{}{}
	w.closed = k.watchers.closed
	if w.closed {
		w.wake()
	}
	return w
}

// More is readable when Events has something new or the watcher was closed.
func (w *Watcher) More() <-chan struct{} { return w.more }

// Events takes what has happened since it was last called. It reports false once
// nothing more will come.
func (w *Watcher) Events() ([]Event, bool) {
	w.k.watchers.mu.Lock()
	defer w.k.watchers.mu.Unlock()
	events := w.queue
	w.queue = nil
	return events, !w.closed || len(events) > 0
}

// Close stops following.
func (w *Watcher) Close() {
	w.k.watchers.mu.Lock()
	defer w.k.watchers.mu.Unlock()
	delete(w.k.watchers.list, w)
	w.closed = true
	w.wake()
}

func (w *Watcher) wake() {
	select {
	case w.more <- struct{}{}:
	default:
	}
}

func (ws *watchers) close() {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.closed = true
	for w := range ws.list {
		w.closed = true
		w.wake()
	}
}

// publish tells everybody who follows.
func (k *Kernel) publish(e Event) {
	if k.onEvent != nil {
		k.onEvent(e)
	}
	k.watchers.mu.Lock()
	for w := range k.watchers.list {
		w.queue = append(w.queue, e)
		w.wake()
	}
	k.watchers.mu.Unlock()
}
