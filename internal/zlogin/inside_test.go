package zlogin

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestReadInside: links lead where they lead a process in the zone, and nowhere else.
func TestReadInside(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	dir := filepath.Join(top, "root")
	for name, text := range map[string]string{"secret": "outside", "root/etc/passwd": "inside", "root/secret": "the zone's own"} {
		path := filepath.Join(top, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, to := range map[string]string{
		"absolute": "/etc/passwd", "up": "../../../etc/passwd", "etc/beside": "passwd", "dir": "/etc/../etc",
		"chain": "absolute", "out": "/../secret", "loop": "loop", "away": filepath.Join(top, "secret"), "nothing": "/none",
	} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := unix.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	large, err := os.Create(filepath.Join(dir, "large"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(large.Truncate(largestFile+1), large.Close()); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for name, want := range map[string]string{
		"/etc/passwd": "inside", "absolute": "inside", "/up": "inside", "/etc/beside": "inside", "/dir/passwd": "inside",
		"/chain": "inside", "/out": "the zone's own", "/../secret": "the zone's own", "//etc/./passwd": "inside",
	} {
		if text, err := readInside(root, name); err != nil || string(text) != want {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
	for name, want := range map[string]error{
		"/loop": syscall.ELOOP, "/away": fs.ErrNotExist, "/nothing": fs.ErrNotExist, "/none": fs.ErrNotExist,
		"/pipe": nil, "/large": nil, "/etc": nil, "/": nil,
	} {
		if text, err := readInside(root, name); err == nil || want != nil && !errors.Is(err, want) {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
}
