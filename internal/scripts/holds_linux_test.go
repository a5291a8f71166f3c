package scripts

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/testenv"
)

// hold is an entry of what holds prints.
type hold struct {
	Kind, Command, What string
	PID, Count          int
}

// held are what holds the zone web, and its state.
func (h *home) held() (state string, list []hold) {
	h.Helper()
	var found struct {
		State string
		Holds []hold
	}
	out, err := h.command("sh", "-c", "exec zoneadm-go -z web holds --json").Output()
	if err != nil {
		h.Fatalf("holds: %v", err)
	}
	if err := json.Unmarshal(out, &found); err != nil {
		h.Fatalf("%v: %s", err, out)
	}
	return found.State, found.Holds
}

// has reports whether a process, 0 for any, holds something by a kind and a part of a text.
func has(list []hold, kind string, pid int, what string) bool {
	return slices.ContainsFunc(list, func(k hold) bool {
		return k.Kind == kind && (pid == 0 || k.PID == pid) && strings.Contains(k.What+" "+k.Command, what)
	})
}

// TestHoldsOutside: a mount and open files below the zone's root directory, made from outside,
// are named with the processes, and nothing is left when they are gone.
func TestHoldsOutside(t *testing.T) {
	t.Parallel()
	needZones(t)
	testenv.Need(t, testenv.Root) // for the mount
	h := newHome(t, nil)
	if state, list := h.held(); state != "installed" || len(list) != 0 {
		t.Errorf("at first: %s, %+v", state, list)
	}
	h.shell("zoneadm-go -z web boot")
	root := filepath.Join(h.machine, "zones/web/root")
	point := filepath.Join(root, "mnt")
	if err := unix.Mount("outside", point, "tmpfs", 0, ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Unmount(point, unix.MNT_DETACH) })
	file := filepath.Join(point, "held")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	// A process with an open file there, and one in a directory of the zone.
	reader := exec.Command("sleep", "infinity")
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	reader.Stdin = in
	inside := exec.Command("sleep", "infinity")
	inside.Dir = filepath.Join(root, "etc")
	for _, c := range []*exec.Cmd{reader, inside} {
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Process.Kill(); _ = c.Wait() }()
	}
	in.Close()
	state, list := h.held()
	for _, want := range []struct {
		kind, what string
		pid        int
	}{
		{"mount", point + " (tmpfs)", 0}, {"file", "open file " + file, reader.Process.Pid}, {"file", "current directory " + inside.Dir, inside.Process.Pid},
		{"process", "runs in the zone", 0}, {"file", "sleep infinity", reader.Process.Pid},
	} {
		if !has(list, want.kind, want.pid, want.what) {
			t.Errorf("no %s of %d, %q, in %+v", want.kind, want.pid, want.what, list)
		}
	}
	if state != "running" {
		t.Errorf("the zone is %s", state)
	}
	for _, k := range list { // the project's own processes aren't in the way
		if k.Kind == "file" && k.PID != reader.Process.Pid && k.PID != inside.Process.Pid || k.Kind == "daemon" {
			t.Errorf("%+v", k)
		}
	}
	out := h.shell("zoneadm-go -z web holds")
	if !strings.Contains(out, "web is running\nKIND ") || !strings.Contains(out, fmt.Sprintf(" %d ", reader.Process.Pid)) {
		t.Errorf("%s", out)
	}
	for _, c := range []*exec.Cmd{reader, inside} {
		_ = c.Process.Kill()
		_ = c.Wait()
	}
	if err := unix.Unmount(point, 0); err != nil {
		t.Fatal(err)
	}
	h.shell("zoneadm-go -z web halt")
	if state, list := h.held(); state != "installed" || has(list, "mount", 0, "") || has(list, "file", 0, "") || has(list, "process", 0, "") {
		t.Errorf("at last: %s, %+v", state, list)
	}
}

// TestHoldsLock: a verb that is under way is named as the owner of the zone's lock. Its hook
// says so by a line and waits.
func TestHoldsLock(t *testing.T) {
	t.Parallel()
	needZones(t)
	testenv.Need(t, testenv.Root) // for the hook
	h := newHome(t, nil)
	arrived, proceed := h.fifo("arrived"), h.fifo("proceed")
	hook := fmt.Sprintf("/bin/sh -c 'echo here &gt;%s; head -c 1 %s &gt;/dev/null; rm -r %%R/root'", arrived.Name(), proceed.Name())
	verb := h.command("unshare", "-m", "--propagation", "private", "sh", "-c", "set -e\n"+
		hookedBrand(map[string]string{"uninstall": hook})+
		`sed -i 's/brand="sparse"/brand="hooked"/' $TOP/m/etc/zones/web.xml; exec zoneadm-go -z web uninstall -F`)
	var out bytes.Buffer
	verb.Stdout, verb.Stderr = &out, &out
	if err := verb.Start(); err != nil {
		t.Fatal(err)
	}
	_ = arrived.SetReadDeadline(time.Now().Add(2 * time.Minute))
	if _, err := arrived.Read(make([]byte, 5)); err != nil {
		t.Errorf("the hook doesn't come: %v", err)
	}
	text, err := os.ReadFile(filepath.Join(h.machine, "etc/zones/web.xml"))
	if err == nil { // this process has no such brand: outside of the mount namespace it is unknown
		err = os.WriteFile(filepath.Join(h.machine, "etc/zones/web.xml"), bytes.Replace(text, []byte("hooked"), []byte("sparse"), 1), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	state, list := h.held()
	if state != "incomplete" || !has(list, "lock", verb.Process.Pid, "uninstall -F") {
		t.Errorf("%s, %+v; the verb has %d", state, list, verb.Process.Pid)
	}
	if _, err := proceed.WriteString("."); err != nil {
		t.Fatal(err)
	}
	if err := verb.Wait(); err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}
	if state, list := h.held(); state != "configured" || has(list, "lock", 0, "") {
		t.Errorf("then %s, %+v", state, list)
	}
}

// A zone that stays in state shutting_down, since a process can't be killed, says which; when
// it can, the halt ends.
// https://github.com/TritonDataCenter/smartos-live/issues/775
func TestSmartosLive775StuckShuttingDown(t *testing.T) {
	t.Parallel()
	needZones(t)
	// A frozen process of the first version of control groups can't be killed.
	group, err := os.MkdirTemp("/sys/fs/cgroup/freezer", "zones-test")
	testenv.Need(t, testenv.Root, testenv.Given("the controller freezer of cgroup v1", err))
	t.Cleanup(func() { _ = os.Remove(group) })
	put := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(group, name), []byte(text), 0); err != nil {
			t.Fatal(err)
		}
	}
	h := newHome(t, nil)
	h.shell("zoneadm-go -z web boot")
	program := h.command("sh", "-c", "exec zlogin-go web sleep infinity")
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	pid := 0
	deadline := time.Now().Add(2 * time.Minute)
	for pid == 0 { // nothing reports when the program runs
		_, list := h.held()
		for _, k := range list {
			if k.Kind == "process" && k.Command == "sleep infinity" {
				pid = k.PID
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("the program doesn't run: %+v", list)
		}
	}
	put("cgroup.procs", strconv.Itoa(pid))
	put("freezer.state", "FROZEN")
	thaw := func() { _ = os.WriteFile(filepath.Join(group, "freezer.state"), []byte("THAWED"), 0) }
	defer thaw()
	halt := h.command("sh", "-c", "exec zoneadm-go -z web halt")
	var out bytes.Buffer
	halt.Stdout, halt.Stderr = &out, &out
	if err := halt.Start(); err != nil {
		t.Fatal(err)
	}
	for state := ""; state != "shutting_down"; {
		var list []hold
		state, list = h.held()
		if state == "shutting_down" && !has(list, "process", pid, "sleep infinity") {
			t.Errorf("%+v", list)
		}
		if time.Now().After(deadline) {
			t.Fatalf("the zone is %s", state)
		}
	}
	thaw()
	if err := halt.Wait(); err != nil {
		t.Errorf("halt: %v: %s", err, out.String())
	}
	_ = program.Wait()
	if state, list := h.held(); state != "installed" {
		t.Errorf("then %s, %+v", state, list)
	}
}

// fifo makes a pipe with a name in the test's directory, open at both ends.
func (h *home) fifo(name string) *os.File {
	h.Helper()
	path := filepath.Join(h.top, name)
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		h.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0) // doesn't wait for the other end
	if err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() { file.Close() })
	return file
}
