package zone

import (
	"errors"
	"testing"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/internal/testenv/faults"
	"github.com/gozones/zones/sys/errno"
)

// TestFaults: each call that fails is the error of the method that made it.
func TestFaults(t *testing.T) {
	testenv.Need(t, testenv.Embedded)
	faults.Need(t)
	var sys Native
	id, err := sys.Create(&Def{Name: "faults", Root: "/zones/faults/root", Flags: CreateNetExcl})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(sys.Shutdown(id), sys.Destroy(id)); err != nil {
			t.Error(err)
		}
	}()
	create := func() error {
		id, err := sys.Create(&Def{Name: "x", Root: "/zones/x/root"})
		if err == nil {
			err = errors.Join(sys.Shutdown(id), sys.Destroy(id))
		}
		return err
	}
	for name, do := range map[string]func() error{
		"getattr":       func() error { _, err := sys.Getattr(id, AttrName, make([]byte, 64)); return err },
		"setattr":       func() error { return sys.Setattr(id, AttrInitName, rawText("/x")) },
		"list":          func() error { _, err := sys.List(nil); return err },
		"lookup":        func() error { _, err := sys.Lookup("faults"); return err },
		"version":       func() error { _, err := sys.Version(); return err },
		"add a link":    func() error { return sys.AddDatalink(id, 9) },
		"check a link":  func() error { _, err := sys.CheckDatalink(AllZones, 9); return err },
		"links":         func() error { _, err := sys.ListDatalinks(id, nil); return err },
		"remove a link": func() error { return sys.RemoveDatalink(id, 9) },
	} {
		_ = sys.AddDatalink(id, 9)
		if name == "add a link" {
			_ = sys.RemoveDatalink(id, 9)
		}
		t.Run(name, func(t *testing.T) { faults.Fault{}.Noticed(t, do) })
	}
	for name, do := range map[string]func() error{
		"create":   create,
		"boot":     func() error { return sys.Boot(id) },
		"shutdown": func() error { return sys.Shutdown(id) },
		"destroy":  func() error { return sys.Destroy(id) },
		"enter":    func() error { return sys.Enter(id) },
	} {
		for _, function := range []string{"sigprocmask", "syscall"} {
			failed, err := faults.Fault{Of: []string{function}}.Do(t, do)
			if failed != function || ErrnoOf(err) != faults.Usual {
				t.Errorf("%s with a failure of %s: %v", name, failed, err)
			}
		}
	}
	// What the kernel's structure is like, it is asked once.
	defer func(done, long bool) { probed.done, probed.long = done, long }(probed.done, probed.long)
	for _, function := range []string{"mmap", "mprotect"} {
		probed.done = false
		failed, err := faults.Fault{Of: []string{function}}.Do(t, create)
		if failed != function || ErrnoOf(err) != faults.Usual {
			t.Errorf("create with a failure of %s: %v", failed, err)
		}
	}
	if err := create(); err != nil || !probed.done {
		t.Errorf("asked: %v, %v", probed.done, err)
	}
	if failed, err := (faults.Fault{Of: []string{"mprotect"}}).Do(t, create); failed != "" || err != nil {
		t.Errorf("asked again: %v", err)
	}
	// An attribute is asked for again after an interruption.
	if failed, err := (faults.Fault{Errno: errno.EINTR}).Do(t, func() error { _, err := NameOf(sys, id); return err }); failed != "syscall" || err != nil {
		t.Errorf("after an interruption: %s, %v", failed, err)
	}
}

// changing is a kernel with one zone, which has another status whenever it is asked for.
type changing struct {
	Native
	statuses []Status
}

func (c *changing) Getattr(id ID, attr Attr, buf []byte) (int, error) {
	if len(c.statuses) == 0 {
		return 0, errno.ENOENT
	}
	status := c.statuses[0]
	c.statuses = c.statuses[1:]
	return copy(buf, raw32(uint32(status))), nil
}

// TestAwaitBoot waits as long as a zone boots.
func TestAwaitBoot(t *testing.T) {
	for _, c := range []struct {
		name     string
		statuses []Status
		want     errno.Errno
	}{
		{"boots", []Status{StatusBooting, StatusBooting, StatusRunning}, 0},
		{"halts", []Status{StatusBooting, StatusShuttingDown}, errno.EINTR},
		{"is gone", []Status{StatusBooting}, errno.ENOENT},
	} {
		t.Run(c.name, func(t *testing.T) {
			sys := &changing{statuses: c.statuses}
			if err := awaitBoot(sys, 1); ErrnoOf(err) != c.want || len(sys.statuses) > 0 {
				t.Errorf("%v, not %v; %v are left", err, c.want, sys.statuses)
			}
		})
	}
}
