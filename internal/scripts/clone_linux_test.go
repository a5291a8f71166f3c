package scripts

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/testenv"
)

// TestCloneKeeps: a clone has what the file system keeps beside the names: file capabilities,
// so that ping works in it, and holes, so that it isn't larger.
func TestCloneKeeps(t *testing.T) {
	t.Parallel()
	needZones(t)
	testenv.Need(t, testenv.Root) // sets capabilities
	h := newHome(t, nil)
	const ping = "etc/ping" // cap_net_raw=ep
	const capability = "\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	source, clone := filepath.Join(h.machine, "zones/web/root"), filepath.Join(h.machine, "zones/db/root")
	if err := errors.Join(
		testenv.WriteProgram(filepath.Join(source, ping), []byte("#!"), 0o755),
		unix.Setxattr(filepath.Join(source, ping), "security.capability", []byte(capability), 0),
		unix.Setxattr(filepath.Join(source, "etc"), "trusted.zones", []byte("directory"), 0),
		os.WriteFile(filepath.Join(source, "etc/holes"), nil, 0o644),
		os.Truncate(filepath.Join(source, "etc/holes"), 1<<30),
	); err != nil {
		t.Fatal(err)
	}
	if out, err := h.command("sh", "-c", "zonecfg-go -z db 'create -t web; set zonepath=/zones/db' && exec zoneadm-go -z db clone web").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for path, want := range map[string][2]string{ping: {"security.capability", capability}, "etc": {"trusted.zones", "directory"}} {
		value := make([]byte, 64)
		n, err := unix.Getxattr(filepath.Join(clone, path), want[0], value)
		if err != nil || string(value[:n]) != want[1] {
			t.Errorf("%s of %s: %q, %v", want[0], path, value[:max(n, 0)], err)
		}
	}
	var stat unix.Stat_t
	if err := unix.Stat(filepath.Join(clone, "etc/holes"), &stat); err != nil || stat.Size != 1<<30 || stat.Blocks > 1<<10 {
		t.Errorf("%d bytes in %d blocks, %v", stat.Size, stat.Blocks, err)
	}
}
