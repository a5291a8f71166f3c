package replay

import (
	"encoding/json"
	"fmt"
	"sync"

	"github.com/gozones/zones/internal/kernelseam"
	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// world is a kernel in the environment of the recordings, with everything that the
// steps have made.
type world struct {
	env     *Environment
	k       *kernel.Kernel
	in      insides // of k
	machine *machine
	clock   *clock

	mu      sync.Mutex // guards the following fields; taken with kernel locks held
	events  []Event
	log     []string
	zsdData int
	blocked [slots]map[string]bool // callbacks that hang

	keys     [slots]kernelseam.Key
	refs     map[int]*kernelseam.Ref
	kthreads map[int]*kernel.Zone
	unlock   func() // releases the pool lock
	calls    map[int]*call
	lastRead map[string]map[string]any // values of statistics
}

const slots = 8

// call is a step's call in progress.
type call struct {
	step   *Step
	proc   *kernel.Proc
	mem    memory
	done   bool
	result observed
	err    error
}

// observed is what a call returned.
type observed struct {
	ret      *int64
	errno    errno.Errno
	noReturn bool
	out      map[string][]byte
	fields   map[string]any // the results that some entry points have instead
}

func newWorld(env *Environment) (*world, error) {
	w := &world{
		env:      env,
		clock:    &clock{now: initialTicks},
		refs:     map[int]*kernelseam.Ref{},
		kthreads: map[int]*kernel.Zone{},
		calls:    map[int]*call{},
		lastRead: map[string]map[string]any{},
	}
	w.machine = newMachine(env, w.event)
	k, err := kernel.New(kernel.Config{
		Host:     w.machine,
		Clock:    w.clock,
		Log:      w.logged,
		OnEvent:  w.status,
		Nodename: env.Nodename,
		Serial:   env.HwSerial,
		CPUs:     env.NCPUs,
		Classes:  env.classes(),
		Pools:    env.pools(),
		Brands:   brands(),
		Inline:   true,
		Older:    true, // the recordings are of such a kernel
	})
	if err != nil {
		return nil, err
	}
	w.k, w.in = k, kernelseam.Of(k).(insides)
	return w, nil
}

// brands are the brand modules of the recordings, apart from the native one.
func brands() []*kernel.Brand {
	return []*kernel.Brand{
		{Name: "lx", Attrs: func() kernel.BrandAttrs { return &brandLX{} }},
		{Name: "sn1", Attrs: func() kernel.BrandAttrs { return refusing{} }},
	}
}

func (w *world) event(e Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, e)
}

func (w *world) logged(line string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.log = append(w.log, line)
}

func (w *world) status(e kernel.Event) {
	w.event(Event{"e": "sysevent", "class": "status", "subclass": "change", "vendor": "sun.com", "pub": "kernel",
		"zonename": e.Name, "oldstate": e.Old, "newstate": e.New, "zoneid": int(e.ID)})
}

// take returns the events and log lines since its last call.
func (w *world) take() ([]Event, []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	events, log := w.events, w.log
	w.events, w.log = nil, nil
	return events, log
}

// zone returns a step's zone object: the active one, or the last dead one with the ID.
func (w *world) zone(id zone.ID) (*kernel.Zone, error) {
	if z := w.in.Peek(id); z != nil {
		return z, nil
	}
	if dead := w.in.Dead(id); len(dead) > 0 {
		return dead[len(dead)-1], nil
	}
	return nil, fmt.Errorf("there is no zone %d", id)
}

// callbacks makes the callbacks of a slot. They are recorded as events, hang if a step
// says so, and create returns the next number.
func (w *world) callbacks(slot int, which []string) kernelseam.ZSD {
	var zsd kernelseam.ZSD
	hangs := func(name string) bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.blocked[slot][name]
	}
	seen := func(name string, id zone.ID, data any) {
		number, _ := data.(int)
		status := 0
		if z := w.in.Peek(id); z != nil {
			status = int(z.Status())
		}
		w.event(Event{"e": "zsd", "cb": name, "slot": slot, "zoneid": int(id), "data": number, "status": status})
	}
	for _, name := range which {
		switch name {
		case "create":
			zsd.Create = func(id zone.ID) (any, error) {
				if hangs(name) {
					return nil, kernelseam.ErrNotYet
				}
				w.mu.Lock()
				w.zsdData++
				data := w.zsdData
				w.mu.Unlock()
				seen(name, id, data)
				return data, nil
			}
		case "shutdown", "destroy":
			callback := func(id zone.ID, data any) error {
				if hangs(name) {
					return kernelseam.ErrNotYet
				}
				seen(name, id, data)
				return nil
			}
			if name == "shutdown" {
				zsd.Shutdown = callback
			} else {
				zsd.Destroy = callback
			}
		}
	}
	return zsd
}

// The arguments of a step by name.

func (s *Step) has(name string) bool {
	raw, ok := s.Args[name]
	return ok && string(raw) != "null"
}

func (s *Step) number(name string) int64 {
	var n json.Number
	raw, ok := s.Args[name]
	if !ok || json.Unmarshal(raw, &n) != nil {
		var b bool
		if json.Unmarshal(raw, &b) == nil && b {
			return 1
		}
		return 0
	}
	if v, err := n.Int64(); err == nil {
		return v
	}
	var u uint64
	_, _ = fmt.Sscan(n.String(), &u)
	return int64(u)
}

func (s *Step) text(name string) string {
	var t string
	_ = json.Unmarshal(s.Args[name], &t)
	return t
}

func (s *Step) list(name string) []string {
	var l []string
	_ = json.Unmarshal(s.Args[name], &l)
	return l
}

func (s *Step) zoneID() zone.ID { return zone.ID(int32(s.number("zoneid"))) }
