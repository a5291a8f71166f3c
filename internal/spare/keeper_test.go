package spare

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// workshop makes numbers, and records what it made and discarded.
type workshop struct {
	sync.Mutex
	made      int
	discarded []int
	hold      chan struct{} // not nil: make waits for it
	begun     chan struct{}
	fail      bool
}

func (w *workshop) make(kind string) (int, error) {
	if w.hold != nil {
		w.begun <- struct{}{}
		<-w.hold
	}
	w.Lock()
	defer w.Unlock()
	if w.fail {
		return 0, errors.New("none today")
	}
	w.made++
	return w.made, nil
}

func (w *workshop) discard(it int) {
	w.Lock()
	defer w.Unlock()
	w.discarded = append(w.discarded, it)
}

// counts returns how many were made and discarded.
func (w *workshop) counts() (made, discarded int) {
	w.Lock()
	defer w.Unlock()
	return w.made, len(w.discarded)
}

func TestTake(t *testing.T) {
	w := new(workshop)
	k := New(Options{Pause: time.Hour, Most: 2, Calm: time.Hour}, w.make, w.discard)
	defer k.Close()
	if _, ok := k.Take("a"); ok {
		t.Error("one before any was asked for")
	}
	if it, ok := k.Ready(); !ok || it != 1 {
		t.Errorf("after the first: %d, %v", it, ok)
	}
	if it, ok := k.Take("a"); !ok || it != 1 {
		t.Errorf("taken: %d, %v", it, ok)
	}
	if it, ok := k.Take("a"); ok {
		t.Errorf("a second before it was made: %d", it)
	}
	k.Ready()
	if it, ok := k.Take("b"); ok {
		t.Errorf("%d of another kind", it)
	}
	if !slices.Equal(w.discarded, []int{2, 3}) {
		t.Errorf("discarded: %v", w.discarded)
	}
	k.Ready()
	if it, ok := k.Take("b"); !ok || it != 4 {
		t.Errorf("of the new kind: %d, %v", it, ok)
	}
}

func TestTakeWaits(t *testing.T) {
	w := &workshop{hold: make(chan struct{}), begun: make(chan struct{}, 1)}
	k := New(Options{Pause: time.Hour, Most: 2, Calm: time.Hour}, w.make, w.discard)
	defer k.Close()
	k.Order("a")
	<-w.begun
	k.Order("a") // it is being made already
	got := make(chan int)
	go func() {
		it, _ := k.Take("a")
		got <- it
	}()
	close(w.hold)
	if it := <-got; it != 1 {
		t.Errorf("what was being made: %d", it)
	}
}

func TestFails(t *testing.T) {
	w := &workshop{fail: true}
	k := New(Options{Pause: time.Hour, Most: 2, Calm: time.Hour}, w.make, w.discard)
	k.Order("a")
	if _, ok := k.Ready(); ok {
		t.Error("one that could not be made")
	}
	k.Close()
	if len(w.discarded) != 0 {
		t.Errorf("discarded: %v", w.discarded)
	}
}

func TestClose(t *testing.T) {
	w := &workshop{hold: make(chan struct{}), begun: make(chan struct{}, 1)}
	k := New(Options{Pause: time.Hour, Most: 2, Calm: time.Hour}, w.make, w.discard)
	k.Order("a")
	<-w.begun
	closed := make(chan struct{})
	go func() {
		k.Close()
		close(closed)
	}()
	close(w.hold)
	<-closed
	k.Order("a")
	if _, ok := k.Take("a"); ok {
		t.Error("one after Close")
	}
	if it, ok := k.Ready(); ok {
		t.Errorf("kept after Close: %d", it)
	}
	if w.made != 1 || len(w.discarded) > 1 {
		t.Errorf("%d made, %v discarded", w.made, w.discarded)
	}
}

// TestBurst: as many are kept as were taken without a pause, at most Most; after a calm
// there is one again. One that is taken while they are made stops that.
func TestBurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := new(workshop)
		k := New(Options{Pause: time.Second, Most: 3, Calm: time.Minute}, w.make, w.discard)
		defer k.Close()
		take := func(n int) (got int) {
			for range n {
				if _, ok := k.Take("a"); ok {
					got++
				}
			}
			return got
		}
		after := func(d time.Duration, made, discarded int) {
			t.Helper()
			time.Sleep(d)
			synctest.Wait()
			if m, d := w.counts(); m != made || d != discarded {
				t.Errorf("%d made, %d discarded; want %d, %d", m, d, made, discarded)
			}
		}
		take(2)
		after(time.Second-1, 0, 0)
		after(1, 2, 0)
		if got := take(5); got != 2 {
			t.Errorf("%d of two", got)
		}
		after(time.Second, 5, 0)
		after(time.Minute-1, 5, 0)
		after(1, 5, 2)
		if got := take(2); got != 1 {
			t.Errorf("%d of one", got)
		}
		after(time.Second, 7, 2)
		take(1) // while it is calm: there are two again, and later one
		after(time.Second, 8, 2)
		after(time.Minute, 8, 3)
		after(time.Hour, 8, 3)
	})
}

// TestTakenWhileFilling: what is taken while others are made has the processors first.
func TestTakenWhileFilling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &workshop{hold: make(chan struct{}), begun: make(chan struct{}, 9)}
		k := New(Options{Pause: time.Second, Most: 3, Calm: time.Minute}, w.make, w.discard)
		defer k.Close()
		for range 3 {
			k.Take("a")
		}
		time.Sleep(time.Second)
		<-w.begun
		got := make(chan bool)
		go func() {
			_, ok := k.Take("a") // waits for the first
			got <- ok
		}()
		synctest.Wait()
		w.hold <- struct{}{}
		if !<-got {
			t.Error("the one that was being made isn't taken")
		}
		synctest.Wait()
		if made, _ := w.counts(); made > 2 || len(w.begun) > 1 {
			t.Errorf("%d made, %d begun right after one was taken", made, len(w.begun))
		}
		close(w.hold)
		time.Sleep(time.Second)
		synctest.Wait()
		_, ok := k.Ready()
		if made, _ := w.counts(); !ok || made != 4 {
			t.Errorf("%d made after the pause, want 4", made)
		}
	})
}
