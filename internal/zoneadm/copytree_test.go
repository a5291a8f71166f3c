package zoneadm

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gozones/zones/internal/posix"
)

func newCopier(t *testing.T) (c *copier, from, to, outside string) {
	t.Helper()
	top := t.TempDir()
	from, to, outside = filepath.Join(top, "from"), filepath.Join(top, "to"), filepath.Join(top, "outside")
	if err := errors.Join(os.MkdirAll(filepath.Join(from, "dir"), 0o755), os.Mkdir(to, 0o755), os.Mkdir(outside, 0o755),
		os.WriteFile(filepath.Join(outside, "file"), []byte("secret"), 0o600), os.WriteFile(filepath.Join(from, "dir/file"), []byte("open"), 0o644)); err != nil {
		t.Fatal(err)
	}
	return &copier{from: from, to: to, linked: map[inode]string{}, ctx: t.Context()}, from, to, outside
}

// TestCopyExchanged: what has taken the place of a directory or a file since it was looked at
// isn't copied.
func TestCopyExchanged(t *testing.T) {
	t.Parallel()
	c, from, to, _ := newCopier(t)
	root, err := os.OpenRoot(from)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	file, err := root.Lstat("dir/file")
	if err != nil {
		t.Fatal(err)
	}
	dir, err := root.Lstat("dir")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Symlink("../outside", filepath.Join(from, "away")), os.Symlink("dir", filepath.Join(from, "link")), os.Mkdir(filepath.Join(from, "other"), 0o755),
		os.WriteFile(filepath.Join(from, "other/file"), []byte("other"), 0o644), os.Symlink("other/file", filepath.Join(from, "file"))); err != nil {
		t.Fatal(err)
	}
	if _, err := root.OpenRoot("away"); err == nil {
		t.Error("a link leads out of the source")
	}
	other, err := root.OpenRoot("other")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.directory(other, "other", dir); !errors.Is(err, errChanged) || !strings.Contains(err.Error(), filepath.Join(from, "other")) {
		t.Errorf("another directory: %v", err)
	}
	if err := c.file(root, "other/file", "file", file); !errors.Is(err, errChanged) {
		t.Errorf("another file: %v", err)
	}
	if err := c.file(root, "file", "file", file); err == nil {
		t.Error("a link instead of a file is followed")
	}
	fifo := filepath.Join(from, "fifo")
	if err := posix.Mkfifo(fifo, 0o600); err == nil {
		if err := c.file(root, "fifo", "fifo", file); !errors.Is(err, errChanged) {
			t.Errorf("a FIFO instead of a file: %v", err)
		}
	}
	if entries, err := os.ReadDir(to); err != nil || len(entries) > 0 {
		t.Errorf("%v, %v", entries, err)
	}
}

// TestCopyRace: somebody who exchanges directories and files for links as fast as possible
// gets nothing from outside of the source into the copy.
func TestCopyRace(t *testing.T) {
	t.Parallel()
	c, from, to, _ := newCopier(t)
	ctx, stop := context.WithCancel(t.Context())
	swapping := make(chan struct{})
	go func() {
		defer close(swapping)
		dir, aside := filepath.Join(from, "dir"), filepath.Join(filepath.Dir(from), "aside")
		file := filepath.Join(aside, "file")
		for ctx.Err() == nil {
			os.Rename(dir, aside)
			os.Symlink("../outside", dir)
			os.Rename(file, file+"s")
			os.Symlink("../outside/file", file)
			os.Remove(dir)
			os.Rename(aside, dir)
			file := filepath.Join(dir, "file")
			os.Remove(file)
			os.Rename(file+"s", file)
		}
	}()
	rounds, copied := 300, 0
	for range rounds {
		root, err := os.OpenRoot(from)
		if err != nil {
			t.Fatal(err)
		}
		info, err := root.Stat(".")
		if err != nil {
			t.Fatal(err)
		}
		clear(c.linked)
		if c.directory(root, ".", info) == nil {
			copied++
		}
		filepath.WalkDir(to, func(path string, d fs.DirEntry, _ error) error {
			if d.Type().IsRegular() {
				if text, _ := os.ReadFile(path); string(text) == "secret" {
					t.Errorf("%s is a copy of a file outside", path)
				}
			}
			return nil
		})
		if err := errors.Join(os.RemoveAll(to), os.Mkdir(to, 0o755)); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	<-swapping
	t.Logf("%d of %d copies were complete", copied, rounds)
}

// TestCopyDeep: directories that are nested deeper than a path can be long aren't copied, and
// the line that says so isn't as long.
func TestCopyDeep(t *testing.T) {
	t.Parallel()
	_, from, to, _ := newCopier(t)
	at, err := os.OpenRoot(from)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.Repeat("d", 200)
	for range 30 {
		if err := at.Mkdir(name, 0o755); err != nil {
			t.Fatal(err)
		}
		below, err := at.OpenRoot(name)
		if err != nil {
			t.Fatal(err)
		}
		at.Close()
		at = below
	}
	at.Close()
	b := newBench(t)
	if err := b.On("z1", Observer{}).copy(t.Context(), "", from, to); !errors.Is(err, syscall.ENAMETOOLONG) || len(err.Error()) > 300 {
		t.Errorf("%v", err)
	}
}
