package scripts

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// anotherUser is an ordinary user that this process can become, nil for itself.
func anotherUser() *syscall.Credential {
	if os.Getuid() != 0 {
		return nil
	}
	return &syscall.Credential{Uid: nobody, Gid: nobody}
}

// TestLimitsOfUser: a limit that the user's kernel process can't enforce is warned of when the
// zone is verified.
func TestLimitsOfUser(t *testing.T) {
	t.Parallel()
	needZones(t)
	h := newHome(t, anotherUser())
	h.configure("", `<rctl name="zone.max-shm-ids"><rctl-value priv="privileged" limit="10" action="deny"/></rctl>`)
	var errs bytes.Buffer
	command := h.command("sh", "-c", "exec zoneadm-go -z web boot")
	command.Stderr = &errs
	if err := command.Run(); err != nil {
		t.Fatalf("%v: %s", err, errs.String())
	}
	const want = "WARNING: zone.max-shm-ids is not enforced on this host: "
	if got := errs.String(); strings.Count(got, want) != 1 {
		t.Errorf("boot prints %q, not once %q", got, want)
	}
}

// TestLoginOfUser: the zone of an ordinary user has no user but root, and a login as another
// says so.
func TestLoginOfUser(t *testing.T) {
	t.Parallel()
	needZones(t)
	h := newHome(t, anotherUser())
	if out, err := h.command("sh", "-c", "exec zoneadm-go -z web boot").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	out, err := h.command("sh", "-c", "exec zlogin-go -l nobody web id").CombinedOutput()
	const want = "setgid 65534: the zone has no such user ID: that of an ordinary user has root only: "
	if err == nil || !strings.HasPrefix(string(out), "zlogin-go: exec failure: Invalid argument\nzlogin-go: cause: ") || !strings.Contains(string(out), want) {
		t.Errorf("%v: %s", err, out)
	}
}

// TestSignalOfUser: a user's kernel process is two processes, and a signal to the one that was
// started ends both, with their zones, in order.
func TestSignalOfUser(t *testing.T) {
	t.Parallel()
	needZones(t)
	for name, signal := range map[string]syscall.Signal{"TERM": syscall.SIGTERM, "INT": syscall.SIGINT} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t, anotherUser())
			if err := os.MkdirAll(h.runDir, 0o700); err != nil {
				t.Fatal(err)
			}
			if h.user != nil {
				if err := os.Chown(h.runDir, int(h.user.Uid), int(h.user.Gid)); err != nil {
					t.Fatal(err)
				}
			}
			ready, other, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer ready.Close()
			kernel := h.command("sh", "-c", "exec zones-kernel --idle 0 --ready-fd 3")
			kernel.ExtraFiles = []*os.File{other}
			if err := kernel.Start(); err != nil {
				t.Fatal(err)
			}
			other.Close()
			text := make([]byte, 100)
			n, _ := ready.Read(text)
			if out, err := h.command("sh", "-c", "exec zoneadm-go -z web boot").CombinedOutput(); err != nil {
				t.Errorf("%v: %s (the kernel process said %q)", err, out, text[:n])
			}
			if err := kernel.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			if err := kernel.Wait(); err != nil {
				t.Errorf("the kernel process ends with %v", err)
			}
			if _, err := os.Lstat(filepath.Join(h.runDir, "kernel.door")); err == nil {
				t.Error("its door is left")
			}
		})
	}
}
