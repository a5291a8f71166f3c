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

	"github.com/gozones/zones/internal/testenv"
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

// TestCrash stops a process at every system call of every kind of change and looks
// whether the configuration is the old one or the new one: that is what is left if the
// process is killed there. At one call it is killed. A process of its own traces, because
// waiting for traced threads would take other tests' children.
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
	testenv.Need(t, testenv.Long, testenv.NoRace("a traced program starts slowly with the race detector; make check-zonecfg runs it"))
	program, err := os.Executable()
	ok(t, err)
	c := exec.Command(program, "-test.run=^TestCrash$", "-test.v")
	c.Env = append(os.Environ(), "ZONECFG_CRASH=trace", "TMPDIR="+testenv.MemoryDir(t))
	out, err := c.CombinedOutput()
	if err != nil && strings.Contains(string(out), "operation not permitted") {
		testenv.Need(t, testenv.Ptrace(errors.New("it may not trace its child")))
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

// crash checks a change at each of its system calls.
func crash(t *testing.T, name string, before, change func(s *Store) error) {
	prepare := func() *Store {
		s := Open(t.TempDir(), "/run")
		ok(t, s.Create(&Zone{Name: "web", Zonepath: s.Root() + "/z/web", Brand: "sparse"}, false))
		ok(t, s.Create(&Zone{Name: "other", Zonepath: s.Root() + "/z/other"}, false))
		if before != nil {
			ok(t, before(s))
		}
		return s
	}
	s := prepare()
	old := view(t, s)
	var calls, left []string // the number of each call, and a copy of what there was before it
	keep := func(s *Store, call string) {
		copied := t.TempDir()
		ok(t, os.CopyFS(copied, os.DirFS(s.Root())))
		calls, left = append(calls, call), append(left, copied)
	}
	ok(t, trace(name, s.Root(), func(call string) bool {
		keep(s, call)
		return true
	}))
	new := view(t, s)
	if old == new || len(calls) < 20 {
		t.Fatalf("after %d system calls of its change the zone is\n%s", len(calls), new)
	}
	sawOld, sawNew := 0, 0
	for k, root := range left {
		where := fmt.Sprintf("killed at system call %d (number %s)", k+1, calls[k])
		now := check(t, where, Open(root, "/run"), change, old, new)
		if now == old {
			sawOld++
		} else {
			sawNew++
		}
	}
	t.Logf("%d system calls: %d times the old, %d times the new", len(calls), sawOld, sawNew)
	if sawOld == 0 || sawNew == 0 {
		t.Errorf("%d times the old, %d times the new", sawOld, sawNew)
	}

	// The same change is killed in the middle: the copy is what is left.
	middle, k := len(calls)/2, 0
	s = prepare()
	ok(t, trace(name, s.Root(), func(call string) bool {
		if k++; k == middle {
			keep(s, call)
		}
		return k < middle
	}))
	copied := view(t, Open(left[len(left)-1], "/run"))
	if killed := check(t, "killed in the middle", Open(s.Root(), "/run"), change, old, new); killed != copied {
		t.Errorf("killed in the middle the configuration is\n%s\nand not that of the copy:\n%s", killed, copied)
	}
}

// check checks what is left of a change, that the next change cleans up, and that the
// same one can be made again. It returns the configuration as it was found.
func check(t *testing.T, where string, s *Store, change func(s *Store) error, old, new string) string {
	t.Helper()
	now := view(t, s)
	if now != old && now != new {
		t.Fatalf("%s the configuration is\n%s\nneither the old\n%s\nnor the new\n%s", where, now, old, new)
	}
	if _, err := os.Stat(s.indexPath()); err == nil {
		ok(t, s.Remove("nobody"))
		if again := view(t, s); again != now {
			t.Fatalf("%s: the next change made it\n%s\nof\n%s", where, again, now)
		}
		left, err := os.ReadDir(s.dir())
		ok(t, err)
		for _, e := range left {
			if e.Name() != "index" && (strings.HasPrefix(e.Name(), ".") || filepath.Ext(e.Name()) != ".xml") {
				t.Fatalf("%s: %s is left", where, e.Name())
			}
		}
	}
	if now == old {
		ok(t, change(s))
	}
	if again := view(t, s); again != new {
		t.Fatalf("%s: done again it is\n%s\nwant\n%s", where, again, new)
	}
	return now
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

// trace has another process make the change, and calls at before each of its system
// calls; false kills the process there.
func trace(name, root string, at func(call string) bool) error {
	runtime.LockOSThread() // a tracer is a thread
	defer runtime.UnlockOSThread()
	program, err := os.Executable()
	if err != nil {
		return err
	}
	c := exec.Command(program, "-test.run=^TestCrash$")
	c.Env = append(os.Environ(), "ZONECFG_CRASH="+name, "ZONECFG_ROOT="+root, "GOMAXPROCS=1", "GOGC=off", "GODEBUG=asyncpreemptoff=1")
	c.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
	if err := c.Start(); err != nil {
		return err
	}
	defer c.Process.Release()
	pid := c.Process.Pid
	var status unix.WaitStatus
	if _, err := unix.Wait4(pid, &status, 0, nil); err != nil {
		return err
	}
	err = unix.PtraceSetOptions(pid, unix.PTRACE_O_TRACECLONE|unix.PTRACE_O_TRACESYSGOOD|unix.PTRACE_O_EXITKILL)
	if err != nil {
		return err
	}
	inside := map[int]bool{} // threads that are in a system call
	counting := false
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
			return err
		}
		switch {
		case (status.Exited() || status.Signaled()) && tid == pid:
			if status.Signaled() || status.ExitStatus() != 0 {
				return fmt.Errorf("the change ended with %#x", status)
			}
			return nil
		case status.Exited(), status.Signaled():
		case !status.Stopped():
		case status.StopSignal() == unix.SIGTRAP|0x80:
			inside[tid] = !inside[tid]
			if inside[tid] && counting {
				text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/syscall", tid))
				if call, _, _ := strings.Cut(string(text), " "); !at(call) {
					return end(pid)
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
