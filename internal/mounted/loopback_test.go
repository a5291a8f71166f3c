package mounted

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gozones/zones/sys/mount"
)

// TestSource follows loopback mounts of mounts, with symbolic links between them.
func TestSource(t *testing.T) {
	t.Parallel()
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"pool/zones/web", "export", "other/web", "view/web", "plain"} {
		if err := os.MkdirAll(filepath.Join(top, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(top, "view"), filepath.Join(top, "link")); err != nil {
		t.Fatal(err)
	}
	at := func(special, point, fstype string) mount.Entry {
		return mount.Entry{Special: filepath.Join(top, special), Point: filepath.Join(top, point), FSType: fstype}
	}
	table := []mount.Entry{
		{Special: "rpool", Point: "/", FSType: "zfs"},
		at("pool", "pool", "zfs"),
		at("pool/zones", "view", "lofs"),
		at("link", "export", "lofs"),
		at("missing", "plain", "lofs"),
		at("other", "other", "lofs"), // shows itself
	}
	for path, want := range map[string]string{
		"pool/zones/web": "pool/zones/web",
		"view/web":       "pool/zones/web",
		"view":           "pool/zones",
		"export/web":     "pool/zones/web",
		"export-not":     "export-not",
		"plain/x":        "plain/x",
		"other/web":      "other/web",
	} {
		if got := Source(table, filepath.Join(top, path)); got != filepath.Join(top, want) {
			t.Errorf("%s is %s, not %s", path, got, want)
		}
	}
	hidden := append(table, at("x", "view/web", "tmpfs"))
	if got := Source(hidden, filepath.Join(top, "view/web")); got != filepath.Join(top, "view/web") {
		t.Errorf("under another mount it is %s", got)
	}
}
