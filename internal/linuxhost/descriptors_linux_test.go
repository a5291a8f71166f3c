package linuxhost

import (
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/zone"
)

// descriptorsOf lists what the descriptors of a process refer to.
func descriptorsOf(t *testing.T, pid int) (files []string) {
	t.Helper()
	dir := fmt.Sprintf("/proc/%d/fd/", pid)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if to, err := os.Readlink(dir + e.Name()); err == nil { // not that of ReadDir
			files = append(files, to)
		}
	}
	return files
}

// TestDescriptors: neither the kernel process nor a zone's zsched keeps a descriptor of
// anything that succeeded or failed in a zone.
func TestDescriptors(t *testing.T) {
	m := newMachine(t)
	m.h.sandboxes.Most = 1 // more of them would be descriptors, too
	source := t.TempDir()
	m.write(source+"/file", "")
	work := func(id zone.ID, key host.ZoneKey) {
		t.Helper()
		bad := func(what string, err error) {
			t.Helper()
			if err == nil {
				t.Errorf("%s: no error", what)
			}
		}
		if out, _ := m.run(id, "echo x"); out != "x\n" {
			t.Errorf("a program says %q", out)
		}
		p, err := m.h.Start(key, &zone.Cmd{Path: "/bin/sh", Args: []string{"sh", "-c", "exit 0"}, Pty: true})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Wait(); err != nil {
			t.Error(err)
		}
		p.Pty().Close()
		_, err = m.h.Start(key, &zone.Cmd{Path: "/none", Pty: true})
		bad("no program", err)
		file, err := os.Open(source + "/file")
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		_, err = m.h.Start(key, &zone.Cmd{Path: "/none", Stdin: file, Stdout: file, Stderr: file})
		bad("no program with files", err)
		good := []host.Mount{{Point: "/tmp/a/b", Resource: source, FSType: "lofs", MakePoint: true}, {Point: "/root", FSType: "tmpfs"}}
		if _, err := m.h.Mount(key, append(good, host.Mount{Point: "/none", Resource: source, FSType: "lofs"})); err == nil {
			t.Error("mounted on nothing")
		}
		for _, on := range good {
			if err := m.h.Unmount(key, on.Point, false); err != nil {
				t.Error(err)
			}
		}
		_, err = m.h.Mount(key, []host.Mount{good[0], {Point: "/tmp", Resource: source + "/none", FSType: "lofs"}})
		bad("nothing to mount", err)
		if err := m.h.Unmount(key, good[0].Point, false); err != nil {
			t.Error(err)
		}
		for _, point := range []string{"/etc/init/x", "/usr/zones-none/x"} {
			_, err = m.h.Mount(key, []host.Mount{{Point: point, Resource: source, FSType: "lofs", MakePoint: true}})
			bad(point, err)
		}
		bad("nothing to unmount", m.h.Unmount(key, "/etc", true))
		for _, root := range []string{m.dir + "/none", source + "/file", source} {
			_, err = m.h.CreateZone(&host.Spec{Key: host.ZoneKey{ID: 9, UniqID: 99}, Name: "broken", Root: root})
			bad("a zone in "+root, err)
		}
	}
	life := func() (files []string) {
		t.Helper()
		id, _ := m.booted("descriptors")
		key := m.key(id)
		z, err := m.h.zone(key)
		if err != nil {
			t.Fatal(err)
		}
		work(id, key)
		before := descriptorsOf(t, z.sandbox.pid)
		work(id, key)
		if after := descriptorsOf(t, z.sandbox.pid); len(after) > len(before) {
			t.Errorf("zsched has %d descriptors, then %d: %q, then %q", len(before), len(after), before, after)
		}
		m.halt(id)
		m.waiting()
		return descriptorsOf(t, os.Getpid())
	}
	before := life()
	after := life()
	// The socket of a zsched that has exited is closed by the goroutine that reads its end.
	for deadline := time.Now().Add(10 * time.Second); len(after) > len(before) && time.Now().Before(deadline); {
		runtime.Gosched()
		after = descriptorsOf(t, os.Getpid())
	}
	if len(after) > len(before) {
		t.Errorf("the kernel process has %d descriptors, then %d: %q, then %q", len(before), len(after), before, after)
	}
}

// TestFewDescriptors: a zone that can't be made because one more descriptor is needed, the
// first, the second and so on, leaves nothing behind.
func TestFewDescriptors(t *testing.T) {
	m := newMachine(t)
	root := makeRoot(t, m.dir+"/few")
	m.waiting()
	m.h.sandboxes.Close() // so that each zone needs a sandbox of its own
	key := host.ZoneKey{ID: 9, UniqID: 99}
	create := func() error {
		_, err := m.h.CreateZone(&host.Spec{Key: key, Name: "few", Root: root, Nodename: "few"})
		return err
	}
	destroy := func() {
		t.Helper()
		if err := m.h.DestroyZone(key); err != nil {
			t.Fatal(err)
		}
	}
	if err := create(); err != nil {
		t.Fatal(err)
	}
	destroy()
	before := descriptorsOf(t, os.Getpid())
	var usual unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &usual); err != nil {
		t.Fatal(err)
	}
	limit := func(n uint64) {
		t.Helper()
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: n, Max: usual.Max}); err != nil {
			t.Fatal(err)
		}
	}
	defer limit(usual.Cur)
	failures := 0
	for more := range 100 {
		limit(uint64(len(before) + more))
		err := create()
		limit(usual.Cur)
		if err == nil {
			destroy()
			break
		}
		failures++
		if after := descriptorsOf(t, os.Getpid()); len(after) > len(before) {
			t.Fatalf("after %v: %d descriptors, then %d: %q, then %q", err, len(before), len(after), before, after)
		}
		m.leftovers("few")
	}
	if failures < 5 || failures == 100 {
		t.Errorf("%d times too few", failures)
	}
}
