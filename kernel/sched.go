package kernel

import (
	"runtime"
	"slices"
)

// The kernel lock is handed over in the order of asking, as a machine with one
// processor hands over its processor: a thread runs until it waits or ends, then
// the first in the run queue goes on. Waking puts a thread at the end of the run
// queue. So what several blocked calls do one after the other is the same in
// every run, and the same as in the recordings of the C code.
//
// Ownership: busy, queue and every thread's and queue's fields below belong to
// sched.mu, which is only ever held for a few instructions. It is the innermost
// lock of the package.
type sched struct {
	mu     schedMutex
	busy   bool      // some thread has the kernel lock
	queue  []*thread // who gets it next
	asleep map[*thread]struct{}
	free   []*thread
	clock  Clock
}

// thread is a flow of control inside the kernel: a call of a process, a zone's
// zsched, the first steps of its init, a kernel thread.
type thread struct {
	run     chan struct{} // one token: the kernel lock is handed over
	proc    *Proc         // on whose behalf; nil for the kernel's own
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

// begin returns a thread that isn't in use. They are kept per kernel: making one
// costs more than most calls.
func (s *sched) begin(p *Proc) *thread {
	s.mu.Lock()
	var t *thread
	if n := len(s.free); n > 0 {
		t = s.free[n-1]
		s.free = s.free[:n-1]
	}
	s.mu.Unlock()
	if t == nil {
		t = &thread{run: make(chan struct{}, 1)}
	}
	t.proc = p
	return t
}

// enter begins a flow of control and returns with the kernel lock held.
func (s *sched) enter(p *Proc) *thread {
	t := s.begin(p)
	s.lock(t)
	return t
}

// leave gives the kernel lock back and ends the flow of control.
func (s *sched) leave(t *thread) {
	lostLock(kernelRank)
	t.proc, t.waiting, t.pending, t.timer = nil, nil, false, nil
	s.mu.Lock()
	s.free = append(s.free, t)
	s.nextLocked()
	s.mu.Unlock()
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

// spawn starts a flow of control of the kernel's own at the end of the run
// queue. It runs with the kernel lock held.
// Preconditions: the kernel lock is held.
func (s *sched) spawn(p *Proc, body func(*thread)) {
	t := s.begin(p)
	s.mu.Lock()
	s.queue = append(s.queue, t)
	s.mu.Unlock()
	go func() {
		<-t.run
		gotLock(kernelRank)
		defer s.leave(t)
		body(t)
	}()
}

// wait sleeps on q without an end but a wake-up.
// Preconditions: the kernel lock is held; it is again on return.
func (s *sched) wait(t *thread, q *waitq) { s.sleep(t, q, false, -1) }

// waitSig sleeps on q and reports false when a signal ended the sleep.
// Preconditions: the kernel lock is held; it is again on return.
func (s *sched) waitSig(t *thread, q *waitq) bool { return s.sleep(t, q, true, -1) != interrupted }

// waitUntil sleeps on q until the clock shows deadline (in ticks). It returns -1
// when it does, 0 when a signal ended the sleep (only if sig), else the ticks left.
// Preconditions: the kernel lock is held; it is again on return.
func (s *sched) waitUntil(t *thread, q *waitq, deadline int64, sig bool) int64 {
	left := deadline - s.clock.Ticks()
	if left <= 0 {
		if sig && s.signalled(t) {
			return 0
		}
		return -1
	}
	switch s.sleep(t, q, sig, left) {
	case interrupted:
		return 0
	case timedOut:
		return -1
	}
	// A wake-up in the tick of the deadline still is one.
	return max(deadline-s.clock.Ticks(), 1)
}

// sleep parks t on q. ticks under 0 means for ever.
func (s *sched) sleep(t *thread, q *waitq, sig bool, ticks int64) wake {
	s.mu.Lock()
	if sig && t.pending {
		s.mu.Unlock()
		return interrupted
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
	if ticks >= 0 {
		if t.timer != nil {
			t.timer.Stop()
			t.timer = nil
		}
	}
	if t.why == abandoned {
		runtime.Goexit()
	}
	return t.why
}

// wakeLocked takes a sleeper out of its queue and makes it runnable; if nobody
// has the kernel lock it gets it at once.
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
		// The caller has the kernel lock, so nobody can run yet.
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

// post signals a thread: an interruptible sleep ends now, later ones don't begin.
func (s *sched) post(t *thread) {
	s.mu.Lock()
	t.pending = true
	if t.waiting != nil && t.sig {
		s.wakeLocked(t, interrupted)
	}
	s.mu.Unlock()
}

func (s *sched) signalled(t *thread) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return t.pending
}

// outside runs body without the kernel lock.
// Preconditions: the kernel lock is held; it is again on return.
func (s *sched) outside(t *thread, body func()) {
	s.unlock()
	body()
	s.lock(t)
}

// abandon ends the flow of control of everybody who sleeps.
func (s *sched) abandon() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for t := range s.asleep {
		s.wakeLocked(t, abandoned)
	}
}
