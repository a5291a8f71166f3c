package kernel_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"

	"github.com/gozones/zones/internal/kernelseam"
	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/kernel/host/sim"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// machine is a host with processes: it gives them numbers and says what the test
// tells it to.
type machine struct {
	*sim.Host
	mu      sync.Mutex // guards what follows
	pid     int32
	notify  func(host.Exit)
	attrs   map[zone.Attr][]byte
	moved   []zone.LinkID
	killed  int
	destroy int
	fail    error // of every call that can
	daemon  chan *host.DaemonRequest
	early   bool // Start tells the end of a program before it returns,
	last    bool // and that the zone is empty
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

func (m *machine) CreateZone(*host.Spec) (int32, error)              { return m.next() }
func (m *machine) StartInit(host.ZoneKey, *host.Init) (int32, error) { return m.next() }
func (m *machine) Notify(f func(host.Exit))                          { m.notify = f }
func (m *machine) OpenDaemon(string) (host.Daemon, error)            { return door{m}, nil }
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

func (m *machine) Usage(host.ZoneKey) (host.Usage, error) {
	return host.Usage{Processes: 7, NsecUser: 11, NsecSys: 13}, m.fail
}

func (m *machine) Start(key host.ZoneKey, cmd *zone.Cmd) (zone.Process, error) {
	pid, err := m.next()
	if err != nil {
		return nil, err
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
func (d door) Close() error                     { return nil }

type process int32

func (p process) Pid() int                       { return int(p) }
func (p process) Pty() *os.File                  { return nil }
func (p process) Wait() (zone.ExitStatus, error) { return zone.ExitStatus{}, nil }
func (p process) Signal(os.Signal) error         { return nil }
func (p process) Close() error                   { return nil }

// hosted is a kernel on such a machine with one running zone.
func hosted(t *testing.T) (*kernel.Kernel, *machine, zone.ID, host.ZoneKey) {
	t.Helper()
	m := newMachine()
	k, err := kernel.New(kernel.Config{Host: m})
	if err != nil {
		t.Fatal(err)
	}
	id, err := k.Global().Create(&zone.Def{Name: "web", Root: "/z/web", Flags: zone.CreateNetExcl})
	if err != nil {
		t.Fatal(err)
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

func TestHostedZone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, m, id, key := hosted(t)
		p := k.Global()
		if _, err := p.Start(id, &zone.Cmd{Path: "/bin/true"}); err != nil {
			t.Fatal(err)
		}
		m.notify(host.Exit{Key: key, Pid: m.pid})
		m.early = true
		if _, err := p.Start(id, &zone.Cmd{Path: "/bin/true"}); err != nil {
			t.Fatal(err)
		}
		m.early = false
		synctest.Wait()
		if n := kernel.Insides(k).Inspect().Zones["1"].NProcs; n != 2 {
			t.Errorf("%d processes after both programs have ended, want zsched and init", n)
		}
		// Init ends and is started again.
		was := initPid(t, k, id)
		m.notify(host.Exit{Key: key, Pid: was})
		synctest.Wait()
		if now := initPid(t, k, id); now == was || status(t, k, id) != zone.StatusRunning {
			t.Errorf("init is %d after %d ended, zone %v", now, was, status(t, k, id))
		}
		// One program is left behind by another, then goes.
		done := make(chan error)
		go func() { done <- p.Shutdown(id) }()
		synctest.Wait()
		m.notify(host.Exit{Key: key, Pid: initPid(t, k, id)})
		synctest.Wait()
		if s := status(t, k, id); s != zone.StatusShuttingDown {
			t.Errorf("zone is %v with an orphan in it", s)
		}
		m.notify(host.Exit{Key: key, Last: true})
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if err := p.Destroy(id); err != nil {
			t.Fatal(err)
		}
		if m.destroy != 1 {
			t.Errorf("the host was told %d times to take the zone down", m.destroy)
		}
		m.notify(host.Exit{Key: key, Pid: 99}) // of a zone that is gone: nothing happens
		if _, err := p.Start(id, &zone.Cmd{Path: "/bin/true"}); !errors.Is(err, errno.EINVAL) {
			t.Errorf("start in a zone that is gone: %v", err)
		}
	})
}

// TestEarlyLast: a zone whose only program has ended, and that is empty, before its
// start is told can be shut down.
func TestEarlyLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine()
		k, err := kernel.New(kernel.Config{Host: m})
		if err != nil {
			t.Fatal(err)
		}
		p := k.Global()
		id, err := p.Create(&zone.Def{Name: "web", Root: "/z/web"})
		if err != nil {
			t.Fatal(err)
		}
		m.early, m.last = true, true
		if _, err := p.Start(id, &zone.Cmd{Path: "/bin/true"}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		done := make(chan error, 1)
		go func() { done <- p.Shutdown(id) }()
		synctest.Wait()
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		default:
			t.Errorf("the zone waits, %v, for a process that was told to be gone", status(t, k, id))
			m.notify(host.Exit{Key: host.ZoneKey{ID: id, UniqID: 2}, Last: true})
			<-done
		}
		if err := p.Destroy(id); err != nil {
			t.Error(err)
		}
	})
}

func TestHostedAttributes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine()
		var log []string
		k, err := kernel.New(kernel.Config{Host: m, Log: func(s string) { log = append(log, s) }})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { kernel.Insides(k).Abandon(); synctest.Wait() }()
		p := k.Global()
		id, err := p.Create(&zone.Def{Name: "web", Root: "/z/web", Flags: zone.CreateNetExcl, Datasets: "tank/a,tank/b"})
		if err != nil {
			t.Fatal(err)
		}
		for attr, v := range map[zone.Attr][]byte{
			zone.AttrPhysMcap:   {0, 0, 0, 1, 0, 0, 0, 0},
			zone.AttrHostID:     {1, 2, 3, 4},
			zone.AttrSecFlags:   append(make([]byte, 24), 7, 0, 0, 0, 0, 0, 0, 0),
			zone.AttrSchedClass: []byte("FX\x00"),
			zone.AttrFSAllowed:  []byte("ufs,pcfs\x00"),
			zone.AttrBootArgs:   []byte("-v\x00"),
		} {
			if err := p.Setattr(id, attr, v); err != nil {
				t.Errorf("attribute %d: %v", attr, err)
			}
			buf := make([]byte, 64)
			if n, err := p.Getattr(id, attr, buf[:len(v)]); err != nil || n != len(v) || string(buf[:n]) != string(v) {
				t.Errorf("attribute %d reads %x (%d, %v), want %x", attr, buf[:len(v)], n, err, v)
			}
		}
		if got := len(m.attrs); got != 5 {
			t.Errorf("the host was told %d attributes, want 5", got)
		}
		if err := p.AddDatalink(id, 4); err != nil {
			t.Fatal(err)
		}
		var links [2]zone.LinkID
		if n, err := p.ListDatalinks(id, links[:]); n != 1 || links[0] != 4 || err != nil {
			t.Errorf("links: %d %v %v", n, links, err)
		}
		if owner, err := p.CheckDatalink(zone.AllZones, 4); owner != id || err != nil {
			t.Errorf("link 4 belongs to %d, %v", owner, err)
		}
		if err := p.RemoveDatalink(id, 4); err != nil {
			t.Fatal(err)
		}
		m.fail = errno.EIO
		if err := p.AddDatalink(id, 5); !errors.Is(err, errno.EIO) {
			t.Errorf("adding a link that can't be moved: %v", err)
		}
		if n, _ := p.ListDatalinks(id, nil); n != 0 {
			t.Errorf("it was kept: %d links", n)
		}
		if _, err := p.Start(id, &zone.Cmd{Path: "/x"}); !errors.Is(err, errno.EIO) {
			t.Errorf("start: %v", err)
		}
		if err := p.Boot(id); !errors.Is(err, errno.EIO) {
			t.Errorf("boot with an init that can't be executed: %v", err)
		}
		m.fail = nil
		for _, ks := range k.Kstats(id) {
			if ks.Module == "zones" && (ks.Data[1].Value != uint64(11) || ks.Zones[1] != zone.GlobalID) {
				t.Errorf("kstat %+v", ks)
			}
		}
		m.fail = errors.New("no such thing")
		if _, err := p.Create(&zone.Def{Name: "db", Root: "/z/db"}); !errors.Is(err, errno.EIO) {
			t.Errorf("create on a machine that can't: %v", err)
		}
		if n, _ := p.List(nil); n != 2 {
			t.Errorf("%d zones", n)
		}
		if err := p.Shutdown(id); err != nil {
			t.Fatal(err)
		}
		if err := p.Destroy(id); err != nil || len(log) != 1 {
			t.Errorf("destroy: %v, log %q", err, log)
		}
	})
}

func TestRebootFromInside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, m, id, key := hosted(t)
		defer func() { kernel.Insides(k).Abandon(); synctest.Wait() }()
		pid := initPid(t, k, id)
		m.notify(host.Exit{Key: key, Pid: pid, Last: true, Uadmin: &host.Uadmin{Cmd: 2, Fcn: 1, BootArgs: "-s"}})
		r := <-m.daemon
		if r.Cmd != 3 || r.BootArgs != "-s" || r.Locale != "C" {
			t.Errorf("zoneadmd was asked %+v", r)
		}
		if s := status(t, k, id); s != zone.StatusEmpty {
			t.Errorf("zone is %v", s)
		}
	})
}

func TestInitThatCannotRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, m, id, key := hosted(t)
		defer func() { kernel.Insides(k).Abandon(); synctest.Wait() }()
		pid := initPid(t, k, id)
		m.setFail(errno.ENOENT)
		m.notify(host.Exit{Key: key, Pid: pid, Last: true})
		if r := <-m.daemon; r.Cmd != 4 {
			t.Errorf("zoneadmd was asked %+v, want to halt", r)
		}
	})
}

// TestInitEnds: without restarting, the end of init halts the zone, also while
// something else still runs in it.
func TestInitEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine()
		k, err := kernel.New(kernel.Config{Host: m})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { kernel.Insides(k).Abandon(); synctest.Wait() }()
		p := k.Global()
		id, err := p.Create(&zone.Def{Name: "web", Root: "/z/web"})
		if err == nil {
			err = errors.Join(zone.NoRestart(p, id), p.Boot(id))
		}
		if err != nil {
			t.Fatal(err)
		}
		uniqid, _ := zone.UniqIDOf(p, id)
		key := host.ZoneKey{ID: id, UniqID: 2} // the second zone of this kernel
		m.notify(host.Exit{Key: key, Pid: initPid(t, k, id)})
		synctest.Wait()
		if s := status(t, k, id); s != zone.StatusShuttingDown {
			t.Errorf("zone is %v while something runs in it", s)
		}
		m.notify(host.Exit{Key: key, Last: true})
		if r := <-m.daemon; r.Cmd != 4 || r.UniqID != uniqid {
			t.Errorf("zoneadmd was asked %+v, want to halt", r)
		}
	})
}

func TestTypedErrors(t *testing.T) {
	k := newKernel(t)
	p := k.Global()
	long := string(make([]byte, 70))
	for _, test := range []struct {
		name string
		err  error
		want errno.Errno
	}{
		{"boot of nothing", p.Boot(5), errno.EINVAL},
		{"destroy of the global zone", p.Destroy(0), errno.EINVAL},
		{"enter of nothing", p.Enter(7), errno.EINVAL},
		{"link for nothing", p.AddDatalink(7, 1), errno.ENXIO},
		{"link for the global zone", p.AddDatalink(0, 1), errno.EINVAL},
		{"link from nothing", p.RemoveDatalink(7, 1), errno.EINVAL},
		{"brand of nothing", p.Setattr(7, zone.AttrBrand, nil), errno.EINVAL},
	} {
		if !errors.Is(test.err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, test.err, test.want)
		}
	}
	if _, err := p.Lookup(long); !errors.Is(err, errno.ENAMETOOLONG) {
		t.Error(err)
	}
	if id, err := p.Lookup(""); id != 0 || err != nil {
		t.Error(id, err)
	}
	if _, err := p.Lookup("nobody"); !errors.Is(err, errno.EINVAL) {
		t.Error(err)
	}
	if _, err := p.ListDatalinks(9, nil); !errors.Is(err, errno.ENXIO) {
		t.Error(err)
	}
	if v, err := p.Version(); v != zone.APIVersion || err != nil {
		t.Error(v, err)
	}
	_, err := p.Create(&zone.Def{Name: "x", Root: "/"})
	if !errors.Is(err, errno.EBUSY) {
		t.Error(err)
	}
	if _, err := p.Start(3, &zone.Cmd{}); !errors.Is(err, errno.EINVAL) {
		t.Error(err)
	}
	id := create(t, p, 1)
	if _, err := p.Start(id, &zone.Cmd{Path: "/bin/true"}); !errors.Is(err, errno.ENOENT) {
		t.Error(err)
	}
	if _, err := p.Getattr(id, zone.AttrBootArgs, nil); err != nil {
		t.Error(err)
	}
	if _, err := p.Getattr(99, zone.AttrBootArgs, nil); !errors.Is(err, errno.EINVAL) {
		t.Error(err)
	}
	var ids [3]zone.ID
	if n, _ := p.List(ids[:]); n != 2 || ids[1] != id {
		t.Error(n, ids)
	}
	if k.Host().Name() != "sim" || k.Global().Pid() != 0 || k.Global().Zone().ID() != 0 {
		t.Error("the kernel's own process is not what it should be")
	}
	if kernel.PublicState[zone.StatusBooting] != "ready" {
		t.Error("booting has a public name of its own")
	}
}

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

// TestWatchOnce: every state that a zone comes to is told once, in order.
// https://github.com/TritonDataCenter/smartos-live/issues/715
func TestWatchOnce(t *testing.T) {
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
			t.Errorf("%v was told %d times", status, told[status])
		}
	}
}

// TestReferenceMisuse: a reference that is used after its release, or twice, is
// caught at once.
func TestReferenceMisuse(t *testing.T) {
	for name, misuse := range map[string]func(k *kernel.Kernel, z *kernel.Zone){
		"released twice": func(k *kernel.Kernel, z *kernel.Zone) {
			var r kernelseam.Ref
			kernel.Insides(k).HoldRef(z, &r, 0)
			kernel.Insides(k).ReleaseRef(&r)
			kernel.Insides(k).ReleaseRef(&r)
		},
		"used twice": func(k *kernel.Kernel, z *kernel.Zone) {
			var r kernelseam.Ref
			kernel.Insides(k).HoldRef(z, &r, 0)
			kernel.Insides(k).HoldRef(z, &r, 1)
		},
		"released too often": func(k *kernel.Kernel, z *kernel.Zone) { kernel.Insides(k).Release(z); kernel.Insides(k).Release(z) },
		"credential too often": func(k *kernel.Kernel, z *kernel.Zone) {
			kernel.Insides(k).CredRelease(z)
			kernel.Insides(k).CredRelease(z)
		},
		"held after the end": func(k *kernel.Kernel, z *kernel.Zone) {
			p := k.Global()
			if err := errors.Join(p.Shutdown(z.ID()), p.Destroy(z.ID())); err != nil {
				panic("not this way: " + err.Error())
			}
			kernel.Insides(k).Hold(z)
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKernel(t)
			z := kernel.Insides(k).Peek(create(t, k.Global(), 1))
			defer func() {
				if recover() == nil {
					t.Error("nothing was noticed")
				}
			}()
			misuse(k, z)
		})
	}
}

// TestStress mixes calls on a few hundred zones from many goroutines and holds the
// kernel's bookkeeping against its rules all the while.
func TestStress(t *testing.T) {
	const zones, workers, rounds = 200, 8, 150
	k := newKernel(t)
	p := k.Global()
	var seen struct {
		sync.Mutex
		uniqids map[uint64]bool
	}
	seen.uniqids = map[uint64]bool{}
	var work sync.WaitGroup
	for w := range workers {
		work.Go(func() {
			random := rand.New(rand.NewPCG(uint64(w), 1))
			for range rounds {
				i := random.IntN(zones)
				name := fmt.Sprintf("z%d", i)
				id, err := p.Lookup(name)
				switch random.IntN(8) {
				case 0, 1:
					if id, err := p.Create(def(i)); err == nil {
						var raw [8]byte
						if _, err := p.Getattr(id, zone.AttrUniqID, raw[:]); err == nil {
							uniqid := uint64(raw[0]) | uint64(raw[1])<<8 | uint64(raw[2])<<16
							seen.Lock()
							if seen.uniqids[uniqid] {
								t.Errorf("unique id %d was given out twice", uniqid)
							}
							seen.uniqids[uniqid] = true
							seen.Unlock()
						}
					}
				case 2:
					if err == nil {
						p.Boot(id)
					}
				case 3:
					if err == nil {
						p.Setattr(id, zone.AttrBootArgs, []byte("-v\x00"))
						p.AddDatalink(id, zone.LinkID(i))
					}
				case 4:
					if err == nil && status(t, k, 0) == zone.StatusRunning {
						if z := kernel.Insides(k).FindByID(id); z != nil {
							if s := z.Status(); s < zone.StatusReady {
								t.Errorf("zone %d found while %v", id, s)
							}
							kernel.Insides(k).Release(z)
						}
					}
				case 5:
					p.List(make([]zone.ID, zones))
				case 6:
					if wrong := kernel.Insides(k).Invariants(); wrong != nil {
						t.Error(wrong)
					}
				case 7:
					if err == nil && random.IntN(4) == 0 {
						if z := kernel.Insides(k).Peek(id); z != nil && z.Status() == zone.StatusReady {
							p.Shutdown(id)
							p.Destroy(id)
						}
					}
				}
			}
		})
	}
	work.Wait()
	for i := range zones {
		id, err := p.Lookup(fmt.Sprintf("z%d", i))
		if err != nil {
			continue
		}
		work.Go(func() {
			if err := errors.Join(p.Shutdown(id), p.Destroy(id)); err != nil {
				t.Errorf("zone %d: %v", id, err)
			}
		})
	}
	work.Wait()
	s := kernel.Insides(k).Inspect()
	if len(s.Zones) != 1 || len(s.Deathrow) != 0 || len(s.Procs) != 1 {
		t.Errorf("left: %d zones, %d dead ones, %d processes", len(s.Zones), len(s.Deathrow), len(s.Procs))
	}
	if wrong := kernel.Insides(k).Invariants(); wrong != nil {
		t.Error(wrong)
	}
}

// TestModel holds sequences of calls against a model of zones that is small
// enough to be seen to be right.
func TestModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k, err := kernel.New(kernel.Config{MaxZones: 4})
		if err != nil {
			t.Fatal(err)
		}
		defer kernel.Insides(k).Abandon()
		p := k.Global()
		type model struct {
			name   string
			status zone.Status
			links  []zone.LinkID
		}
		zones := map[zone.ID]*model{}
		pick := func(t *rapid.T) zone.ID { return zone.ID(rapid.IntRange(1, 6).Draw(t, "id")) }
		same := func(t *rapid.T, err error, want errno.Errno) {
			if zone.ErrnoOf(err) != want {
				t.Fatalf("got %v, want %v", err, want)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"create": func(t *rapid.T) {
				i := rapid.IntRange(1, 5).Draw(t, "zone")
				id, err := p.Create(def(i))
				want := errno.Errno(0)
				if len(zones) == 3 {
					want = errno.ENOMEM
				}
				for _, z := range zones {
					if z.name == fmt.Sprintf("z%d", i) {
						want = errno.EBUSY
						if z.status == zone.StatusReady || z.status == zone.StatusRunning {
							want = errno.EEXIST
						}
					}
				}
				same(t, err, want)
				if err == nil {
					zones[id] = &model{name: fmt.Sprintf("z%d", i), status: zone.StatusReady}
				}
			},
			"boot": func(t *rapid.T) {
				id := pick(t)
				err := p.Boot(id)
				if z := zones[id]; z != nil && z.status == zone.StatusReady {
					same(t, err, 0)
					z.status = zone.StatusRunning
				} else {
					same(t, err, errno.EINVAL)
				}
			},
			"halt a ready zone": func(t *rapid.T) {
				id := pick(t)
				z := zones[id]
				if z != nil && z.status == zone.StatusRunning {
					t.Skip("takes a second")
				}
				err := p.Shutdown(id)
				if z == nil {
					same(t, err, errno.EINVAL)
					return
				}
				same(t, err, 0)
				z.status = zone.StatusDown
			},
			"destroy": func(t *rapid.T) {
				id := pick(t)
				err := p.Destroy(id)
				switch z := zones[id]; {
				case z == nil:
					same(t, err, errno.EINVAL)
				case z.status < zone.StatusDown:
					same(t, err, errno.EBUSY)
				default:
					same(t, err, 0)
					delete(zones, id)
				}
			},
			"add link": func(t *rapid.T) {
				id, link := pick(t), zone.LinkID(rapid.IntRange(1, 4).Draw(t, "link"))
				err := p.AddDatalink(id, link)
				want := errno.Errno(0)
				if zones[id] == nil {
					want = errno.ENXIO
				} else {
					for other, z := range zones {
						if slices.Contains(z.links, link) {
							want = errno.EPERM
							if other == id {
								want = errno.EEXIST
							}
						}
					}
				}
				same(t, err, want)
				if want == 0 {
					zones[id].links = slices.Insert(zones[id].links, 0, link)
				}
			},
			"": func(t *rapid.T) {
				for id, z := range zones {
					if kernel.Insides(k).Peek(id).Status() != z.status {
						t.Fatalf("zone %d is %v, want %v", id, kernel.Insides(k).Peek(id).Status(), z.status)
					}
					links := make([]zone.LinkID, 8)
					n, err := p.ListDatalinks(id, links)
					if err != nil || !slices.Equal(links[:n], z.links) {
						t.Fatalf("zone %d has links %v, want %v (%v)", id, links[:n], z.links, err)
					}
				}
				if n, _ := p.List(nil); n != len(zones)+1 {
					t.Fatalf("%d zones, want %d", n, len(zones)+1)
				}
				if wrong := kernel.Insides(k).Invariants(); wrong != nil {
					t.Fatal(wrong)
				}
			},
		})
	})
}
