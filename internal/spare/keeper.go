package spare

import (
	"sync"
	"time"
)

// Keeper keeps some T of a kind K. Create a Keeper with [New] and close it after use.
type Keeper[K comparable, T any] struct {
	Options
	make    func(K) (T, error)
	discard func(T)

	mu     sync.Mutex // guards the following fields; no other lock is taken under it
	kind   K          // that was last asked for; all that are ready are of it
	ready  []T
	want   int           // how many are to be ready
	burst  int           // how many were taken since there was a pause
	timer  *time.Timer   // starts filling, or settles; nil before the first order
	making chan struct{} // closed when the one being made is finished; nil when none is being made
	closed bool
}

// Options of a Keeper.
type Options struct {
	// Pause is how long nothing is taken before what was taken is replaced: who takes it
	// has a better use for the processors.
	Pause time.Duration
	// Most are kept at most: as many as were taken without a Pause. After Calm without a
	// Take there is one again.
	Most int
	Calm time.Duration
}

// New returns a Keeper that keeps nothing until Take or Order is called. make makes one and
// discard destroys one that isn't needed; both are called without a lock. An error of make
// is ignored: callers that get none make one themselves and see the error.
func New[K comparable, T any](o Options, make func(K) (T, error), discard func(T)) *Keeper[K, T] {
	return &Keeper[K, T]{Options: o, make: make, discard: discard, want: 1}
}

// Take returns one that is ready if it is of the kind; it waits for one that is being
// made. ok is false if there is none. After the pause as many of the kind are made as were
// taken before it.
func (k *Keeper[K, T]) Take(kind K) (it T, ok bool) {
	k.mu.Lock()
	if len(k.ready) == 0 && k.making != nil && k.kind == kind {
		making := k.making
		k.mu.Unlock()
		<-making
		k.mu.Lock()
	}
	other := k.turn(kind)
	if n := len(k.ready); n > 0 {
		it, ok = k.ready[n-1], true
		k.ready = k.ready[:n-1]
	}
	k.burst++
	k.want = max(k.want, min(k.burst, k.Most))
	k.after(k.Pause, k.fill)
	k.mu.Unlock()
	k.discardAll(other)
	return it, ok
}

// turn changes the kind, and returns those of the old one. Precondition: k.mu is held.
func (k *Keeper[K, T]) turn(kind K) (other []T) {
	if k.kind == kind {
		return nil
	}
	other, k.ready = k.ready, nil
	k.kind, k.want, k.burst = kind, 1, 0
	return other
}

func (k *Keeper[K, T]) discardAll(these []T) {
	for _, it := range these {
		k.discard(it)
	}
}

// Order starts making one of a kind immediately, unless one is ready or being made.
func (k *Keeper[K, T]) Order(kind K) {
	k.mu.Lock()
	other := k.turn(kind)
	if len(k.ready) == 0 {
		k.after(0, k.fill)
	}
	k.mu.Unlock()
	k.discardAll(other)
}

// after schedules the next thing to do. Precondition: k.mu is held.
func (k *Keeper[K, T]) after(pause time.Duration, do func()) {
	if k.closed {
		return
	}
	if k.timer != nil {
		k.timer.Stop()
	}
	k.timer = time.AfterFunc(pause, do)
}

// fill makes what is wanted of the current kind, until one is taken.
func (k *Keeper[K, T]) fill() {
	k.mu.Lock()
	k.burst = 0
	k.mu.Unlock()
	for k.add() {
	}
}

// add makes one, and reports whether more may be wanted.
func (k *Keeper[K, T]) add() bool {
	k.mu.Lock()
	if k.closed || k.making != nil || k.burst > 0 || len(k.ready) >= k.want {
		if k.want > 1 && k.making == nil && k.burst == 0 {
			k.after(k.Calm, k.settle)
		}
		k.mu.Unlock()
		return false
	}
	kind, making := k.kind, make(chan struct{})
	k.making = making
	k.mu.Unlock()
	defer close(making) // last, since Close waits for it
	it, err := k.make(kind)
	k.mu.Lock()
	k.making = nil
	keep := err == nil && !k.closed && k.kind == kind
	if keep {
		k.ready = append(k.ready, it)
	}
	k.mu.Unlock()
	if err == nil && !keep {
		k.discard(it)
	}
	return err == nil
}

// settle discards all but one.
func (k *Keeper[K, T]) settle() {
	k.mu.Lock()
	k.want = 1
	var surplus []T
	if len(k.ready) > 1 {
		surplus = append(surplus, k.ready[1:]...)
		k.ready = k.ready[:1:1]
	}
	k.mu.Unlock()
	k.discardAll(surplus)
}

// Ready returns one that is ready, without taking it. Those that were ordered are made
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
	if n := len(k.ready); n > 0 {
		return k.ready[n-1], true
	}
	return it, false
}

// Close discards those that are ready, and waits until none is being made. The Keeper keeps
// nothing afterwards.
func (k *Keeper[K, T]) Close() {
	k.mu.Lock()
	k.closed = true
	if k.timer != nil {
		k.timer.Stop()
	}
	all, making := k.ready, k.making
	k.ready = nil
	k.mu.Unlock()
	k.discardAll(all)
	if making != nil {
		<-making
	}
}
