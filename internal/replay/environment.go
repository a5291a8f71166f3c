package replay

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"sort"
	"sync"

	"github.com/gozones/zones/internal/kernelseam"
	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/kernel/host/sim"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// Environment is the environment of all recordings in a set: environment.json.
type Environment struct {
	FileTree []struct {
		Path        string `json:"path"`
		Type        string `json:"type"`
		Target      string `json:"target"`
		Mountpoint  string `json:"mountpoint"`
		NoExec      bool   `json:"no_exec"`
		LookupError string `json:"lookup_error"`
	} `json:"file_tree"`
	Classes []struct {
		Name   string `json:"name"`
		Kernel bool   `json:"kernel"`
	} `json:"scheduling_classes"`
	Pools []struct {
		Name string `json:"name"`
		ID   int32  `json:"id"`
		Pset int32  `json:"pset"`
	} `json:"pools"`
	Errno    map[string]int32        `json:"errno"`
	Commands map[string]zone.Subcode `json:"commands"`
	HwSerial string                  `json:"hw_serial"`
	Nodename string                  `json:"nodename"`
	NCPUs    int                     `json:"ncpus"`
}

// ReadEnvironment reads environment.json of a directory of recordings.
func ReadEnvironment(dir fs.FS) (*Environment, error) {
	raw, err := fs.ReadFile(dir, "environment.json")
	if err != nil {
		return nil, err
	}
	env := new(Environment)
	if err := json.Unmarshal(raw, env); err != nil {
		return nil, fmt.Errorf("environment.json: %w", err)
	}
	return env, nil
}

func (e *Environment) tree() *sim.Tree {
	nodes := map[string]sim.Node{}
	for _, f := range e.FileTree {
		node := sim.Node{Link: f.Target, File: f.Type == "file", NoExec: f.NoExec, Lookup: errno.Errno(e.Errno[f.LookupError])}
		if f.Mountpoint != "" && f.Mountpoint != "ok" {
			node.Mount = errno.EIO
		}
		nodes[f.Path] = node
	}
	return sim.NewTree(nodes)
}

func (e *Environment) classes() []kernel.SchedClass {
	var classes []kernel.SchedClass
	for _, c := range e.Classes {
		classes = append(classes, kernel.SchedClass{Name: c.Name, Kernel: c.Kernel})
	}
	return classes
}

func (e *Environment) pools() []*kernel.Pool {
	var pools []*kernel.Pool
	for _, p := range e.Pools {
		pools = append(pools, &kernel.Pool{Name: p.Name, ID: p.ID, Pset: p.Pset})
	}
	return pools
}

// machine is the host of a recording: the tree, a zsched and an init that fail or hang
// on request, and a zone daemon with scripted answers.
type machine struct {
	*sim.Host
	event     func(Event)
	mu        sync.Mutex  // guards the following fields
	zschedErr errno.Errno // of the next zsched
	initErr   errno.Errno
	initHangs bool
	openings  []errno.Errno // results of the next door opens
	upcalls   []errno.Errno
}

func newMachine(env *Environment, event func(Event)) *machine {
	m := &machine{Host: sim.New(), event: event}
	m.SetTree(env.tree())
	return m
}

func (m *machine) CreateZone(*host.Spec) (int32, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.zschedErr
	m.zschedErr = 0
	return 0, asError(e)
}

func (m *machine) StartInit(host.ZoneKey, *host.Init) (int32, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.initHangs {
		return 0, kernelseam.ErrNotYet
	}
	return 0, asError(m.initErr)
}

func next(script *[]errno.Errno) errno.Errno {
	if len(*script) == 0 {
		return 0
	}
	e := (*script)[0]
	*script = (*script)[1:]
	return e
}

func (m *machine) OpenDaemon(path string) (host.Daemon, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := next(&m.openings)
	m.event(Event{"e": "door_open", "path": path, "err": int(e)})
	if e != 0 {
		return nil, e
	}
	return daemon{m}, nil
}

type daemon struct{ *machine }

func (d daemon) Call(r *host.DaemonRequest) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	e := next(&d.upcalls)
	shown := r.BootArgs[:min(len(r.BootArgs), 159)]
	d.event(Event{"e": "door_upcall", "cmd": int(r.Cmd), "uniqid": int(r.UniqID), "locale": r.Locale,
		"bootbuf": shown, "bootbuf_len": len(r.BootArgs), "err": int(e)})
	return asError(e)
}

func (d daemon) Close() error { return nil }

// brandLX has the attributes of brand lx: a number and a string.
type brandLX struct {
	number [8]byte
	text   string
}

const (
	lxNumber = zone.AttrBrandBase
	lxText   = zone.AttrBrandBase + 1
)

func (b *brandLX) Getattr(attr zone.Attr, out kernel.BrandBuffer, size uint64) (uint64, errno.Errno) {
	switch attr {
	case lxNumber:
		if size < 8 {
			return 0, errno.ERANGE
		}
		if !out.Null() && !out.Out(b.number[:]) || out.Null() {
			return 0, errno.EFAULT
		}
		return 8, 0
	case lxText:
		raw := append([]byte(b.text), 0)
		if size < uint64(len(raw)) {
			return 0, errno.ENAMETOOLONG
		}
		if !out.Out(raw) {
			return 0, errno.EFAULT
		}
		return uint64(len(raw)), 0
	}
	return 0, errno.EINVAL
}

func (b *brandLX) Setattr(attr zone.Attr, in kernel.BrandBuffer, size uint64) errno.Errno {
	switch attr {
	case lxNumber:
		if size != 8 {
			return errno.EINVAL
		}
		var raw [8]byte
		if !in.In(raw[:]) {
			return errno.EFAULT
		}
		b.number = raw
		return 0
	case lxText:
		s, e := in.InString(32)
		if e == 0 {
			b.text = s
		}
		return e
	}
	return errno.EINVAL
}

// refusing is brand sn1, which has no attributes.
type refusing struct{}

func (refusing) Getattr(zone.Attr, kernel.BrandBuffer, uint64) (uint64, errno.Errno) {
	return 0, errno.EINVAL
}
func (refusing) Setattr(zone.Attr, kernel.BrandBuffer, uint64) errno.Errno { return errno.EINVAL }

// clock is advanced by the steps: 100 ticks per second, from a fixed start.
type clock struct {
	mu     sync.Mutex // guards the following fields; taken with kernel locks held
	now    int64
	seq    int
	timers []*timer
}

type timer struct {
	c   *clock
	at  int64
	seq int
	f   func()
}

const (
	initialTicks = 100000
	epoch        = 1500000000
)

func (c *clock) Ticks() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Seconds() int64 { return epoch + c.Ticks()/kernel.Hz }

func (c *clock) AfterTicks(n int64, f func()) kernel.Timer {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seq++
	t := &timer{c: c, at: c.now + n, seq: c.seq, f: f}
	c.timers = append(c.timers, t)
	sort.SliceStable(c.timers, func(i, j int) bool { return c.timers[i].at < c.timers[j].at })
	return t
}

func (t *timer) Stop() {
	t.c.mu.Lock()
	defer t.c.mu.Unlock()
	for i, o := range t.c.timers {
		if o == t {
			t.c.timers = append(t.c.timers[:i], t.c.timers[i+1:]...)
			return
		}
	}
}

// advance advances to the earliest timer if it expires by the limit, and fires it. It
// returns false if there is none.
func (c *clock) advance(limit int64) bool {
	c.mu.Lock()
	if len(c.timers) == 0 || c.timers[0].at > limit {
		c.mu.Unlock()
		return false
	}
	t := c.timers[0]
	c.timers = c.timers[1:]
	c.now = max(c.now, t.at)
	c.mu.Unlock()
	t.f()
	return true
}

func (c *clock) set(now int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}
