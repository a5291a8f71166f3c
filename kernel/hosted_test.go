package kernel_test

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/zone"
)

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
		// Init exits and is restarted.
		was := initPid(t, k, id)
		m.notify(host.Exit{Key: key, Pid: was})
		synctest.Wait()
		if now := initPid(t, k, id); now == was || status(t, k, id) != zone.StatusRunning {
			t.Errorf("init is %d after %d ended, zone %v", now, was, status(t, k, id))
		}
		// One program is reparented to zsched, and then exits.
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
			t.Errorf("the host was asked %d times to destroy the zone", m.destroy)
		}
		m.notify(host.Exit{Key: key, Pid: 99}) // of a zone that no longer exists: it is ignored
		if _, err := p.Start(id, &zone.Cmd{Path: "/bin/true"}); !errors.Is(err, errno.EINVAL) {
			t.Errorf("start in a zone that no longer exists: %v", err)
		}
	})
}

// TestEarlyLast: a zone can be shut down whose only program has exited, leaving it
// empty, before the program's start is reported.
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
			t.Errorf("the zone waits, %v, for a process whose exit was reported", status(t, k, id))
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
			t.Errorf("the host received %d attributes, want 5", got)
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

// TestInitEnds: if init isn't restarted its exit halts the zone, even while other
// processes run in it.
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

// TestExec: a process that has entered a zone becomes a program there, and no longer
// exists itself.
func TestExec(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, m, id, key := hosted(t)
		defer func() { kernel.Insides(k).Abandon(); synctest.Wait() }()
		all := kernel.ProcSpec{Effective: priv.Full(), Permitted: priv.Full()}
		p := k.AddProc(all)
		if _, err := p.Exec(&zone.Cmd{Path: "/bin/sh"}); !errors.Is(err, errno.ENOENT) {
			t.Errorf("exec in the global zone: %v", err)
		}
		if err := p.Enter(id); err != nil {
			t.Fatal(err)
		}
		m.setFail(errno.EACCES)
		if _, err := p.Exec(&zone.Cmd{Path: "/bin/sh"}); !errors.Is(err, errno.EACCES) || p.Exited() {
			t.Errorf("exec of a program that can't be executed: %v", err)
		}
		m.setFail(nil)
		program, err := p.Exec(&zone.Cmd{Path: "/bin/sh"})
		if err != nil || !p.Exited() {
			t.Fatalf("exec: %v; the process has ended: %v", err, p.Exited())
		}
		if got := k.Proc(int32(program.Pid())); got == nil || got.Zone().ID() != id {
			t.Errorf("the program is process %v", got)
		}

		// Nothing is executed in a zone that is being shut down. A program that was
		// being started meanwhile is killed.
		late := k.AddProc(all)
		if err := late.Enter(id); err != nil {
			t.Fatal(err)
		}
		down := make(chan error, 1)
		go func() { down <- k.Global().Shutdown(id) }()
		synctest.Wait()
		if _, err := late.Exec(&zone.Cmd{Path: "/bin/sh"}); !errors.Is(err, errno.EINVAL) {
			t.Errorf("exec in a zone that shuts down: %v", err)
		}
		m.notify(host.Exit{Key: key, Pid: int32(program.Pid())})
		m.notify(host.Exit{Key: key, Pid: initPid(t, k, id), Last: true})
		if err := <-down; err != nil {
			t.Error(err)
		}
	})
}

// TestStartDuringShutdown: a program that starts while its zone is shut down is
// killed.
func TestStartDuringShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, m, id, _ := hosted(t)
		defer func() { kernel.Insides(k).Abandon(); synctest.Wait() }()
		down := make(chan error, 1)
		m.onStart = func() {
			go func() { down <- k.Global().Shutdown(id) }()
			synctest.Wait()
			m.killed = 0
		}
		if _, err := k.Global().Start(id, &zone.Cmd{Path: "/bin/sh"}); err != nil {
			t.Fatal(err)
		}
		if m.killed != 1 {
			t.Errorf("the zone's processes were killed %d times after the start", m.killed)
		}
	})
}

// TestInitExitsEarly: an init whose exit is reported before its start has returned is
// restarted.
func TestInitExitsEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine()
		k, err := kernel.New(kernel.Config{Host: m})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { kernel.Insides(k).Abandon(); synctest.Wait() }()
		p := k.Global()
		id, err := p.Create(&zone.Def{Name: "web", Root: "/z/web"})
		if err != nil {
			t.Fatal(err)
		}
		m.notify(host.Exit{Key: host.ZoneKey{ID: id, UniqID: 2}, Pid: m.pid + 1})
		if err := p.Boot(id); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got := initPid(t, k, id); got != m.pid || status(t, k, id) != zone.StatusRunning {
			t.Errorf("init is %d, the host started %d last; the zone is %v", got, m.pid, status(t, k, id))
		}
	})
}

// TestClosedKernel: exits that the host reports while it destroys the zones are
// ignored.
func TestClosedKernel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, m, id, key := hosted(t)
		pid := initPid(t, k, id)
		if err := k.Close(); err != nil {
			t.Fatal(err)
		}
		m.notify(host.Exit{Key: key, Pid: pid, Last: true})
		synctest.Wait()
		if s := status(t, k, id); s != zone.StatusRunning {
			t.Errorf("the zone is %v", s)
		}
	})
}

// TestUsageOfHost: the host's counters appear in the statistics after they were read.
func TestUsageOfHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, m, id, _ := hosted(t)
		defer func() { kernel.Insides(k).Abandon(); synctest.Wait() }()
		check := func(when string) {
			t.Helper()
			want := map[string]uint64{"usage": 7, "nsec_user": 11, "nsec_sys": 13}
			for _, ks := range k.Kstats(id) {
				for _, d := range ks.Data {
					if ks.Name != "nprocs_zone_1" && d.Name == "usage" {
						continue
					}
					if value, ok := want[d.Name]; ok && d.Value != value {
						t.Errorf("%s, %s of %s is %v, want %d", when, d.Name, ks.Name, d.Value, value)
					}
				}
			}
		}
		check("first")
		m.setFail(errno.EIO) // then the numbers stay what they were
		check("when the host doesn't know")
	})
}

// TestUadminInside: uadmin(2) of a process in a zone halts the zone, or is refused.
func TestUadminInside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, m, id, key := hosted(t)
		defer func() { kernel.Insides(k).Abandon(); synctest.Wait() }()
		p := k.AddProc(kernel.ProcSpec{Effective: priv.Full(), Permitted: priv.Full()})
		if err := p.Enter(id); err != nil {
			t.Fatal(err)
		}
		const freeze, shutdown, halt = 3, 2, 0
		mem := make(page, 64)
		if _, e := p.SystemCall(kernel.SysUadmin, [6]uint64{freeze}, mem); e != errno.ENOTSUP {
			t.Errorf("freeze: %v", e)
		}
		copy(mem, "-m verbose\x00")
		if n, e := p.SystemCall(kernel.SysUadmin, [6]uint64{shutdown, halt, pageBase}, mem); n != 0 || e != 0 {
			t.Errorf("halt: %d, %v", n, e)
		}
		if !p.Exited() {
			t.Error("the process has survived its zone's halt")
		}
		m.notify(host.Exit{Key: key, Pid: initPid(t, k, id), Last: true})
		if r := <-m.daemon; r.Cmd != int32(zone.CommandHalt) || r.BootArgs != "-m verbose" {
			t.Errorf("zoneadmd was asked %+v", r)
		}
	})
}

// TestExitOfAnother: the host's report of an exit ends only a process that the host runs in that
// zone, not another one that has the pid.
func TestExitOfAnother(t *testing.T) {
	k, m, id, key := hosted(t)
	defer kernel.Insides(k).Abandon()
	entered, outside := k.AddProc(root()), k.AddProc(root())
	if err := entered.Enter(id); err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]*kernel.Proc{"entered the zone": entered, "in the global zone": outside} {
		m.notify(host.Exit{Key: key, Pid: p.Pid()})
		if p.Exited() {
			t.Errorf("a process that %s has ended", name)
		}
	}
	other, err := k.Global().Create(&zone.Def{Name: "db", Root: "/z/db", Privs: priv.Full(), Flags: zone.CreateNetExcl})
	if err == nil {
		err = k.Global().Boot(other)
	}
	if err != nil {
		t.Fatal(err)
	}
	pid := initPid(t, k, other)
	m.notify(host.Exit{Key: key, Pid: pid})
	if got := initPid(t, k, other); got != pid || k.Proc(pid) == nil || status(t, k, other) != zone.StatusRunning {
		t.Errorf("the init of another zone was %d and is %d, the zone is %v", pid, got, status(t, k, other))
	}
}
