package scripts

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/testenv"
)

// changing are the system calls by which a verb changes files.
const changing = "mkdirat,unlinkat,renameat,renameat2,symlinkat,linkat,fchmodat,fchownat,fsync,ftruncate,copy_file_range,sendfile"

// state is the state of a zone as zoneadm lists it, "none" if there is no such zone.
func (h *home) state(zone string) string {
	h.Helper()
	out, err := h.command("sh", "-c", "exec zoneadm-go -z "+zone+" list -p").Output()
	if err != nil {
		return "none"
	}
	return strings.Split(string(out), ":")[2]
}

// TestKilledAtEachStep kills a verb at its first call that changes a file, at its second, and
// so on with growing distances: a later verb repairs what it has left.
func TestKilledAtEachStep(t *testing.T) {
	t.Parallel()
	needZones(t)
	testenv.Need(t, testenv.Tool("strace"))
	traced := exec.Command("strace", "-f", "-o", os.DevNull, "true").Run()
	testenv.Need(t, testenv.Ptrace(traced))
	for _, test := range []struct {
		verb, before string // commands that set up
		states       string // that the zone may be left in
		repair       string // commands that must work then, the verb among them
	}{
		{"-z db install", "", "configured incomplete installed", "zoneadm-go -z db uninstall -F || [ $STATE = configured ]; zoneadm-go -z db install"},
		{"-z db clone web", "", "configured incomplete installed", "zoneadm-go -z db uninstall -F || [ $STATE = configured ]; zoneadm-go -z db clone web"},
		{"-z db uninstall -F", "zoneadm-go -z db install", "configured incomplete installed", "[ $STATE = configured ] || zoneadm-go -z db uninstall -F; zoneadm-go -z db install"},
		{"-z db detach", "zoneadm-go -z db install", "configured installed", "[ $STATE = configured ] || zoneadm-go -z db detach; zoneadm-go -z db attach"},
		{"-z db attach", "zoneadm-go -z db install; zoneadm-go -z db detach", "configured installed", "[ $STATE = installed ] || zoneadm-go -z db attach"},
		{"-z db move /zones/moved", "zoneadm-go -z db install", "installed", ""},
	} {
		t.Run(test.verb, func(t *testing.T) {
			t.Parallel()
			h := newHome(t, nil)
			h.shell("zoneadm-go host") // starts the kernel process, which isn't meant
			for n, killed := 1, true; killed; n += 1 + n {
				h.shell("zonecfg-go -z db 'create -t web; set zonepath=/zones/db'; " + test.before)
				script := fmt.Sprintf("exec strace -f -qq -o /dev/null -e trace=%s -e inject=%s:signal=KILL:when=%d zoneadm-go %s", changing, changing, n, test.verb)
				command := h.command("sh", "-c", script)
				out, err := command.CombinedOutput()
				var exit *exec.ExitError
				if killed = errors.As(err, &exit); err != nil && (!killed || exit.Sys().(syscall.WaitStatus).Signal() != unix.SIGKILL) {
					t.Fatalf("call %d: %v: %s", n, err, out)
				}
				state := h.state("db")
				if killed && !strings.Contains(test.states, state) {
					t.Errorf("killed at call %d: the zone is %s", n, state)
				}
				repair := test.repair
				if strings.Contains(test.verb, "move") {
					repair = moved
				}
				if out, err := h.command("sh", "-ec", "STATE="+state+"\n"+repair).CombinedOutput(); err != nil {
					t.Fatalf("killed at call %d, in state %s: %s: %v: %s", n, state, repair, err, out)
				}
				h.shell("zoneadm-go -z db boot; zoneadm-go -z db halt; zoneadm-go -z db uninstall -F; zonecfg-go -z db delete -F; rm -rf $TOP/m/zones/db $TOP/m/zones/moved")
			}
		})
	}
}

// moved boots a zone whose move was killed: where it was, or where the move, again, says that
// it is.
const moved = `zoneadm-go -z db boot || { zoneadm-go -z db move /zones/moved; zoneadm-go -z db boot; }; zoneadm-go -z db halt`

// TestFullDisk: verbs on files say that the disk is full and leave what a later verb repairs.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	needZones(t)
	testenv.Need(t, testenv.Root) // for file systems with little space
	h := newHome(t, nil)
	at := filepath.Join(h.machine, "zones/small")
	if err := os.Mkdir(at, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("small", at, "tmpfs", 0, "nr_inodes=40,mode=755"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Unmount(at, unix.MNT_DETACH) })
	resize := func(inodes int) {
		t.Helper()
		if err := unix.Mount("small", at, "tmpfs", unix.MS_REMOUNT, fmt.Sprintf("nr_inodes=%d", inodes)); err != nil {
			t.Fatal(err)
		}
	}
	const plenty = 100_000
	h.shell("zonecfg-go -z db 'create -t web; set zonepath=/zones/small/db'")
	fails := func(verb, state string) {
		t.Helper()
		out, err := h.command("sh", "-c", "exec zoneadm-go -z db "+verb).CombinedOutput()
		if err == nil || !bytes.Contains(bytes.ToLower(out), []byte("no space left on device")) {
			t.Errorf("%s: %v: %s", verb, err, out)
		}
		if got := h.state("db"); got != state {
			t.Errorf("%s: the zone is %s, want %s", verb, got, state)
		}
	}
	fails("install", "configured")
	if left, err := os.ReadDir(at); err != nil || len(left) != 0 {
		t.Errorf("install leaves %v, %v", left, err)
	}
	fails("clone web", "incomplete")
	h.shell("zoneadm-go -z db uninstall -F")
	resize(plenty)
	h.shell("zoneadm-go -z db install")
	// No room for a manifest.
	resize(fill(t, at))
	fails("detach", "installed")
	resize(plenty)
	h.shell("zoneadm-go -z db boot; zoneadm-go -z db halt; zoneadm-go -z db detach; zoneadm-go -z db attach; zoneadm-go -z db uninstall -F")
	// A zone that doesn't fit where it is moved to stays where it is.
	resize(40)
	h.shell("zonecfg-go -z big 'create -t web; set zonepath=/zones/big'; zoneadm-go -z big install")
	if out := h.shell("zoneadm-go -z big move --dry-run /zones/small/big"); !strings.Contains(out, "/zones/small/big, and then remove it: they are on different file systems\n") {
		t.Errorf("a dry run of move: %s", out)
	}
	if out, err := h.command("sh", "-c", "exec zoneadm-go -z big move /zones/small/big").CombinedOutput(); err == nil || !bytes.Contains(bytes.ToLower(out), []byte("no space left on device")) {
		t.Errorf("move: %v: %s", err, out)
	}
	h.shell("zoneadm-go -z big boot; zoneadm-go -z big halt")
	if left, err := os.ReadDir(at); err != nil || len(left) != 0 {
		t.Errorf("move leaves %v, %v", left, err)
	}
}

// fill returns how many inodes a file system uses.
func fill(t *testing.T, at string) int {
	t.Helper()
	var s unix.Statfs_t
	if err := unix.Statfs(at, &s); err != nil {
		t.Fatal(err)
	}
	return int(s.Files - s.Ffree)
}

// TestTwoTerminals: of the same verb in two processes at once one does it, and the other says
// that it is done.
func TestTwoTerminals(t *testing.T) {
	t.Parallel()
	needZones(t)
	h := newHome(t, nil)
	h.shell("zonecfg-go -z db 'create -t web; set zonepath=/zones/db'")
	for _, test := range []struct{ verb, state, late string }{
		{"install", "installed", "is already installed|isn't empty|is incomplete"},
		{"boot", "running", "zone is already booted"},
		{"halt", "installed", "zone is already halted"},
		{"detach", "configured", "must be installed before detach"},
		{"attach", "installed", "is already installed|is incomplete"},
		{"uninstall -F", "configured", "is already in state 'configured'"},
	} {
		type result struct {
			out string
			err error
		}
		both := make(chan result, 2)
		for range 2 {
			go func() {
				out, err := h.command("sh", "-c", "exec zoneadm-go -z db "+test.verb).CombinedOutput()
				both <- result{string(out), err}
			}()
		}
		done := 0
		for range 2 {
			r := <-both
			late := false
			for text := range strings.SplitSeq(test.late, "|") {
				late = late || strings.Contains(r.out, text)
			}
			switch {
			case r.err == nil && !late:
				done++
			case !late:
				t.Errorf("%s: %v: %s", test.verb, r.err, r.out)
			}
		}
		if state := h.state("db"); done != 1 || state != test.state {
			t.Errorf("%s: %d of 2 did it; the zone is %s", test.verb, done, state)
		}
	}
}

// TestStaleDoor: the door and the lock of processes that were killed don't keep a zone from
// booting.
func TestStaleDoor(t *testing.T) {
	t.Parallel()
	needZones(t)
	h := newHome(t, nil)
	h.shell(`zoneadm-go -z web boot
pid=$(sed -n 's/^//p' $ZONES_RUN/kernel.pid)
kill -KILL $pid
while kill -0 $pid 2>/dev/null; do :; done`)
	if _, err := os.Lstat(filepath.Join(h.runDir, "web.zoneadm.lock")); err != nil {
		t.Errorf("the lock: %v", err)
	}
	door, err := unix.Socket(unix.AF_UNIX, unix.SOCK_SEQPACKET, 0)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(h.runDir, "web.zoneadmd_door")
	_ = os.Remove(path)
	err = unix.Bind(door, &unix.SockaddrUnix{Name: path})
	unix.Close(door) // nobody listens there
	if err != nil {
		t.Fatal(err)
	}
	h.shell("zoneadm-go -z web boot; zlogin-go web true; zoneadm-go -z web halt")
	if state := h.state("web"); state != "installed" {
		t.Errorf("the zone is %s", state)
	}
}
