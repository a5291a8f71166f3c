package spare

import (
	"sync"
	"time"
)

// Keeper keeps one T of a kind K. Create a Keeper with [New] and close it after use.
type Keeper[K comparable, T any] struct {
	make    func(K) (T, error)
	discard func(T)
	pause   time.Duration

	mu     sync.Mutex // guards the following fields; no other lock is taken under it
	kind   K          // the kind that was last asked for
	ready  *kept[K, T]
	timer  *time.Timer   // starts making the next one; nil before the first order
	making chan struct{} // closed when the one being made is finished; nil when none is being made
	closed bool
}

type kept[K comparable, T any] struct {
	kind K
	it   T
}

// New returns a Keeper that keeps nothing until Take or Order is called. make makes one and
// discard destroys one that isn't needed; both are called without a lock. An error of make
// is ignored: callers that get none make one themselves and see the error.
func New[K comparable, T any](pause time.Duration, make func(K) (T, error), discard func(T)) *Keeper[K, T] {
	return &Keeper[K, T]{make: make, discard: discard, pause: pause}
}

// Take returns the one that is ready if it is of the kind; it waits for one that is being
// made. ok is false if there is none. Another one of the kind is made after the pause.
func (k *Keeper[K, T]) Take(kind K) (it T, ok bool) {
	k.mu.Lock()
	if k.ready == nil && k.making != nil && k.kind == kind {
		making := k.making
		k.mu.Unlock()
		<-making
		k.mu.Lock()
	}
	got := k.ready
	k.ready = nil
	k.order(kind, k.pause)
	k.mu.Unlock()
	switch {
	case got == nil:
		return it, false
	case got.kind != kind:
		k.discard(got.it)
		return it, false
	}
	return got.it, true
}

// Order starts making one of a kind immediately, unless one is ready or being made.
func (k *Keeper[K, T]) Order(kind K) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ready == nil {
		k.order(kind, 0)
	}
}

// order schedules the next one. Precondition: k.mu is held.
func (k *Keeper[K, T]) order(kind K, after time.Duration) {
	if k.closed {
		return
	}
	k.kind = kind
	if k.timer != nil {
		k.timer.Stop()
	}
	k.timer = time.AfterFunc(after, k.fill)
}

// fill makes one of the current kind.
func (k *Keeper[K, T]) fill() {
	k.mu.Lock()
	if k.closed || k.making != nil || k.ready != nil {
		k.mu.Unlock()
		return
	}
	kind, making := k.kind, make(chan struct{})
	k.making = making
	k.mu.Unlock()
	defer close(making) // last, since Close waits for it
	it, err := k.make(kind)
	k.mu.Lock()
	k.making = nil
	keep := err == nil && !k.closed
	if keep {
		k.ready = &kept[K, T]{kind, it}
	}
	k.mu.Unlock()
	if err == nil && !keep {
		k.discard(it)
	}
}

// Ready returns the one that is ready, without taking it. One that was ordered is made
// first, without the pause.
func (k *Keeper[K, T]) Ready() (it T, ok bool) {
	k.mu.Lock()
	ordered := k.timer != nil
	k.mu.Unlock()
	if ordered {
		k.fill()
	}
	k.mu.Lock()
	making := k.making
	k.mu.Unlock()
	if making != nil {
		<-making
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ready == nil {
		return it, false
	}
	return k.ready.it, true
}

// Close discards the one that is ready, and waits until none is being made. The Keeper
// keeps nothing afterwards.
func (k *Keeper[K, T]) Close() {
	k.mu.Lock()
	k.closed = true
	if k.timer != nil {
		k.timer.Stop()
	}
	got, making := k.ready, k.making
	k.ready = nil
	k.mu.Unlock()
	if got != nil {
		k.discard(got.it)
	}
	if making != nil {
		<-making
	}
}
