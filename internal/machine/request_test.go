package machine

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"syscall"
	"testing"

	"github.com/gozones/zones/internal/errortest"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

func TestRequest(t *testing.T) {
	for _, c := range []struct {
		name string
		cmd  zone.Cmd
		want *request
	}{
		{"the least", zone.Cmd{Path: "/bin/true"}, &request{Zone: 3, Path: "/bin/true", Args: []string{"/bin/true"}, Dir: "/", Null: [3]bool{true, true, true}}},
		{"the most", zone.Cmd{Path: "/bin/sh", Args: []string{"-sh", "-c", "x"}, Env: []string{"A=b"}, Dir: "/root", Stdin: os.Stdin, Stderr: os.Stderr, UID: 1, GID: 2, Groups: []uint32{3}},
			&request{Zone: 3, Path: "/bin/sh", Args: []string{"-sh", "-c", "x"}, Env: []string{"A=b"}, Dir: "/root", Null: [3]bool{false, true, false}, UID: 1, GID: 2, Groups: []uint32{3}}},
		{"a path that isn't absolute", zone.Cmd{Path: "sh"}, nil},
		{"a directory that isn't absolute", zone.Cmd{Path: "/bin/sh", Dir: "root"}, nil},
		{"a terminal and a file", zone.Cmd{Path: "/bin/sh", Pty: true, Stdout: os.Stdout}, nil},
		{"a NUL in the path", zone.Cmd{Path: "/bin/sh\x00"}, nil},
		{"a NUL in an argument", zone.Cmd{Path: "/bin/sh", Args: []string{"a\x00"}}, nil},
		{"a NUL in the environment", zone.Cmd{Path: "/bin/sh", Env: []string{"a=\x00"}}, nil},
	} {
		got, err := requestFor(3, &c.cmd)
		if c.want == nil {
			if !errors.Is(err, errno.EINVAL) {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v, not %+v", c.name, got, err, c.want)
		}
	}
}

// TestFailure: the error of a child is the same in its parent.
func TestFailure(t *testing.T) {
	t.Parallel()
	cmd := &zone.Cmd{Path: "/bin/none"}
	cross := func(op string, err error) error {
		written, encodeErr := json.Marshal(childError(op, "/bin/none", 3, err))
		if encodeErr != nil {
			return encodeErr
		}
		return failure(3, cmd, written)
	}
	errortest.Check(t, func(err error) error {
		if err == nil {
			return failure(3, cmd, nil) // the child has executed the program
		}
		return cross("exec", err)
	})
	for _, c := range []struct {
		op        string
		err, want error
	}{
		{"exec", syscall.ENOENT, &zone.Error{Op: "exec", Name: "/bin/none", ID: 3, Errno: errno.ENOENT}},
		{"zone_enter", &zone.Error{Op: "zone_enter", ID: 3, Errno: errno.EINVAL}, &zone.Error{Op: "zone_enter", ID: 3, Errno: errno.EINVAL}},
	} {
		if err := cross(c.op, c.err); !reflect.DeepEqual(err, c.want) {
			t.Errorf("%s: %#v, not %#v", c.op, err, c.want)
		}
	}
	if err := failure(3, cmd, []byte("panic: no")); err == nil {
		t.Error("what can't be decoded is no failure")
	}
}

func TestBelow(t *testing.T) {
	root := t.TempDir()
	for _, dir := range []string{"a/b", "out"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "a/file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/", filepath.Join(root, "link")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, inside string
		kind         pointKind
		want         string // below the root
		errno        errno.Errno
		at           string
	}{
		{"the root", "/", looking, "", 0, ""},
		{"a directory", "/a/b", looking, "/a/b", 0, ""},
		{"dots", "/a/../a/./b/", looking, "/a/b", 0, ""},
		{"out by dots", "/../../out", looking, "/out", 0, ""},
		{"a file", "/a/file", looking, "/a/file", 0, ""},
		{"a file as a directory", "/a/file", makingDir, "", errno.ENOTDIR, "/a/file"},
		{"below a file", "/a/file/x", looking, "", errno.ENOTDIR, "/a/file"},
		{"a directory as a file", "/a/b", makingFile, "", errno.ENOTDIR, "/a/b"},
		{"not there", "/a/x", looking, "", errno.ENOENT, "/a/x"},
		{"a link", "/link", makingDir, "", errno.ELOOP, "/link"},
		{"over a link", "/link/etc", makingDir, "", errno.ELOOP, "/link"},
		{"not absolute", "a", looking, "", errno.EINVAL, "a"},
		{"made", "/new/er/est", makingDir, "/new/er/est", 0, ""},
		{"a file made", "/new/file", makingFile, "/new/file", 0, ""},
		{"a file there", "/new/file", makingFile, "/new/file", 0, ""},
	} {
		got, err := below(5, root, c.inside, c.kind)
		if c.errno == 0 {
			if want := filepath.Join(root, c.want); err != nil || got != want {
				t.Errorf("%s: %s, %v, not %s", c.name, got, err, want)
			}
			continue
		}
		var known *zone.Error
		if !errors.As(err, &known) || known.Op != zone.OpMountPoint || known.Errno != c.errno || known.Name != c.at || known.ID != 5 {
			t.Errorf("%s: %v, not %v at %s", c.name, err, c.errno, c.at)
		}
	}
	if info, err := os.Stat(filepath.Join(root, "new/file")); err != nil || !info.Mode().IsRegular() {
		t.Errorf("the file that was made: %v, %v", info, err)
	}
}
