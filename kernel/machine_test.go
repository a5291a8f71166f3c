package kernel_test

import (
	"os"
	"sync"
	"testing"

	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/kernel/host/sim"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/zone"
)

// machine is a host with processes: it assigns them process IDs and reports what the
// test tells it to.
type machine struct {
	*sim.Host
	mu      sync.Mutex // guards the following fields
	pid     int32
	notify  func(host.Exit)
	attrs   map[zone.Attr][]byte
	moved   []zone.LinkID
	killed  int
	destroy int
	fail    error // of every call that can fail
	daemon  chan *host.DaemonRequest
	early   bool // Start reports the exit of a program before it returns,
	last    bool // and that the zone is empty
	onStart func()
}

func newMachine() *machine {
	return &machine{Host: sim.New(), pid: 5000, attrs: map[zone.Attr][]byte{}, daemon: make(chan *host.DaemonRequest, 8)}
}

func (m *machine) next() (int32, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pid++
	return m.pid, m.fail
}

func (m *machine) setFail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail = err
}

func (m *machine) CreateZone(*host.Spec) (int32, error) { return m.next() }

func (m *machine) StartInit(host.ZoneKey, *host.Init) (int32, error) { return m.next() }

func (m *machine) Notify(f func(host.Exit)) { m.notify = f }

func (m *machine) OpenDaemon(string) (host.Daemon, error) { return door{m}, nil }

func (m *machine) SetRctl(key host.ZoneKey, name string, n uint64) error {
	m.Host.SetRctl(key, name, n)
	return m.fail
}

func (m *machine) SetAttr(_ host.ZoneKey, attr zone.Attr, v []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.attrs[attr] = v
	return m.fail
}

func (m *machine) MoveLink(id zone.LinkID, from, to host.ZoneKey) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail == nil {
		m.moved = append(m.moved, id)
	}
	return m.fail
}

func (m *machine) KillAll(host.ZoneKey) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.killed++
	return nil
}

func (m *machine) DestroyZone(host.ZoneKey) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.destroy++
	return m.fail
}

func (m *machine) Processes(host.ZoneKey) (int64, error) { return 7, m.fail }

func (m *machine) CPUTime(host.ZoneKey) (user, system int64, err error) { return 11, 13, m.fail }

func (m *machine) Start(key host.ZoneKey, cmd *zone.Cmd) (zone.Process, error) {
	pid, err := m.next()
	if err != nil {
		return nil, err
	}
	if m.onStart != nil {
		m.onStart()
	}
	if m.early {
		m.notify(host.Exit{Key: key, Pid: pid})
	}
	if m.last {
		m.notify(host.Exit{Key: key, Last: true})
	}
	return process(pid), nil
}

type door struct{ *machine }

func (d door) Call(r *host.DaemonRequest) error { d.daemon <- r; return nil }

func (d door) Close() error { return nil }

type process int32

func (p process) Pid() int { return int(p) }

func (p process) Pty() *os.File { return nil }

func (p process) Wait() (zone.ExitStatus, error) { return zone.ExitStatus{}, nil }

func (p process) Signal(os.Signal) error { return nil }

func (p process) Close() error { return nil }

// hosted returns a kernel on such a host with one running zone.
func hosted(t *testing.T) (*kernel.Kernel, *machine, zone.ID, host.ZoneKey) {
	t.Helper()
	return hostedWith(t, nil)
}

// hostedWith is hosted with attributes without a value, which are set before the boot.
func hostedWith(t *testing.T, attrs []zone.Attr) (*kernel.Kernel, *machine, zone.ID, host.ZoneKey) {
	t.Helper()
	m := newMachine()
	k, err := kernel.New(kernel.Config{Host: m})
	if err != nil {
		t.Fatal(err)
	}
	id, err := k.Global().Create(&zone.Def{Name: "web", Root: "/z/web", Privs: priv.Full(), Flags: zone.CreateNetExcl})
	if err != nil {
		t.Fatal(err)
	}
	for _, attr := range attrs {
		if err := k.Global().Setattr(id, attr, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := k.Global().Boot(id); err != nil {
		t.Fatal(err)
	}
	return k, m, id, host.ZoneKey{ID: id, UniqID: 2}
}

func status(t *testing.T, k *kernel.Kernel, id zone.ID) zone.Status {
	t.Helper()
	var raw [4]byte
	if _, err := k.Global().Getattr(id, zone.AttrStatus, raw[:]); err != nil {
		t.Fatal(err)
	}
	return zone.Status(raw[0])
}

func initPid(t *testing.T, k *kernel.Kernel, id zone.ID) int32 {
	t.Helper()
	var raw [4]byte
	if _, err := k.Global().Getattr(id, zone.AttrInitPID, raw[:]); err != nil {
		t.Fatal(err)
	}
	return int32(raw[0]) | int32(raw[1])<<8
}
