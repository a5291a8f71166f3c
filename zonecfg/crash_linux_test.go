package zonecfg

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/sys/zone"
)

// crashes are the changes that are killed at every one of their system calls.
var crashes = []struct {
	name   string
	before func(s *Store) error // makes what is there before
	change func(s *Store) error
}{
	{"first", func(s *Store) error { return os.RemoveAll(s.root + "/etc") }, func(s *Store) error { return s.Create(crashZone(s, "new", "/z/new"), false) }},
	{"create", nil, func(s *Store) error { return s.Create(crashZone(s, "new", "/z/new"), false) }},
	{"save", nil, func(s *Store) error { return s.Save(crashZone(s, "web", "/z/web")) }},
	{"move", nil, func(s *Store) error { return s.Save(crashZone(s, "web", "/z/moved")) }},
	{"rename", nil, func(s *Store) error { return s.Rename("web", crashZone(s, "www", "/z/www")) }},
	{"delete", nil, func(s *Store) error { return s.Delete("web", false) }},
	{"overwrite", nil, func(s *Store) error { return s.Create(crashZone(s, "web", "/z/over"), true) }},
	{"anew", func(s *Store) error { return s.SetState("web", Incomplete) }, func(s *Store) error { return s.Create(crashZone(s, "web", "/z/web"), true) }},
	{"state", nil, func(s *Store) error { return s.SetState("web", Installed) }},
}

func crashZone(s *Store, name, path string) *Zone {
	return &Zone{Name: name, Zonepath: s.Root() + path, Brand: "sparse", BootArgs: "changed", Device: []Device{{"/dev/" + name}}}
}

// TestCrash kills a process at every system call of every kind of change and looks
// whether the configuration is the old one or the new one. A process of its own
// traces, because waiting for traced threads would take other tests' children.
func TestCrash(t *testing.T) {
	switch change := os.Getenv("ZONECFG_CRASH"); {
	case change == "trace":
		for _, c := range crashes {
			t.Run(c.name, func(t *testing.T) { crash(t, c.name, c.before, c.change) })
		}
		return
	case change != "":
		victim(t, change)
		return
	}
	t.Parallel()
	if raced {
		t.Skip("make check-zonecfg runs it: a traced program starts slowly with the race detector")
	}
	program, err := os.Executable()
	ok(t, err)
	c := exec.Command(program, "-test.run=^TestCrash$", "-test.v")
	c.Env = append(os.Environ(), "ZONECFG_CRASH=trace", "TMPDIR="+t.TempDir())
	out, err := c.CombinedOutput()
	if err != nil && strings.Contains(string(out), "operation not permitted") {
		t.Skip("this system doesn't let a process trace its child")
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}

// victim makes a change and tells its tracer where that begins and ends.
func victim(t *testing.T, name string) {
	s := Open(os.Getenv("ZONECFG_ROOT"), "/run")
	for _, c := range crashes {
		if c.name != name {
			continue
		}
		runtime.LockOSThread()
		ok(t, mark())
		err := c.change(s)
		ok(t, mark())
		ok(t, err)
	}
}

// mark stops the process in its tracer, which doesn't deliver the signal.
func mark() error { return unix.Tgkill(unix.Getpid(), unix.Gettid(), unix.SIGUSR2) }

// crash kills the change at its first system call, then at its second, until it
// comes through.
func crash(t *testing.T, name string, before, change func(s *Store) error) {
	var old, new string
	sawOld, sawNew := 0, 0
	for k := 1; ; k++ {
		s := Open(t.TempDir(), "/run")
		ok(t, s.Create(&Zone{Name: "web", Zonepath: s.Root() + "/z/web", Brand: "sparse"}, false))
		ok(t, s.Create(&Zone{Name: "other", Zonepath: s.Root() + "/z/other"}, false))
		if before != nil {
			ok(t, before(s))
		}
		if k == 1 {
			old = view(t, s)
		}
		call, finished, err := killAt(name, s.Root(), k)
		ok(t, err)
		now := view(t, Open(s.Root(), "/run"))
		if finished {
			new = now
			if old == new || k < 20 {
				t.Fatalf("after %d system calls of its change the zone is\n%s", k-1, now)
			}
			t.Logf("%d system calls: %d times the old, %d times the new", k-1, sawOld, sawNew)
			break
		}
		if new == "" {
			n := Open(t.TempDir(), "/run")
			ok(t, n.Create(&Zone{Name: "web", Zonepath: n.Root() + "/z/web", Brand: "sparse"}, false))
			ok(t, n.Create(&Zone{Name: "other", Zonepath: n.Root() + "/z/other"}, false))
			if before != nil {
				ok(t, before(n))
			}
			ok(t, change(n))
			new = view(t, n)
		}
		switch now {
		case old:
			sawOld++
		case new:
			sawNew++
		default:
			t.Fatalf("killed at system call %d (number %s) the configuration is\n%s\nneither the old\n%s\nnor the new\n%s", k, call, now, old, new)
		}
		// The next one cleans up, and doesn't change what there is.
		if _, err := os.Stat(s.indexPath()); err == nil {
			ok(t, s.Remove("nobody"))
			if again := view(t, s); again != now {
				t.Fatalf("killed at system call %d (number %s): the next change made it\n%s\nof\n%s", k, call, again, now)
			}
			left, err := os.ReadDir(s.folder())
			ok(t, err)
			for _, e := range left {
				if e.Name() != "index" && (strings.HasPrefix(e.Name(), ".") || filepath.Ext(e.Name()) != ".xml") {
					t.Fatalf("killed at system call %d (number %s): %s is left", k, call, e.Name())
				}
			}
		}
		if now == old {
			ok(t, change(s))
		}
		if again := view(t, s); again != new {
			t.Fatalf("killed at system call %d (number %s): done again it is\n%s\nwant\n%s", k, call, again, new)
		}
	}
	if sawOld == 0 || sawNew == 0 {
		t.Errorf("%d times the old, %d times the new", sawOld, sawNew)
	}
}

// view returns all that a store says of its zones.
func view(t *testing.T, s *Store) string {
	t.Helper()
	var out strings.Builder
	entries, err := s.Entries()
	ok(t, err)
	for _, e := range entries {
		if e.Name == zone.GlobalName {
			continue // comes with the index and is no zone of it
		}
		fmt.Fprintln(&out, e.Name, e.State, e.Zonepath)
	}
	for _, name := range []string{"new", "other", "web", "www"} {
		z, err := s.Load(name)
		if errors.Is(err, ErrNoZone) {
			continue
		}
		ok(t, err)
		out.WriteString(strings.ReplaceAll(string(z.XML(ForBrand)), s.Root(), ""))
	}
	return out.String()
}

// killAt has another process make the change and kills it when it enters its k-th
// system call; finished tells that it made fewer.
func killAt(name, root string, k int) (call string, finished bool, err error) {
	runtime.LockOSThread() // a tracer is a thread
	defer runtime.UnlockOSThread()
	program, err := os.Executable()
	if err != nil {
		return "", false, err
	}
	c := exec.Command(program, "-test.run=^TestCrash$")
	c.Env = append(os.Environ(), "ZONECFG_CRASH="+name, "ZONECFG_ROOT="+root, "GOMAXPROCS=1", "GOGC=off", "GODEBUG=asyncpreemptoff=1")
	c.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
	if err := c.Start(); err != nil {
		return "", false, err
	}
	defer c.Process.Release()
	pid := c.Process.Pid
	var status unix.WaitStatus
	if _, err := unix.Wait4(pid, &status, 0, nil); err != nil {
		return "", false, err
	}
	err = unix.PtraceSetOptions(pid, unix.PTRACE_O_TRACECLONE|unix.PTRACE_O_TRACESYSGOOD|unix.PTRACE_O_EXITKILL)
	if err != nil {
		return "", false, err
	}
	inside := map[int]bool{} // threads that are in a system call
	counting, count := false, 0
	resume := func(tid, signal int) {
		// A thread may be gone meanwhile.
		if counting {
			unix.PtraceSyscall(tid, signal)
		} else {
			unix.PtraceCont(tid, signal)
		}
	}
	resume(pid, 0)
	for {
		tid, err := unix.Wait4(-1, &status, unix.WALL, nil)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return "", false, err
		}
		switch {
		case (status.Exited() || status.Signaled()) && tid == pid:
			if status.Signaled() || status.ExitStatus() != 0 {
				return "", false, fmt.Errorf("the change ended with %#x", status)
			}
			return "", true, nil
		case status.Exited(), status.Signaled():
		case !status.Stopped():
		case status.StopSignal() == unix.SIGTRAP|0x80:
			inside[tid] = !inside[tid]
			if inside[tid] && counting {
				if count++; count == k {
					text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/syscall", tid))
					call, _, _ = strings.Cut(string(text), " ")
					return call, false, end(pid)
				}
			}
			resume(tid, 0)
		case status.StopSignal() == unix.SIGUSR2:
			counting = !counting
			inside[tid] = false
			resume(tid, 0)
		case status.StopSignal() == unix.SIGTRAP, status.StopSignal() == unix.SIGSTOP:
			resume(tid, 0)
		default:
			resume(tid, int(status.StopSignal()))
		}
	}
}

// end kills a traced process and waits until it is gone.
func end(pid int) error {
	if err := unix.Kill(pid, unix.SIGKILL); err != nil {
		return err
	}
	for {
		var status unix.WaitStatus
		tid, err := unix.Wait4(-1, &status, unix.WALL, nil)
		if err == unix.ECHILD {
			return nil
		}
		if err != nil && err != unix.EINTR {
			return err
		}
		if tid == pid && (status.Exited() || status.Signaled()) {
			return nil
		}
	}
}
