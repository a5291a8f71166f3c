package kernel

import (
	"runtime"
	"slices"
)

// sched is the kernel lock and everything that sleeps. The lock is handed over in
// the order of asking, as a machine with one processor hands over its processor: a
// thread runs until it waits or ends, then the first in the run queue continues. Waking
// puts a thread at the end of the run queue. So what several blocked calls do one
// after the other is the same in every run, and the same as in the recordings of the
// C code.
//
// mu guards busy, queue, asleep and free, the fields of threads and wait queues, and
// Proc.calls. It is only held for a few instructions.
type sched struct {
	mu     schedMutex
	busy   bool                 // some thread has the kernel lock
	queue  []*thread            // who gets it next
	asleep map[*thread]struct{} // who sleeps
	free   []*thread            // not in use
	clock  Clock
	inline bool // host calls keep the kernel lock

	abandonOwn, abandonAll bool // see abandon
}

// thread is a flow of control inside the kernel: a call of a process, a zone's
// zsched, the first steps of its init.
type thread struct {
	s       *sched
	run     chan struct{} // one token: the kernel lock is handed over
	proc    *Proc         // whose call it is, if that can be interrupted
	own     bool          // spawned: it has a goroutine of the kernel's own
	waiting *waitq        // where it sleeps
	sig     bool          // the sleep ends when the thread is signalled
	pending bool          // it was signalled; stays so until the call has returned
	why     wake
	timer   Timer
	turn    uint64 // counts sleeps, so that a late timer finds out that it is late
}

// wake is why a sleep ended.
type wake uint8

const (
	woken wake = iota
	interrupted
	timedOut
	abandoned
)

// waitq is a condition variable: threads asleep in the order they came.
type waitq struct{ sleepers []*thread }

func (s *sched) init(clock Clock, inline bool) {
	s.clock, s.inline = clock, inline
	s.asleep = map[*thread]struct{}{}
}

// enter begins a call of p and returns with the kernel lock held. The call can be
// interrupted unless p is a kernel process.
func (p *Proc) enter() *thread { return p.k.sched.enter(p) }

// enter begins something that the kernel does by itself, with the kernel lock held.
func (k *Kernel) enter() *thread { return k.sched.enter(nil) }

func (s *sched) enter(p *Proc) *thread {
	t := s.begin(p)
	s.lock(t)
	return t
}

// leave gives the kernel lock back and ends the flow of control. A process that was
// ended during its calls ends with the last of them.
func (t *thread) leave() {
	s, p := t.s, t.proc
	if p != nil && s.lastCall(t) && p.doomed {
		p.end()
	}
	lostLock(kernelRank)
	t.proc, t.own, t.waiting, t.pending, t.timer = nil, false, nil, false, nil
	s.mu.Lock()
	s.free = append(s.free, t)
	s.nextLocked()
	s.mu.Unlock()
}

// spawn starts a thread of the kernel's own at the end of the run queue. Its body
// runs with the kernel lock held.
// Preconditions: the kernel lock is held.
func (s *sched) spawn(body func(*thread)) {
	t := s.begin(nil)
	s.mu.Lock()
	t.own = true
	s.queue = append(s.queue, t)
	s.mu.Unlock()
	go func() {
		<-t.run
		gotLock(kernelRank)
		defer t.leave()
		body(t)
	}()
}

// begin returns a thread that isn't in use. Threads are kept: making one costs more
// than most calls.
func (s *sched) begin(p *Proc) *thread {
	s.mu.Lock()
	defer s.mu.Unlock()
	var t *thread
	if n := len(s.free); n > 0 {
		t = s.free[n-1]
		s.free = s.free[:n-1]
	} else {
		t = &thread{s: s, run: make(chan struct{}, 1)}
	}
	if p != nil && !p.system {
		t.proc = p
		p.calls = append(p.calls, t)
	}
	return t
}

// lastCall removes a call from its process's list and reports whether none is left.
func (s *sched) lastCall(t *thread) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := t.proc
	p.calls = slices.DeleteFunc(p.calls, func(o *thread) bool { return o == t })
	return len(p.calls) == 0
}

func (s *sched) lock(t *thread) {
	checkOrder(kernelRank)
	s.mu.Lock()
	if !s.busy {
		s.busy = true
		s.mu.Unlock()
		gotLock(kernelRank)
		return
	}
	s.queue = append(s.queue, t)
	s.mu.Unlock()
	<-t.run
	gotLock(kernelRank)
}

func (s *sched) unlock() {
	lostLock(kernelRank)
	s.mu.Lock()
	s.nextLocked()
	s.mu.Unlock()
}

// nextLocked hands the kernel lock to the first in the run queue.
func (s *sched) nextLocked() {
	if len(s.queue) == 0 {
		s.busy = false
		return
	}
	t := s.queue[0]
	s.queue = s.queue[:copy(s.queue, s.queue[1:])]
	t.run <- struct{}{}
}

// outside makes a call that may be slow, without the kernel lock.
// Preconditions: the kernel lock is held; it is again on return.
func (t *thread) outside(call func() error) error {
	if t.s.inline {
		return call()
	}
	t.s.unlock()
	err := call()
	t.s.lock(t)
	return err
}

// wait sleeps on q until it is woken.
// Preconditions: the kernel lock is held; it is again on return.
func (t *thread) wait(q *waitq) { t.sleep(q, false, -1) }

// waitSig sleeps on q and reports false when a signal ended the sleep.
// Preconditions: the kernel lock is held; it is again on return.
func (t *thread) waitSig(q *waitq) bool { return t.sleep(q, true, -1) != interrupted }

// waitUntil sleeps on q until the clock shows deadline (in ticks). It returns -1
// when it does, 0 when a signal ended the sleep (only if sig), else the ticks left.
// Preconditions: the kernel lock is held; it is again on return.
func (t *thread) waitUntil(q *waitq, deadline int64, sig bool) int64 {
	left := deadline - t.s.clock.Ticks()
	if left <= 0 {
		if sig && t.signalled() {
			return 0
		}
		return -1
	}
	switch t.sleep(q, sig, left) {
	case interrupted:
		return 0
	case timedOut:
		return -1
	}
	// A wake-up in the tick of the deadline still is one.
	return max(deadline-t.s.clock.Ticks(), 1)
}

// sleep parks t on q. ticks under 0 means for ever.
func (t *thread) sleep(q *waitq, sig bool, ticks int64) wake {
	s := t.s
	s.mu.Lock()
	if sig && t.pending {
		s.mu.Unlock()
		return interrupted
	}
	if s.abandonsLocked(t) {
		s.mu.Unlock()
		runtime.Goexit()
	}
	t.waiting, t.sig = q, sig
	t.turn++
	turn := t.turn
	q.sleepers = append(q.sleepers, t)
	s.asleep[t] = struct{}{}
	if ticks >= 0 {
		t.timer = s.clock.AfterTicks(ticks, func() { s.expire(t, turn) })
	}
	s.nextLocked()
	s.mu.Unlock()
	lostLock(kernelRank)
	<-t.run
	gotLock(kernelRank)
	if t.timer != nil {
		t.timer.Stop()
		t.timer = nil
	}
	if t.why == abandoned {
		runtime.Goexit()
	}
	return t.why
}

// wakeLocked removes a sleeper from its queue and makes it runnable; if no thread has
// the kernel lock it gets it immediately.
func (s *sched) wakeLocked(t *thread, why wake) {
	q := t.waiting
	q.sleepers = slices.DeleteFunc(q.sleepers, func(o *thread) bool { return o == t })
	t.waiting, t.why = nil, why
	delete(s.asleep, t)
	if s.busy {
		s.queue = append(s.queue, t)
		return
	}
	s.busy = true
	t.run <- struct{}{}
}

// broadcast makes every sleeper of q runnable, in the order they fell asleep.
// Preconditions: the kernel lock is held.
func (s *sched) broadcast(q *waitq) {
	s.mu.Lock()
	for _, t := range q.sleepers {
		// The caller has the kernel lock, so none of them can run yet.
		t.waiting, t.why = nil, woken
		delete(s.asleep, t)
		s.queue = append(s.queue, t)
	}
	q.sleepers = q.sleepers[:0]
	s.mu.Unlock()
}

func (s *sched) expire(t *thread, turn uint64) {
	s.mu.Lock()
	if t.waiting != nil && t.turn == turn {
		s.wakeLocked(t, timedOut)
	}
	s.mu.Unlock()
}

// interrupt signals the calls of p: interruptible sleeps end now, later ones don't
// begin. It reports false when p makes no call.
func (s *sched) interrupt(p *Proc) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range p.calls {
		t.pending = true
		if t.waiting != nil && t.sig {
			s.wakeLocked(t, interrupted)
		}
	}
	return len(p.calls) > 0
}

func (t *thread) signalled() bool {
	t.s.mu.Lock()
	defer t.s.mu.Unlock()
	return t.pending
}

// abandon ends threads that sleep, now or later, without regard to what they would
// have done: all of them, or only the kernel's own.
func (s *sched) abandon(everybody bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.abandonOwn, s.abandonAll = true, s.abandonAll || everybody
	for t := range s.asleep {
		if s.abandonsLocked(t) {
			s.wakeLocked(t, abandoned)
		}
	}
}

func (s *sched) abandonsLocked(t *thread) bool { return s.abandonAll || s.abandonOwn && t.own }
