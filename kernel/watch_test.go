package kernel_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/zone"
)

func TestWatch(t *testing.T) {
	k, err := kernel.New(kernel.Config{})
	if err != nil {
		t.Fatal(err)
	}
	w, other := k.Watch(), k.Watch()
	other.Close()
	create(t, k.Global(), 1)
	<-w.More()
	events, ok := w.Events()
	if !ok || len(events) != 2 || events[0].New != "initialized" || events[1].Status != zone.StatusReady || events[1].Name != "z1" {
		t.Errorf("events %+v, %v", events, ok)
	}
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	<-w.More()
	if _, ok := w.Events(); ok {
		t.Error("a watcher of a closed kernel still waits")
	}
	if _, ok := k.Watch().Events(); ok {
		t.Error("a new one does")
	}
	kernel.Insides(k).Abandon()
}

// TestWatchZone: a watcher of a zone receives the events of that zone only.
func TestWatchZone(t *testing.T) {
	k, err := kernel.New(kernel.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close(); kernel.Insides(k).Abandon() })
	second, third := k.WatchZone("z2"), k.WatchZone("z3")
	for i := 1; i <= 2; i++ {
		create(t, k.Global(), i)
	}
	var states []string
	events, _ := second.Events()
	for _, e := range events {
		states = append(states, e.Name+" "+e.New)
	}
	if got := strings.Join(states, ", "); got != "z2 initialized, z2 ready" {
		t.Errorf("of z2: %s", got)
	}
	if events, ok := third.Events(); len(events) > 0 || !ok {
		t.Errorf("of a zone that doesn't exist: %+v, %v", events, ok)
	}
	third.Close()
	if _, ok := third.Events(); ok {
		t.Error("a closed watcher still waits")
	}
}

// TestSmartosLive715WatchOnce: every state change of a zone is reported once, in order.
// https://github.com/TritonDataCenter/smartos-live/issues/715
func TestSmartosLive715WatchOnce(t *testing.T) {
	k, err := kernel.New(kernel.Config{Clock: new(hurry)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close(); kernel.Insides(k).Abandon() })
	w := k.Watch()
	p := k.Global()
	id := create(t, p, 1)
	if err := errors.Join(p.Boot(id), p.Shutdown(id), p.Destroy(id)); err != nil {
		t.Fatal(err)
	}
	told := map[zone.Status]int{}
	last, old := zone.StatusUninitialized, "uninitialized"
	for told[zone.StatusDead] == 0 {
		<-w.More()
		events, _ := w.Events()
		for _, e := range events {
			told[e.Status]++
			if e.ID != id || e.Name != "z1" || e.Status <= last || e.Old != old {
				t.Errorf("after %s (%v): %+v", old, last, e)
			}
			last, old = e.Status, e.New
		}
	}
	for status := zone.StatusInitialized; status <= zone.StatusDead; status++ {
		if told[status] != 1 {
			t.Errorf("%v was reported %d times", status, told[status])
		}
	}
}
