package kernel_test

import (
	"errors"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/zone"
)

// broken is a host on which the calls named by a test fail.
type broken struct {
	*machine
	mu     sync.Mutex // guards errs
	errs   map[string]error
	killed chan struct{} // readable after KillAll was called
}

func (b *broken) breakCall(name string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.errs == nil {
		b.errs = map[string]error{}
	}
	b.errs[name] = err
}

func (b *broken) err(call string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.errs[call]
}

func (b *broken) Resolve(path string) (string, error) {
	return strings.TrimSuffix(path, "/"), b.err("resolve")
}

func (b *broken) CreateZone(s *host.Spec) (int32, error) {
	if err := b.err("create"); err != nil {
		return 0, err
	}
	return b.machine.CreateZone(s)
}

func (b *broken) StartInit(key host.ZoneKey, i *host.Init) (int32, error) {
	if err := b.err("init"); err != nil {
		return 0, err
	}
	return b.machine.StartInit(key, i)
}

func (b *broken) Start(key host.ZoneKey, cmd *zone.Cmd) (zone.Process, error) {
	if err := b.err("start"); err != nil {
		return nil, err
	}
	return b.machine.Start(key, cmd)
}

func (b *broken) KillAll(host.ZoneKey) error {
	select {
	case b.killed <- struct{}{}:
	default:
	}
	return b.err("kill")
}

func (b *broken) Mount(host.ZoneKey, []host.Mount) (int, error)          { return 0, b.err("mount") }
func (b *broken) Unmount(host.ZoneKey, string, bool) error               { return b.err("unmount") }
func (b *broken) SetAddress(host.ZoneKey, string, string, bool) error    { return b.err("address") }
func (b *broken) MoveLink(zone.LinkID, host.ZoneKey, host.ZoneKey) error { return b.err("link") }
func (b *broken) SetAttr(host.ZoneKey, zone.Attr, []byte) error          { return b.err("attr") }
func (b *broken) SetRctl(host.ZoneKey, string, uint64) error             { return b.err("rctl") }
func (b *broken) DestroyZone(host.ZoneKey) error                         { return b.err("destroy") }
func (b *broken) LinkByName(string) (zone.LinkID, error)                 { return 0, b.err("link by name") }

// readyZone returns a kernel on such a host with a ready zone, and a function that
// returns the lines of its log.
func readyZone(t *testing.T) (k *kernel.Kernel, b *broken, id zone.ID, log func() string) {
	t.Helper()
	b = &broken{machine: newMachine(), killed: make(chan struct{}, 1)}
	var (
		mu    sync.Mutex
		lines []string
	)
	k, err := kernel.New(kernel.Config{Host: b, Log: func(line string) {
		mu.Lock()
		defer mu.Unlock()
		lines = append(lines, line)
	}})
	if err != nil {
		t.Fatal(err)
	}
	id, err = k.Global().Create(&zone.Def{Name: "web", Root: "/z/web", Flags: zone.CreateNetExcl})
	if err != nil {
		t.Fatal(err)
	}
	return k, b, id, func() string {
		mu.Lock()
		defer mu.Unlock()
		return strings.Join(lines, "\n")
	}
}

// TestHostErrors: a Go caller gets the host's error and its number; a program that
// makes the system call gets the number.
func TestHostErrors(t *testing.T) {
	const path = "/zones/web/root/dev/null"
	cause := &fs.PathError{Op: "openat2", Path: path, Err: errno.ELOOP}
	for _, test := range []struct {
		name, call string
		do         func(l *kernel.Local, id zone.ID) error
		want       string
	}{
		{"no root", "resolve", func(l *kernel.Local, id zone.ID) error {
			_, err := l.Create(&zone.Def{Name: "db", Root: "/z/db"})
			return err
		}, "zone_create db: "},
		{"no zsched", "create", func(l *kernel.Local, id zone.ID) error {
			_, err := l.Create(&zone.Def{Name: "db", Root: "/z/db"})
			return err
		}, "zone_create db: "},
		{"no init", "init", func(l *kernel.Local, id zone.ID) error { return l.Boot(id) }, "zone_boot 1: "},
		{"no program", "start", func(l *kernel.Local, id zone.ID) error {
			_, err := l.Start(id, &zone.Cmd{Path: "/bin/sh"})
			return err
		}, "exec /bin/sh in zone 1: "},
		{"mount", "mount", func(l *kernel.Local, id zone.ID) error {
			_, err := l.MountAll(id, []zone.Mount{{Special: "/a", Point: "/b", FSType: "lofs"}})
			return err
		}, "mount /b: "},
		{"unmount", "unmount", func(l *kernel.Local, id zone.ID) error { return l.Unmount(id, "/b", false) }, "umount /b: "},
		{"address", "address", func(l *kernel.Local, id zone.ID) error { return l.SetAddress(id, "net0", "10.0.0.1/8", true) }, "set address net0: "},
		{"give a link", "link", func(l *kernel.Local, id zone.ID) error { return l.AddDatalink(id, 7) }, "zone_add_datalink 1: "},
		{"attribute", "attr", func(l *kernel.Local, id zone.ID) error { return zone.SetPhysMcap(l, id, 1<<30) }, "zone_setattr 1: "},
		{"link by name", "link by name", func(l *kernel.Local, id zone.ID) error {
			_, err := l.LinkByName("net0")
			return err
		}, "link_by_name net0: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k, b, id, _ := readyZone(t)
				defer func() { kernel.Insides(k).Abandon(); synctest.Wait() }()
				b.breakCall(test.call, cause)
				err := test.do(k.Global().Local(), id)
				var e *zone.Error
				if !errors.As(err, &e) || e.Errno != errno.ELOOP || !errors.Is(err, errno.ELOOP) {
					t.Fatalf("%#v", err)
				}
				if got, want := err.Error(), test.want+"openat2 "+path+": "+errno.ELOOP.Error()+" (ELOOP)"; got != want {
					t.Errorf("the error is %q\nwant %q", got, want)
				}
				if root := e.Root(); root.Op != "openat2" || root.Name != path {
					t.Errorf("its cause is %+v", root)
				}
			})
		})
	}
}

// TestHostErrorNumbers: the same failures as numbers, for a program.
func TestHostErrorNumbers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, b, id, _ := readyZone(t)
		defer func() { kernel.Insides(k).Abandon(); synctest.Wait() }()
		words := errors.New("no words for it") // an error without a number is EIO
		for _, call := range []string{"link", "attr", "init"} {
			b.breakCall(call, words)
		}
		p := k.Global()
		mem := make(page, 64)
		for _, call := range []struct {
			sub  zone.Subcode
			args [4]uint64
		}{
			{zone.SubAddDatalink, [4]uint64{uint64(id), 7}},
			{zone.SubSetattr, [4]uint64{uint64(id), uint64(zone.AttrPhysMcap), pageBase, 8}},
			{zone.SubBoot, [4]uint64{uint64(id)}},
		} {
			if n, e := p.Syscall(call.sub, call.args, mem); n != -1 || e != errno.EIO {
				t.Errorf("subcode %d: %d, %v", call.sub, n, e)
			}
		}
		// A link that can't be taken back remains the zone's.
		b.breakCall("link", nil)
		if err := p.AddDatalink(id, 7); err != nil {
			t.Fatal(err)
		}
		b.breakCall("link", words)
		if err := p.RemoveDatalink(id, 7); !errors.Is(err, errno.EIO) || !strings.Contains(err.Error(), words.Error()) {
			t.Errorf("a link that can't be moved back: %v", err)
		}
		if owner, err := p.CheckDatalink(zone.AllZones, 7); owner != id || err != nil {
			t.Errorf("it is owned by %d, %v", owner, err)
		}
	})
}

// TestHostErrorsLogged: failures that no call can return are logged.
func TestHostErrorsLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, b, id, log := readyZone(t)
		defer func() { kernel.Insides(k).Abandon(); synctest.Wait() }()
		p := k.Global()
		expect := func(line string) {
			t.Helper()
			synctest.Wait()
			if !strings.Contains(log(), line) {
				t.Errorf("the log has no %q:\n%s", line, log())
			}
		}
		for call, err := range map[string]error{
			"rctl": errors.New("pids.max: read-only"), "kill": errors.New("cgroup.kill: gone"), "destroy": errors.New("umount: busy"),
		} {
			b.breakCall(call, err)
		}
		if err := p.Rctls().RctlInsert(int32(id), "zone.max-lwps", rctl.Limited(100, rctl.Deny)); err != nil {
			t.Fatal(err)
		}
		expect("WARNING: zone web: zone.max-lwps is not enforced: pids.max: read-only")
		if err := p.Boot(id); err != nil {
			t.Fatal(err)
		}
		down := make(chan error, 1)
		go func() { down <- p.Shutdown(id) }()
		<-b.killed
		expect("WARNING: processes of zone web could not be killed: cgroup.kill: gone")
		b.notify(host.Exit{Key: host.ZoneKey{ID: id, UniqID: 2}, Pid: initPid(t, k, id), Last: true})
		if err := errors.Join(<-down, p.Destroy(id)); err != nil {
			t.Fatal(err)
		}
		expect("WARNING: zone web could not be taken down completely: umount: busy")
	})
}
