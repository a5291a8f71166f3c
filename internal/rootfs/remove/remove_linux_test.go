package remove

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/testenv"
)

// TestMain limits the open files of all tests here: no tree may need many.
func TestMain(m *testing.M) {
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 3 * deepest, Max: 3 * deepest}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// chain makes a directory with n directories below each other, and a file in the last.
func chain(t *testing.T, top string, n int) {
	t.Helper()
	fd, err := unix.Open(top, unix.O_RDONLY|unix.O_DIRECTORY, 0)
	for i := 0; err == nil && i < n; i++ {
		var next int
		if err = unix.Mkdirat(fd, "d", 0o755); err == nil {
			next, err = unix.Openat(fd, "d", unix.O_RDONLY|unix.O_DIRECTORY, 0)
		}
		unix.Close(fd)
		fd = next
	}
	if err == nil {
		var file int
		file, err = unix.Openat(fd, "file", unix.O_CREAT|unix.O_WRONLY, 0o600)
		unix.Close(file)
	}
	unix.Close(fd)
	if err != nil {
		t.Fatal(err)
	}
}

func gone(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is left: %v", path, err)
	}
}

// TestDeep: a tree may be far deeper than a process may have open files.
func TestDeep(t *testing.T) {
	top := filepath.Join(testenv.MemoryDir(t), "top")
	if err := os.Mkdir(top, 0o755); err != nil {
		t.Fatal(err)
	}
	// Names as those of directories that are moved up must not be in the way.
	for _, path := range []string{".removed-1/x", ".removed-3"} {
		if err := os.MkdirAll(filepath.Join(top, path), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(top, ".removed-2"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	chain(t, top, 20_000)
	if err := Tree(context.Background(), top); err != nil {
		t.Error(err)
	}
	gone(t, top)
}

// TestWide: names that appear while a directory is read are removed as well, and contents can
// be removed without their directory.
func TestWide(t *testing.T) {
	t.Parallel()
	top := testenv.MemoryDir(t)
	for i := range 3 * batch {
		if err := os.WriteFile(filepath.Join(top, fmt.Sprint(i)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	chain(t, top, 2*deepest)
	if err := Contents(context.Background(), top); err != nil {
		t.Error(err)
	}
	if entries, err := os.ReadDir(top); err != nil || len(entries) != 0 {
		t.Errorf("%v, %v are left", entries, err)
	}
	if err := Tree(context.Background(), top+"/"); err != nil {
		t.Error(err)
	}
	gone(t, top)
	if err := Tree(context.Background(), filepath.Join(top, "a/b")); err != nil {
		t.Errorf("removing what isn't there: %v", err)
	}
}

// TestLinks: symbolic links are removed, not followed, wherever they are.
func TestLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	outside, inside := filepath.Join(dir, "outside"), filepath.Join(dir, "inside")
	if err := errors.Join(os.Mkdir(outside, 0o755), os.WriteFile(filepath.Join(outside, "file"), nil, 0o600),
		os.Mkdir(inside, 0o755), os.Symlink("../outside", filepath.Join(inside, "relative")),
		os.Symlink(outside, filepath.Join(inside, "absolute")), os.Symlink(outside, filepath.Join(dir, "link"))); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{inside, filepath.Join(dir, "link")} {
		if err := Tree(context.Background(), path); err != nil {
			t.Error(err)
		}
		gone(t, path)
	}
	if _, err := os.Lstat(filepath.Join(outside, "file")); err != nil {
		t.Error(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if err := Contents(context.Background(), filepath.Join(dir, "link")); err == nil {
		t.Error("the contents of a link's target are removed")
	}
}

// TestSwapped: a directory that becomes a link between the look at it and its opening isn't
// followed.
func TestSwapped(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "outside", "file")
	if err := errors.Join(os.Mkdir(filepath.Dir(file), 0o755), os.WriteFile(file, nil, 0o600), os.Symlink("outside", filepath.Join(dir, "link"))); err != nil {
		t.Fatal(err)
	}
	top, err := os.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer top.Close()
	r := &remover{ctx: context.Background()}
	if err := r.directory(top, "link", 0o755); err == nil {
		t.Error("the link is followed")
	}
	if _, err := openSameDevice(top, "link"); err == nil {
		t.Error("the link is followed without openat2")
	}
	if err := chmod(top, "link", 0); err == nil {
		t.Error("the mode of the link's target is changed")
	}
	if _, err := os.Lstat(file); err != nil {
		t.Errorf("the contents of the link's target are removed: %v", err)
	}
}

// TestModes: the owner can remove what is in directories that it may not read or change.
func TestModes(t *testing.T) {
	t.Parallel()
	for _, mode := range []fs.FileMode{0, 0o555, 0o300} {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			top := filepath.Join(t.TempDir(), "top")
			below := filepath.Join(top, "a", "b")
			if err := errors.Join(os.MkdirAll(below, 0o755), os.WriteFile(filepath.Join(below, "file"), nil, 0)); err != nil {
				t.Fatal(err)
			}
			chain(t, below, deepest+2)
			for i, path := 0, filepath.Join(below, "d"); i < deepest; i, path = i+1, filepath.Join(path, "d") {
				if i == deepest-5 {
					if err := os.Chmod(path, mode); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := errors.Join(os.Chmod(below, mode), os.Chmod(filepath.Dir(below), mode)); err != nil {
				t.Fatal(err)
			}
			if err := Tree(context.Background(), top); err != nil {
				t.Error(err)
			}
			gone(t, top)
		})
	}
}

// TestMounts: what is mounted in the tree stays, and the error names the mount point. A bind
// mount of the same file system counts too.
func TestMounts(t *testing.T) {
	testenv.Need(t, testenv.Root)
	dir := t.TempDir()
	other, point := filepath.Join(dir, "other"), filepath.Join(dir, "top", "point")
	if err := errors.Join(os.MkdirAll(point, 0o755), os.Mkdir(other, 0o755), os.WriteFile(filepath.Join(other, "file"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	for name, mount := range map[string]func() error{
		"bind":  func() error { return unix.Mount(other, point, "", unix.MS_BIND, "") },
		"tmpfs": func() error { return unix.Mount("none", point, "tmpfs", 0, "") },
	} {
		t.Run(name, func(t *testing.T) {
			if err := mount(); err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := unix.Unmount(point, unix.MNT_DETACH); err != nil {
					t.Error(err)
				}
			}()
			var failed *fs.PathError
			if err := Tree(context.Background(), filepath.Join(dir, "top")); !errors.As(err, &failed) || failed.Path != point || !errors.Is(err, unix.EXDEV) {
				t.Errorf("%v, not about the mount point", err)
			}
		})
	}
	if _, err := os.Lstat(filepath.Join(other, "file")); err != nil {
		t.Error(err)
	}
}

// TestCancel: a context that is done stops the removal, and the next call ends it.
func TestCancel(t *testing.T) {
	t.Parallel()
	top := filepath.Join(t.TempDir(), "top")
	if err := os.MkdirAll(filepath.Join(top, "a"), 0o755); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := Tree(ctx, top); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := os.Lstat(filepath.Join(top, "a")); err != nil {
		t.Error(err)
	}
	if err := Tree(context.Background(), top); err != nil {
		t.Error(err)
	}
	gone(t, top)
}

// TestHardLinks: a file that has another name outside of the tree keeps it, with its mode.
func TestHardLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	kept, top := filepath.Join(dir, "kept"), filepath.Join(dir, "top")
	if err := errors.Join(os.Mkdir(top, 0o755), os.WriteFile(kept, []byte("text"), 0o400), os.Link(kept, filepath.Join(top, "link"))); err != nil {
		t.Fatal(err)
	}
	if err := Tree(context.Background(), top); err != nil {
		t.Error(err)
	}
	gone(t, top)
	if info, err := os.Stat(kept); err != nil || info.Mode() != 0o400 || info.Size() != 4 {
		t.Errorf("%v, %v", info, err)
	}
}

// TestImmutable: a file that root may not remove either is named, and the rest of the tree
// can be removed when it can.
func TestImmutable(t *testing.T) {
	testenv.Need(t, testenv.Root)
	t.Parallel()
	top := filepath.Join(t.TempDir(), "top")
	path := filepath.Join(top, "a", "file")
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	const immutable = 0x10 // FS_IMMUTABLE_FL
	testenv.Need(t, testenv.Given("immutable files", unix.IoctlSetPointerInt(int(file.Fd()), unix.FS_IOC_SETFLAGS, immutable)))
	var failed *fs.PathError
	if err := Tree(context.Background(), top); !errors.As(err, &failed) || failed.Path != path || !errors.Is(err, unix.EPERM) || !strings.Contains(err.Error(), "immutable") {
		t.Errorf("%v", err)
	}
	if err := unix.IoctlSetPointerInt(int(file.Fd()), unix.FS_IOC_SETFLAGS, 0); err != nil {
		t.Fatal(err)
	}
	if err := Tree(context.Background(), top); err != nil {
		t.Error(err)
	}
	gone(t, top)
}
