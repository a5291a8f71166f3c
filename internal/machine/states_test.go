package machine

import (
	"context"
	"encoding/binary"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/nvlist"
	"github.com/gozones/zones/sys/sysevent"
	"github.com/gozones/zones/sys/zone"
)

func TestStates(t *testing.T) {
	type step struct {
		old, public string
		want        zone.Status
	}
	for _, c := range []struct {
		name  string
		known map[zone.ID]zone.Status
		now   zone.Status
		err   error
		steps []step
	}{
		{"a whole life", map[zone.ID]zone.Status{}, 0, nil, []step{
			{"uninitialized", "initialized", zone.StatusInitialized}, {"initialized", "ready", zone.StatusReady},
			{"ready", "ready", zone.StatusBooting}, {"ready", "running", zone.StatusRunning},
			{"running", "shutting_down", zone.StatusShuttingDown}, {"shutting_down", "shutting_down", zone.StatusEmpty},
			{"shutting_down", "shutting_down", zone.StatusDown}, {"shutting_down", "shutting_down", zone.StatusDying},
			{"shutting_down", "uninitialized", zone.StatusDead},
		}},
		{"halted when ready", map[zone.ID]zone.Status{1: zone.StatusReady}, zone.StatusDown, nil, []step{
			{"ready", "shutting_down", zone.StatusDown}, {"shutting_down", "shutting_down", zone.StatusDying},
		}},
		{"halted when ready, and beyond", map[zone.ID]zone.Status{1: zone.StatusReady}, zone.StatusDying, nil, []step{
			{"ready", "shutting_down", zone.StatusDown}, {"shutting_down", "shutting_down", zone.StatusDying},
		}},
		{"halted when ready, and gone", map[zone.ID]zone.Status{1: zone.StatusReady}, 0, errno.EINVAL, []step{{"ready", "shutting_down", zone.StatusDown}}},
		{"halted when booting", map[zone.ID]zone.Status{1: zone.StatusBooting}, zone.StatusShuttingDown, nil, []step{
			{"ready", "shutting_down", zone.StatusShuttingDown}, {"shutting_down", "shutting_down", zone.StatusEmpty},
		}},
		{"known to be empty", map[zone.ID]zone.Status{1: zone.StatusEmpty}, 0, nil, []step{{"shutting_down", "shutting_down", zone.StatusDown}}},
		{"not known", map[zone.ID]zone.Status{}, 0, nil, []step{{"shutting_down", "shutting_down", zone.StatusEmpty}, {"shutting_down", "uninitialized", zone.StatusDead}}},
		{"a new zone with the id", map[zone.ID]zone.Status{1: zone.StatusDown}, 0, nil, []step{{"uninitialized", "initialized", zone.StatusInitialized}, {"initialized", "ready", zone.StatusReady}}},
	} {
		all := states{c.known, func(zone.ID) (zone.Status, error) { return c.now, c.err }}
		for i, s := range c.steps {
			if got := all.next(1, s.old, s.public); got != s.want {
				t.Errorf("%s: step %d is %v, not %v", c.name, i, got, s.want)
			}
		}
	}
}

func TestEvent(t *testing.T) {
	whole := func() *sysevent.Event {
		list := nvlist.New(nvlist.UniqueName)
		list.AddString("zonename", "web")
		list.AddString("oldstate", "ready")
		list.AddString("newstate", "running")
		list.AddInt32("zoneid", 7)
		list.AddUint64("when", 99)
		return &sysevent.Event{Class: "status", Subclass: "change", Attributes: list}
	}
	fresh := states{known: map[zone.ID]zone.Status{}}
	got, ok := fresh.event(whole())
	if want := (zone.Event{ID: 7, Name: "web", Old: "ready", New: "running", Status: zone.StatusRunning}); !ok || got != want {
		t.Errorf("%+v, %v, not %+v", got, ok, want)
	}
	for _, name := range []string{"zonename", "oldstate", "newstate", "zoneid"} {
		e := whole()
		e.Attributes.RemoveAll(name)
		if got, ok := fresh.event(e); ok {
			t.Errorf("without %s: %+v", name, got)
		}
	}
	other := whole()
	other.Subclass = "other"
	if got, ok := fresh.event(other); ok {
		t.Errorf("of another subclass: %+v", got)
	}
}

// fake is a system with a table of zones.
type fake struct {
	zone.System
	mu    sync.Mutex
	zones map[zone.ID]seen
}

func (f *fake) set(id zone.ID, s *seen) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s == nil {
		delete(f.zones, id)
		return
	}
	f.zones[id] = *s
}

func (f *fake) List(ids []zone.ID) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for id := range f.zones {
		if n < len(ids) {
			ids[n] = id
		}
		n++
	}
	return n, nil
}

func (f *fake) Getattr(id zone.ID, attr zone.Attr, buf []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, ok := f.zones[id]
	if !ok {
		return 0, &zone.Error{Op: "zone_getattr", ID: id, Errno: errno.EINVAL}
	}
	switch attr {
	case zone.AttrUniqID:
		return copy(buf, binary.LittleEndian.AppendUint64(nil, s.uniqID)), nil
	case zone.AttrStatus:
		return copy(buf, binary.LittleEndian.AppendUint32(nil, uint32(s.status))), nil
	default:
		return copy(buf, append([]byte(s.name), 0)), nil
	}
}

// TestPoll: what is seen by looking is told once, and the channel closes at the end.
func TestPoll(t *testing.T) {
	t.Parallel()
	f := &fake{zones: map[zone.ID]seen{0: {0, "global", zone.StatusRunning}, 1: {5, "web", zone.StatusReady}}}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	events, err := poll(ctx, f, "")
	if err != nil {
		t.Fatal(err)
	}
	expect := func(want ...zone.Event) {
		t.Helper()
		for _, w := range want {
			if got := <-events; got != w {
				t.Errorf("%+v, not %+v", got, w)
			}
		}
	}
	f.set(1, &seen{5, "web", zone.StatusRunning})
	expect(zone.Event{ID: 1, Name: "web", Old: "ready", New: "running", Status: zone.StatusRunning})
	f.set(2, &seen{6, "db", zone.StatusReady})
	expect(zone.Event{ID: 2, Name: "db", Old: "uninitialized", New: "ready", Status: zone.StatusReady})
	f.set(1, &seen{9, "app", zone.StatusInitialized}) // another zone with the id of one that went
	expect(zone.Event{ID: 1, Name: "web", Old: "running", New: "uninitialized", Status: zone.StatusDead},
		zone.Event{ID: 1, Name: "app", Old: "uninitialized", New: "initialized", Status: zone.StatusInitialized})
	f.set(2, nil)
	expect(zone.Event{ID: 2, Name: "db", Old: "ready", New: "uninitialized", Status: zone.StatusDead})
	cancel()
	if e, ok := <-events; ok {
		t.Errorf("after the end: %+v", e)
	}
}

// TestPollZone: who follows a zone by its name gets nothing of the others.
func TestPollZone(t *testing.T) {
	t.Parallel()
	f := &fake{zones: map[zone.ID]seen{1: {5, "web", zone.StatusReady}, 2: {6, "db", zone.StatusReady}}}
	events, err := poll(t.Context(), f, "db")
	if err != nil {
		t.Fatal(err)
	}
	f.set(1, nil) // before the change of db, so that it is told first if at all
	f.set(2, nil)
	want := zone.Event{ID: 2, Name: "db", Old: "ready", New: "uninitialized", Status: zone.StatusDead}
	if got := <-events; got != want {
		t.Errorf("%+v, not %+v", got, want)
	}
}

// TestQueue: whoever brings events never waits for whoever takes them.
func TestQueue(t *testing.T) {
	t.Parallel()
	q := newQueue()
	events := q.deliver(t.Context())
	var want []string
	for i := range 1000 {
		name := fmt.Sprint(i)
		want = append(want, name)
		q.add(zone.Event{Name: name})
	}
	q.end()
	var got []string
	for e := range events {
		got = append(got, e.Name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%d events come through, in another order or not all", len(got))
	}
}

func TestPublicNames(t *testing.T) {
	if len(publicNames) != int(zone.StatusDead)+1 {
		t.Errorf("%d names for %d states", len(publicNames), zone.StatusDead+1)
	}
	if got := changes(map[zone.ID]seen{}, map[zone.ID]seen{}); !reflect.DeepEqual(got, []zone.Event(nil)) {
		t.Errorf("nothing has changed, and %v", got)
	}
}
