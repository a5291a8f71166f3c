package spare

import (
	"errors"
	"sync"
	"testing"
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

func TestTake(t *testing.T) {
	w := new(workshop)
	k := New(time.Hour, w.make, w.discard)
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
	if len(w.discarded) != 1 || w.discarded[0] != 2 {
		t.Errorf("discarded: %v", w.discarded)
	}
	k.Ready()
	if it, ok := k.Take("b"); !ok || it != 3 {
		t.Errorf("of the new kind: %d, %v", it, ok)
	}
}

func TestTakeWaits(t *testing.T) {
	w := &workshop{hold: make(chan struct{}), begun: make(chan struct{}, 1)}
	k := New(time.Hour, w.make, w.discard)
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
	k := New(time.Hour, w.make, w.discard)
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
	k := New(time.Hour, w.make, w.discard)
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
