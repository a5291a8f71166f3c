package devfs

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/mount"
	"github.com/gozones/zones/sys/priv"
)

// TestMount mounts dev with and without a directory for its attributes, which the runner
// shows as an option, and refuses what the kernel refuses.
func TestMount(t *testing.T) {
	testenv.Need(t, testenv.Embedded)
	if _, err := priv.Own(priv.Effective); err != nil { // which starts the kernel process
		t.Fatal(err)
	}
	attributes := t.TempDir()
	none := filepath.Join(attributes, "none")
	for name, test := range map[string]struct{ attrdir, want string }{"with": {attributes, attributes}, "without": {"", ""}} {
		point := t.TempDir()
		if err := (Profile{{Include, "null", ""}}).Commit(point); !errors.Is(err, errno.EINVAL) {
			t.Errorf("%s: a profile of no dev: %v", name, err)
		}
		if _, err := Mount(point, test.attrdir, ""); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := (Profile{{Include, "null", ""}}).Commit(point); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := Mount(point, test.attrdir, ""); !errors.Is(err, errno.EBUSY) {
			t.Errorf("%s: again: %v", name, err)
		}
		if dir, found := option(t, point); dir != test.want || !found {
			t.Errorf("%s: attributes in %q, mounted: %v", name, dir, found)
		}
		if err := mount.Unmount(point, false); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Mount(none, "", ""); !errors.Is(err, errno.ENOENT) {
		t.Errorf("on nothing: %v", err)
	}
	if _, err := Mount(attributes, none, ""); !errors.Is(err, errno.ENOENT) {
		t.Errorf("attributes in nothing: %v", err)
	}
	if err := os.WriteFile(none, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Mount(attributes, none, ""); !errors.Is(err, errno.ENOTDIR) {
		t.Errorf("attributes in a file: %v", err)
	}
}

// option returns the attributes' directory of the dev that is mounted on point, and whether
// one is.
func option(t *testing.T, point string) (dir string, found bool) {
	t.Helper()
	table, err := mount.WholeTable()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range table {
		if e.Point == point && e.FSType == "dev" && e.Special == "/dev" {
			dir, _ = e.Option("attrdir")
			return dir, true
		}
	}
	return "", false
}
