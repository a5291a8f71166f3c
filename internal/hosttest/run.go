package hosttest

import (
	"encoding/binary"
	"io"
	"os"
	"syscall"
	"testing"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// Run tests a host against the contract; processes says whether its zones have processes.
// open returns a new host, which Run closes.
func Run(t *testing.T, processes bool, open func(t *testing.T) *Machine) {
	for _, test := range []struct {
		name     string
		programs bool // only for hosts that run processes
		test     func(*testing.T, *Machine)
	}{
		{"Capabilities", false, capabilities},
		{"Resolve", false, resolve},
		{"Destroy", false, destroy},
		{"CreateFails", true, createFails},
		{"UnknownZone", true, unknownZone},
		{"Mount", false, mount},
		{"Limits", false, limits},
		{"Links", false, links},
		{"NoDaemon", false, noDaemon},
		{"Init", false, initProgram},
		{"Programs", true, programs},
		{"ExitsInOrder", true, exitsInOrder},
		{"KillAll", true, killAll},
		{"Close", false, closes},
	} {
		if test.programs && !processes {
			continue
		}
		t.Run(test.name, func(t *testing.T) {
			m := open(t)
			if (m.Programs != nil) != processes {
				t.Fatal("the machine has programs if its host runs processes")
			}
			m.Host.Notify(m.exits.add)
			t.Cleanup(func() {
				if err := m.Host.Close(); err != nil {
					t.Error(err)
				}
			})
			test.test(t, m)
		})
	}
}

func capabilities(t *testing.T, m *Machine) {
	if m.Host.Name() == "" || len(m.Host.Capabilities()) == 0 {
		t.Error("the host doesn't say what it is")
	}
	for _, c := range m.Host.Capabilities() {
		if c.Class != host.Enforced && c.Missing == "" {
			t.Errorf("%s is only %s, and nothing says why", c.Concept, c.Class)
		}
	}
}

func resolve(t *testing.T, m *Machine) {
	root := m.Root(t, "resolved")
	if got, err := m.Host.Resolve(root + "/./"); got != root || err != nil {
		t.Errorf("%s is %s, %v", root, got, err)
	}
	_, err := m.Host.Resolve("")
	is(t, "no path", err, errno.ENOENT)
}

// destroy: a zone can be destroyed again, and so can one that never existed; its key
// can be reused.
func destroy(t *testing.T, m *Machine) {
	spec := m.spec(t, "again")
	for range 2 {
		if _, err := m.Host.CreateZone(spec); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := m.Host.DestroyZone(spec.Key); err != nil {
				t.Error(err)
			}
		}
	}
}

// createFails: a zone that can't be created leaves nothing behind.
func createFails(t *testing.T, m *Machine) {
	spec := m.spec(t, "broken")
	root := spec.Root
	spec.Root += "/none"
	_, err := m.Host.CreateZone(spec)
	is(t, "a missing root", err, errno.ENOENT)
	if e := zone.AsError(err).Root(); e.Op == "" || e.Name != spec.Root {
		t.Errorf("%v doesn't name the call and the path", err)
	}
	is(t, "a program in it", m.Host.KillAll(spec.Key), errno.ESRCH)
	spec.Root = root
	if _, err := m.Host.CreateZone(spec); err != nil {
		t.Error(err)
	}
	if err := m.Host.DestroyZone(spec.Key); err != nil {
		t.Error(err)
	}
}

func unknownZone(t *testing.T, m *Machine) {
	h, none := m.Host, host.ZoneKey{ID: 99, UniqID: 99}
	_, started := h.StartInit(none, &host.Init{Path: "/bin/sh", Args: []string{"sh"}})
	_, ran := h.Start(none, &zone.Cmd{Path: "/bin/sh"})
	_, mounted := h.Mount(none, []host.Mount{Tmp})
	_, counted := h.Processes(none)
	_, _, used := h.CPUTime(none)
	for what, err := range map[string]error{
		"StartInit": started, "Start": ran, "Mount": mounted, "Processes": counted, "CPUTime": used,
		"Unmount":    h.Unmount(none, "/tmp", true),
		"KillAll":    h.KillAll(none),
		"SetRctl":    h.SetRctl(none, "zone.max-lwps", 5),
		"SetAttr":    h.SetAttr(none, zone.AttrPhysMcap, make([]byte, 8)),
		"SetAddress": h.SetAddress(none, "lo", "127.0.0.1/8", true),
	} {
		is(t, what, err, errno.ESRCH)
	}
}

// mount: a list stops at the first failure, and returns how many mounts succeeded
// before it.
func mount(t *testing.T, m *Machine) {
	key := m.create(t, "mounts")
	done, err := m.Host.Mount(key, []host.Mount{Tmp, m.Broken, {Point: "/other", FSType: "tmpfs"}})
	if done != 1 || zone.ErrnoOf(err) == 0 {
		t.Errorf("%d were mounted: %v", done, err)
	}
	if done, err := m.Host.Mount(key, nil); done != 0 || err != nil {
		t.Errorf("an empty list: %d, %v", done, err)
	}
	if err := m.Host.Unmount(key, Tmp.Point, false); err != nil {
		t.Error(err)
	}
	is(t, "unmounting again", m.Host.Unmount(key, Tmp.Point, false), errno.EINVAL)
}

func limits(t *testing.T, m *Machine) {
	key := m.create(t, "limits")
	for _, limit := range []uint64{50, host.NoLimit} {
		for _, name := range []string{"zone.max-lwps", "zone.cpu-cap", "zone.max-msg-ids"} {
			if err := m.Host.SetRctl(key, name, limit); err != nil {
				t.Errorf("%s %d: %v", name, limit, err)
			}
		}
	}
	if err := m.Host.SetAttr(key, zone.AttrPhysMcap, binary.LittleEndian.AppendUint64(nil, 1<<30)); err != nil {
		t.Error(err)
	}
	if _, err := m.Host.Processes(key); err != nil {
		t.Error(err)
	}
	if _, _, err := m.Host.CPUTime(key); err != nil {
		t.Error(err)
	}
}

func links(t *testing.T, m *Machine) {
	const none = "zones-none0"
	_, err := m.Host.LinkByName(none)
	is(t, "a link that doesn't exist", err, errno.ENXIO)
	_, err = m.Host.LinkName(4711)
	is(t, "an id of no link", err, errno.ENXIO)
	key := m.create(t, "links")
	is(t, "an address on it", m.Host.SetAddress(key, none, "192.0.2.1/24", true), errno.ENXIO)
	is(t, "moving it", m.Host.MoveLink(4711, host.ZoneKey{}, key), errno.ENXIO)
	if m.Link == "" {
		return
	}
	id, err := m.Host.LinkByName(m.Link)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := m.Host.LinkByName(m.Link); again != id || err != nil {
		t.Errorf("the id of %s is %d, then %d, %v", m.Link, id, again, err)
	}
	if name, err := m.Host.LinkName(id); name != m.Link || err != nil {
		t.Errorf("link %d is %s, %v", id, name, err)
	}
	for _, add := range []bool{true, false} {
		if err := m.Host.SetAddress(key, m.Link, "192.0.2.1/32", add); err != nil {
			t.Error(err)
		}
	}
}

func noDaemon(t *testing.T, m *Machine) {
	_, err := m.Host.OpenDaemon("/none/zoneadmd_door")
	is(t, "a daemon that isn't there", err, errno.ENOENT)
}

// initProgram: init is in the zone; processes outside are in the global zone.
func initProgram(t *testing.T, m *Machine) {
	if key, err := m.Host.ZoneOf(int32(os.Getpid())); key != (host.ZoneKey{}) || err != nil {
		t.Errorf("this process is in %+v, %v", key, err)
	}
	key := m.create(t, "inits")
	pid, err := m.Host.StartInit(key, &host.Init{Path: "/bin/sh", Args: []string{"sh", "-c", "sleep 1000; true"}})
	if err != nil {
		t.Fatal(err)
	}
	if m.Programs == nil {
		if pid != 0 {
			t.Errorf("init has number %d", pid)
		}
		return
	}
	if of, err := m.Host.ZoneOf(pid); of != key || err != nil {
		t.Errorf("init %d is in %+v, %v", pid, of, err)
	}
	other := m.create(t, "noinit")
	_, err = m.Host.StartInit(other, &host.Init{Path: "/sbin/none", Args: []string{"none"}})
	is(t, "a missing init", err, errno.ENOENT)
	if e := zone.AsError(err).Root(); e.Op == "" || e.Name != "/sbin/none" {
		t.Errorf("%v doesn't name the call and the path", err)
	}
	if err := m.Host.DestroyZone(key); err != nil {
		t.Fatal(err)
	}
	if of, err := m.Host.ZoneOf(pid); of != (host.ZoneKey{}) || err != nil {
		t.Errorf("init of a zone that was destroyed is in %+v, %v", of, err)
	}
}

// programs: a program gets its files and directory, and its status is reported to its
// waiter and to the kernel.
func programs(t *testing.T, m *Machine) {
	key := m.create(t, "programs")
	for _, test := range []struct {
		command, out string
		want         zone.ExitStatus
	}{
		{"pwd; exit 7", "/tmp\n", zone.ExitStatus{Code: 7}},
		{"kill -9 $$", "", zone.ExitStatus{Signal: 9}},
	} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		p, err := m.Host.Start(key, &zone.Cmd{Path: "/bin/sh", Args: []string{"sh", "-c", test.command}, Dir: "/tmp", Stdout: w})
		w.Close()
		if err != nil {
			t.Fatal(err)
		}
		out, _ := io.ReadAll(r)
		status, err := p.Wait()
		if string(out) != test.out || status != test.want || err != nil {
			t.Errorf("%s: %q, %+v, %v", test.command, out, status, err)
		}
		exits := m.await(t, key, last(int32(p.Pid())))
		for _, e := range exits {
			if e.Pid == int32(p.Pid()) && e.Status != test.want {
				t.Errorf("%s: the host reports %+v", test.command, e)
			}
		}
		is(t, "a signal after the exit", p.Signal(syscall.SIGTERM), errno.ESRCH)
	}
}

// exitsInOrder: however short a program runs, its exit is reported once, and the zone
// is reported empty only after the last exit.
func exitsInOrder(t *testing.T, m *Machine) {
	key := m.create(t, "short")
	const n = 50
	pids := map[int32]int{}
	var final int32
	for range n {
		p, err := m.Host.Start(key, &zone.Cmd{Path: "/bin/sh", Args: []string{"sh", "-c", "exit 0"}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Wait(); err != nil {
			t.Fatal(err)
		}
		final = int32(p.Pid())
		pids[final]++
	}
	told := map[int32]int{}
	for _, e := range m.await(t, key, last(final)) {
		if e.Pid != 0 {
			told[e.Pid]++
		}
	}
	for pid, times := range pids {
		if told[pid] != times {
			t.Errorf("%d exits of process %d were reported, not %d", told[pid], pid, times)
		}
	}
}

// killAll: everything but zsched is killed; processes started later are not.
func killAll(t *testing.T, m *Machine) {
	key := m.create(t, "killed")
	for range 2 {
		p, err := m.Host.Start(key, &zone.Cmd{Path: "/bin/sh", Args: []string{"sh", "-c", "sleep 1000 & sleep 1000; true"}})
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Host.KillAll(key); err != nil {
			t.Fatal(err)
		}
		if status, err := p.Wait(); status.Signal != int(syscall.SIGKILL) || err != nil {
			t.Errorf("%+v, %v", status, err)
		}
		m.await(t, key, last(int32(p.Pid())))
	}
}

// closes: Close destroys what is left. Run then closes the host a second time.
func closes(t *testing.T, m *Machine) {
	spec := m.spec(t, "left")
	pid, err := m.Host.CreateZone(spec)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Host.Close(); err != nil {
		t.Error(err)
	}
	if pid == 0 {
		return
	}
	zsched, err := os.FindProcess(int(pid))
	if err == nil {
		err = zsched.Signal(syscall.Signal(0))
	}
	if err == nil {
		t.Errorf("zsched %d still runs", pid)
	}
}
