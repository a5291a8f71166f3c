package zoneadm

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/posix"
	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/zone"
)

// TestUnknownSubcommand: the word is named below the usage, with the subcommand that it may
// have meant.
func TestUnknownSubcommand(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, line, want string }{
		{"a slip", "-z z1 bot", "zoneadm: there is no subcommand 'bot': did you mean 'boot'?"},
		{"a slip of help", "help shutdwon", "zoneadm: there is no subcommand 'shutdwon': did you mean 'shutdown'?"},
		{"nothing like it", "frobnicate", "zoneadm: there is no subcommand 'frobnicate'"},
		{"without a zone", "bot", "zoneadm: there is no subcommand 'bot': did you mean 'boot'?"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.zone("z1", "installed")
			status, _, errs := b.do(test.line)
			if status != ExitUsage || len(errs) < 3 || !strings.HasPrefix(errs[0], "usage:") || errs[len(errs)-1] != test.want {
				t.Errorf("exit status %d, %q", status, errs)
			}
		})
	}
}

// TestHelpOfAdditions: the subcommand that zoneadm(8) hasn't is explained like the others.
func TestHelpOfAdditions(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if status, _, errs := b.do("help host"); status != ExitOK || len(errs) != 2 || errs[0] != "usage:\thost [--json]" {
		t.Errorf("exit status %d, %q", status, errs)
	}
	_, out, _ := b.do("help")
	for _, word := range []string{"host [--json]", "list [-cinpv] [--json]", "boot --autoboot"} {
		if !slices.Contains(out, word) {
			t.Errorf("help lacks %q", word)
		}
	}
}

// TestFullOutput: output that can't be written is a failure.
func TestFullOutput(t *testing.T) {
	t.Parallel()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		testenv.Need(t, testenv.Given("/dev/full", err))
	}
	defer full.Close()
	for _, line := range []string{"list", "list -cp", "help", "--json list"} {
		b := newBench(t)
		b.Out = full
		if status, _, errs := b.do(line); status != ExitFailed || !slices.Equal(errs, []string{"zoneadm: could not write the output: No space left on device"}) {
			t.Errorf("%s: exit status %d, %q", line, status, errs)
		}
	}
}

// TestCloneOfRunningZone: the original's line names the new zone; the one below it says
// which zone is meant.
func TestCloneOfRunningZone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.zone("z1", "configured")
	b.zone("src", "running")
	status, _, errs := b.do("-z z1 clone src")
	want := []string{"zoneadm: zone 'z1': clone operation is invalid for running zones.", "zoneadm: zone src, the source, is running: halt it first."}
	if status != ExitFailed || len(errs) < 2 || !slices.Equal(errs[len(errs)-2:], want) {
		t.Errorf("exit status %d, %q", status, errs)
	}
	if _, err := os.Lstat(filepath.Join(b.dir, "z/z1")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the refused clone leaves its zonepath: %v", err)
	}
}

// TestRefusedInstallLeavesNothing: directories that were created for checking the zonepath
// are removed, and only those.
func TestRefusedInstallLeavesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.zone("z1", "configured")
	b.configure(t, "z1", "/z/deep/er/z1", "ipkg", "shared")
	index := filepath.Join(b.dir, "etc/zones/index")
	write(t, index, "global:installed:/:\nz1:configured:/z/deep/er/z1:\n")
	b.brand(map[string]string{"install": "/b/install", "verify_adm": "/b/verify "}, map[string]int{"verify_adm": 1})
	if status, _, errs := b.do("-z z1 install"); status != ExitFailed {
		t.Fatalf("exit status %d, %q", status, errs)
	}
	if _, err := os.Lstat(filepath.Join(b.dir, "z/deep")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("z/deep is left: %v", err)
	}
	if _, err := os.Lstat(filepath.Join(b.dir, "z")); err != nil {
		t.Error(err)
	}
	b.brand(map[string]string{"install": "/b/install"}, nil)
	if status, _, errs := b.do("-z z1 install"); status != ExitOK {
		t.Fatalf("exit status %d, %q", status, errs)
	}
	if info, err := os.Stat(filepath.Join(b.dir, "z/deep/er/z1")); err != nil || posix.Permissions && info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info, err)
	}
}

// TestInstallIntoFiles: the owner and the mode of a directory with other files aren't
// changed, as they would be by the original.
func TestInstallIntoFiles(t *testing.T) {
	t.Parallel()
	if !posix.Permissions {
		testenv.Need(t, testenv.Given("permissions of files", errors.New("this system has none")))
	}
	b := newBench(t)
	b.zone("z1", "configured")
	home := filepath.Join(b.dir, "z/z1")
	if err := os.MkdirAll(filepath.Join(home, "photos"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(home, 0o755); err != nil {
		t.Fatal(err)
	}
	status, _, errs := b.do("-z z1 install")
	if info, err := os.Stat(home); status != ExitFailed || err != nil || info.Mode().Perm() != 0o755 ||
		!slices.Contains(errs, "/z/z1 has other files than a zone's, so its owner and mode aren't changed:") {
		t.Errorf("exit status %d, %v, %q", status, info.Mode(), errs)
	}
	if b.state("z1").State.String() != "configured" {
		t.Errorf("state %s", b.state("z1").State)
	}
}

// halting is a zoneadmd whose reboot halts the zone and then fails.
type halting struct{ b *bench }

func (h halting) Request(name string, r zone.CommandRequest) (zone.CommandReply, error) {
	h.b.kernel.zones = h.b.kernel.zones[:1]
	return zone.CommandReply{Result: -1, Text: "could not mount /x\n"}, nil
}

func (halting) Notify(string, zone.CommandRequest) {}

// TestFailedReboot: that the zone is down is said.
func TestFailedReboot(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.zone("z1", "running")
	b.Daemon = halting{b}
	status, _, errs := b.do("-z z1 reboot")
	if want := []string{"zone 'z1': could not mount /x", "zoneadm: zone 'z1': the zone has been halted and doesn't run now: boot starts it again"}; status != ExitFailed || !slices.Equal(errs, want) {
		t.Errorf("exit status %d, %q", status, errs)
	}
}
