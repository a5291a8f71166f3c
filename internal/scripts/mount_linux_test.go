package scripts

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gozones/zones/internal/testenv"
)

// TestMountOfUser: an ordinary user mounts a zone, too, with the files that belong to him.
func TestMountOfUser(t *testing.T) {
	t.Parallel()
	needZones(t)
	h := newHome(t, anotherUser())
	h.shell(`
test "$(zoneadm-go -z web list -p | cut -d: -f3)" = installed
test -z "$(zoneadm-go -z web mount 2>&1)"
test "$(zoneadm-go -z web list -p | cut -d: -f3)" = mounted
test "$(zlogin-go web 'hostname; id -u; echo kept >/a/root/kept; ls -d /usr/bin')" = "web
0
/usr/bin"
if zlogin-go web 'touch /etc/zones-test'; then exit 9; fi
test "$(cat $ZONES_ROOT/zones/web/root/root/kept)" = kept
zoneadm-go -z web unmount
test "$(zoneadm-go -z web list -p | cut -d: -f3)" = installed
test ! -e $ZONES_ROOT/zones/web/lu
zoneadm-go -z web boot
zoneadm-go -z web halt
`)
}

// TestMountKilled: the daemon of a mounted zone is killed, and the next one takes the zone over.
func TestMountKilled(t *testing.T) {
	t.Parallel()
	needZones(t)
	h := newHome(t, nil)
	h.shell("zoneadm-go -z web mount")
	killDaemon(h)
	out, err := h.command("sh", "-ec", `zoneadm-go -z web unmount; test ! -e $ZONES_ROOT/zones/web/lu; zoneadm-go -z web boot; zoneadm-go -z web halt`).CombinedOutput()
	const want = "zone 'web': WARNING: zone is in state 'mounted', but zoneadmd does not appear to be available; restarted zoneadmd to recover.\n"
	if err != nil || string(out) != want {
		t.Errorf("%v: %s", err, out)
	}
}

// killDaemon kills the zone's daemon.
func killDaemon(h *home) {
	h.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		h.Fatal(err)
	}
	for _, file := range files {
		text, _ := os.ReadFile(file)
		line, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline"))
		if !strings.Contains(string(text), "ZONES_RUN="+h.runDir+"\x00") || !strings.Contains(string(line), "zoneadmd-go\x00") {
			continue
		}
		var pid int
		if _, err := fmt.Sscanf(file, "/proc/%d/", &pid); err != nil {
			h.Fatal(err)
		}
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			h.Fatal(err)
		}
		return
	}
	h.Fatal("the zone has no daemon")
}

// TestMountKilledAtEachStep kills the daemon at its first call that changes a file, at its
// second, and so on, while it mounts and unmounts a zone: a later unmount and mount repair that.
func TestMountKilledAtEachStep(t *testing.T) {
	t.Parallel()
	needZones(t)
	testenv.Need(t, testenv.Tool("strace"))
	traced := exec.Command("strace", "-f", "-o", os.DevNull, "true").Run()
	testenv.Need(t, testenv.Ptrace(traced))
	for _, verb := range []string{"mount", "unmount"} {
		t.Run(verb, func(t *testing.T) {
			t.Parallel()
			h := newHome(t, nil)
			h.shell("zoneadm-go host") // starts the kernel process, which isn't meant
			real, err := exec.LookPath(filepath.Join(bin, "zoneadmd-go"))
			if err != nil {
				t.Fatal(err)
			}
			for n, killed := 1, true; killed; n++ {
				if verb == "unmount" {
					h.shell("zoneadm-go -z web mount")
					killDaemon(h)
				}
				mark := filepath.Join(h.top, "whole")
				os.Remove(mark)
				script := fmt.Sprintf(`#!/bin/sh
exec strace -D -f -qq -o /dev/null -e trace=%s -e inject=%s:signal=KILL:when=%d %s "$@"
`, changing, changing, n, real)
				if err := testenv.WriteProgram(filepath.Join(h.top, "daemon"), []byte(script), 0o755); err != nil {
					t.Fatal(err)
				}
				command := h.command("sh", "-c", "zoneadm-go -z web "+verb+" >$TOP/said 2>&1 && touch $TOP/whole")
				command.Env = append(command.Env, "ZONES_ZONEADMD="+filepath.Join(h.top, "daemon"))
				_ = command.Run() // not with a pipe, which the daemon's strace would keep open
				out, _ := os.ReadFile(filepath.Join(h.top, "said"))
				_, err := os.Stat(mark)
				killed = err != nil
				state := h.state("web")
				if state != "installed" && state != "mounted" {
					t.Fatalf("killed at call %d: the zone is %s: %s", n, state, out)
				}
				repaired, err := h.command("sh", "-ec", "STATE="+state+`
[ $STATE = installed ] || zoneadm-go -z web unmount
zoneadm-go -z web mount
zlogin-go web test -e /a/etc/passwd
zoneadm-go -z web unmount
test ! -e $ZONES_ROOT/zones/web/lu
`).CombinedOutput()
				if err != nil {
					t.Fatalf("killed at call %d, in state %s: %v: %s (%s)", n, state, err, repaired, out)
				}
				if n > 100 {
					t.Fatalf("it never succeeds: %s", out)
				}
			}
		})
	}
}
