package spare

import (
	"sync"
	"time"
)

// Keeper keeps one T of a kind K. Make a Keeper with [New], and Close it.
type Keeper[K comparable, T any] struct {
	make    func(K) (T, error)
	discard func(T)
	pause   time.Duration

	mu     sync.Mutex // guards what follows; no other lock is taken under it
	kind   K          // that was asked for last
	ready  *kept[K, T]
	timer  *time.Timer   // until the next one is made; nil before the first order
	making chan struct{} // closed when the one that is being made is there; nil: none is
	closed bool
}

type kept[K comparable, T any] struct {
	kind K
	it   T
}

// New returns a Keeper that keeps nothing until a kind is asked for, by Take or Order.
// make makes one, and discard ends one that is not wanted; both are called without a
// lock. A failure to make one isn't told: whoever needs one makes it, and sees.
func New[K comparable, T any](pause time.Duration, make func(K) (T, error), discard func(T)) *Keeper[K, T] {
	return &Keeper[K, T]{make: make, discard: discard, pause: pause}
}

// Take returns what is ready of a kind, or what is just being made of it; ok is false
// when there is none. Another one of this kind is made after the pause.
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

// Order has one of a kind made at once, if none is kept or on its way.
func (k *Keeper[K, T]) Order(kind K) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ready == nil {
		k.order(kind, 0)
	}
}

// order has the next one made after a while. k.mu is held.
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

// fill makes one of the present kind.
func (k *Keeper[K, T]) fill() {
	k.mu.Lock()
	if k.closed || k.making != nil || k.ready != nil {
		k.mu.Unlock()
		return
	}
	kind, making := k.kind, make(chan struct{})
	k.making = making
	k.mu.Unlock()
	defer close(making) // after all of it: Close waits
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

// Ready returns what is kept, without taking it. What was ordered is made now, if it
// isn't yet.
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

// Close ends what is kept, and returns when nothing is on its way. Nothing is kept from
// now on.
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
