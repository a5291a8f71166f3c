package machine

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/internal/testenv/faults"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/pty"
	"github.com/gozones/zones/sys/zone"
)

// usual is the fault of most tests.
var usual faults.Fault

// is reports whether an error is that of the call that failed. What a child says is only the
// number.
func is(err error) bool { return usual.Is(err) || zone.ErrnoOf(err) == faults.Usual }

// TestChildFaults: each call that fails between zone_enter and exec is told, with the step.
func TestChildFaults(t *testing.T) {
	testenv.Need(t, testenv.Root)
	faults.Need(t)
	needContracts(t)
	k := new(kernel)
	manager, name, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer manager.Close()
	terminal, err := pty.OpenTerminal(name)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	steps := map[string]string{
		"read": "request", "setpgid": "setsid", "setsid": "setsid", "open": "standard files", "dup2": "standard files", "ioctl": "standard files",
		"chdir": "chdir", "setgroups": "setgroups", "setgid": "setgid", "setuid": "setuid", "execve": "exec",
	}
	for _, c := range []struct {
		name  string
		cmd   zone.Cmd
		calls []string // that are tried, and each told at least once
		other int      // how many calls of those may fail
	}{
		{"no files", zone.Cmd{}, []string{"setpgid", "chdir", "setgroups", "setgid", "setuid", "execve", "dup2"}, 1}, // enter's, above
		{"reading and opening", zone.Cmd{}, []string{"read", "open"}, 4},                                             // what the child has open, and what Go reads when it starts
		{"a terminal of its own", zone.Cmd{Pty: true, Like: terminal}, []string{"setsid", "dup2", "ioctl"}, 3},       // the anchors of the standard files
		{"opening a terminal", zone.Cmd{Pty: true}, []string{"open"}, 4},
		{"the caller's terminal", zone.Cmd{Stdin: terminal, Controlling: true}, []string{"setsid", "ioctl"}, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			var told []string
			for n := 1; ; n++ {
				variable, failed := faults.Fault{Call: n, Of: c.calls}.Child(t)
				key, value, _ := strings.Cut(variable, "=")
				t.Setenv(key, value)
				cmd := c.cmd
				cmd.Path, cmd.Args, cmd.Dir = "/bin/sh", []string{"sh", "-c", "exit 0"}, "/"
				p, err := k.Start(zone.GlobalID, &cmd)
				if err == nil {
					if p.Pty() != nil {
						p.Pty().Close()
					}
					p.Wait()
				}
				function := failed()
				if function == "" {
					if err != nil {
						t.Errorf("no call failed: %v", err)
					}
					break
				}
				var known *zone.Error
				if errors.As(err, &known) && known.Op == steps[function] && is(err) {
					told = append(told, function)
				} else if c.other--; c.other < 0 {
					t.Errorf("call %d, %s, failed: %v", n, function, err)
				}
			}
			for _, function := range c.calls {
				if !slices.Contains(told, function) {
					t.Errorf("of a failure of %s it wasn't told; of %v it was", function, told)
				}
			}
		})
	}
}

// TestStartFaults: each call that fails before the program runs is the error of Start, which
// leaves nothing open.
func TestStartFaults(t *testing.T) {
	testenv.Need(t, testenv.Root)
	faults.Need(t)
	needContracts(t)
	k := new(kernel)
	manager, name, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer manager.Close()
	terminal, err := pty.OpenTerminal(name)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	// Not read: os.StartProcess would wait for a child that waits for its request.
	calls := []string{"open", "pipe2", "ioctl", "forkx", "write", "grantpt", "unlockpt", "ptsname"}
	for _, c := range []struct {
		name  string
		cmd   zone.Cmd
		other int // how many calls may fail
	}{
		{"no files", zone.Cmd{}, 0}, {"a terminal", zone.Cmd{Pty: true, Like: terminal}, 1}, // which may have no size
	} {
		t.Run(c.name, func(t *testing.T) {
			var before [4]int
			for n := 1; n < 200; n++ {
				var p zone.Process
				failed, err := faults.Fault{Call: n, Of: calls}.Do(t, func() (err error) {
					cmd := c.cmd
					cmd.Path, cmd.Args, cmd.Dir = "/bin/sh", []string{"sh", "-c", "exit 0"}, "/"
					p, err = k.Start(zone.GlobalID, &cmd)
					return err
				})
				if err == nil {
					if p.Pty() != nil {
						p.Pty().Close()
					}
					p.Wait()
				}
				if failed == "" {
					if err != nil {
						t.Error(err)
					}
					break
				}
				// A child without a request says so.
				if failed == "ioctl" && err == nil && c.other > 0 {
					c.other--
				} else if !is(err) && (err == nil || failed != "write") {
					t.Errorf("call %d, %s, failed: %v", n, failed, err)
				}
				if n == 1 {
					before = next(t)
				} else if after := next(t); after != before {
					t.Errorf("call %d, %s, failed, and descriptors %v are next, were %v", n, failed, after, before)
					before = after
				}
			}
		})
	}
}

// TestKernelFaults: each call that fails is the error of the method that made it.
func TestKernelFaults(t *testing.T) {
	testenv.Need(t, testenv.Embedded)
	faults.Need(t)
	k, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	native := k.(*kernel)
	id, own := newZone(t, native, "faults", 0), newZone(t, native, "faultsown", zone.CreateNetExcl)
	for name, do := range map[string]func() error{
		"kstats":      func() error { _, err := k.Kstats(); return err },
		"connections": func() error { return native.AbortConnections(id) },
		"network":     func() error { return native.RemoveNetwork(id) },
		"no network":  func() error { return native.RemoveNetwork(own) },
		"loading":     func() error { return native.LoadLinks(id) },
		"unprotect":   func() error { return native.Unprotect(own) },
		"pool":        func() error { return native.PoolLinks(own, "") },
		"unpool":      func() error { return native.UnpoolLinks(own, "") },
	} {
		t.Run(name, func(t *testing.T) { faults.Fault{}.Noticed(t, do) })
	}
	for name, do := range map[string]func() error{
		"open": func() error {
			k, err := Open()
			if err == nil {
				k.Close()
			}
			return err
		},
		"give": func() error { return native.GiveLink(own, "none0") },
		"pool": func() error { return native.BindOwnPool(id, zone.Processors{}) },
	} {
		if failed, err := (faults.Fault{Of: []string{"syscall"}}).Do(t, do); failed == "" || !is(err) {
			t.Errorf("%s with a failure of %s: %v", name, failed, err)
		}
	}
	if failed, err := (faults.Fault{Of: []string{"uname"}}).Do(t, func() error { _, err := k.Report(); return err }); failed == "" || !is(err) {
		t.Errorf("a report without the system's name: %v", err)
	}
}

// TestWatchFaults: who may not use the channel polls; other failures are errors.
func TestWatchFaults(t *testing.T) {
	testenv.Need(t, testenv.Embedded)
	faults.Need(t)
	k := new(kernel)
	watch := func() error { _, err := k.Watch(t.Context()); return err }
	for n := 1; ; n++ {
		failed, err := faults.Fault{Of: []string{"syscall", "sysevent_evc_bind", "sysevent_evc_subscribe"}, Call: n}.Do(t, watch)
		if failed == "" {
			break
		}
		if !is(err) {
			t.Errorf("call %d, %s, failed: %v", n, failed, err)
		}
	}
	for _, e := range []errno.Errno{errno.EPERM, errno.EACCES, errno.ENOENT, errno.ENXIO} {
		f := faults.Fault{Of: []string{"sysevent_evc_bind"}, Errno: e}
		if failed, err := f.Do(t, watch); failed == "" || err != nil {
			t.Errorf("without a channel, %v: %v", e, err)
		}
		f = faults.Fault{Of: []string{"sysevent_evc_bind"}, Errno: e}
		f.Do(t, func() error {
			r, err := k.Report()
			if err != nil || r.Capabilities[len(r.Capabilities)-1].Mechanism != "polling" {
				t.Errorf("without a channel, it reports %+v, %v", r, err)
			}
			return nil
		})
	}
}

// TestMountFaults: a mount that fails is an error, and /dev isn't left without its devices.
func TestMountFaults(t *testing.T) {
	testenv.Need(t, testenv.Embedded)
	faults.Need(t)
	needContracts(t)
	k := new(kernel)
	root := t.TempDir()
	id, err := k.Create(&zone.Def{Name: "mountfaults", Root: root, Privs: priv.Basic().With("sys_mount")})
	if errors.Is(err, errno.EPERM) {
		testenv.Need(t, testenv.Given("a process that may make zones", err))
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(k.Shutdown(id), k.Destroy(id)); err != nil {
			t.Error(err)
		}
	}()
	mountedIn := func() string { text, _ := os.ReadFile("/etc/mnttab"); return string(text) }
	for _, m := range []zone.Mount{
		{Special: "/dev", Point: "/dev", FSType: "dev", MakePoint: true, Devices: []zone.Device{{Match: "null"}}},
		{Special: root, Point: "/lofs", FSType: "lofs", MakePoint: true},
	} {
		calls := faults.Fault{Of: []string{"mount", "syscall"}}
		calls.Each(t, func() error {
			_, err := k.MountAll(id, []zone.Mount{m})
			if err == nil {
				err = k.Unmount(id, m.Point, false)
			}
			return err
		}, func(failed string, err error) {
			if !is(err) {
				t.Errorf("%s of %s failed: %v", failed, m.Point, err)
			}
			if strings.Contains(mountedIn(), root+m.Point+"\t") && k.Unmount(id, m.Point, false) != nil {
				t.Errorf("%s failed, and %s is mounted", failed, m.Point)
			}
		})
	}
}
