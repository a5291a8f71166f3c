package zoneadm

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/sys/mount"
	"github.com/gozones/zones/zonecfg"
)

// TestVerifyFS: file systems that the zone's own system mounts can't be configured, and what
// is mounted must be here.
func TestVerifyFS(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.zone("z1", "installed")
	here := filepath.Join(b.dir, "b")
	b.Mounts = func() ([]mount.Entry, error) {
		return []mount.Entry{{Point: "/", FSType: "ufs"}, {Point: filepath.Join(b.dir, "z"), FSType: "nfs"}}, nil
	}
	for _, test := range []struct{ fsType, special, want string }{
		{"proc", here, "cannot verify fs /mnt: type proc is not allowed"},
		{"mntfs", here, "cannot verify fs /mnt: type mntfs is not allowed"},
		{"autofs", here, "cannot verify fs /mnt: type autofs is not allowed"},
		{"nfs", here, "cannot verify fs /mnt: type nfs is not allowed"},
		{"nfs3", here, "cannot verify fs /mnt: type nfs3 is not allowed"},
		{"lofs", here, ""},
		{"lofs", here + "/none", "could not verify fs /mnt: could not access " + here + "/none: No such file or directory"},
		{"lofs", filepath.Join(b.dir, "z"), "cannot verify fs " + filepath.Join(b.dir, "z") + ": NFS mounted file system.\n\tA local file system must be used"},
		{"tmpfs", "swap", ""},
	} {
		z := b.On("z1", Observer{})
		sound := z.verifyFS(&zonecfg.Zone{FS: []zonecfg.FS{{Dir: "/mnt", Special: test.special, Type: test.fsType}, {Dir: "/x", Special: here, Type: "lofs"}}})
		if got := strings.Join(z.problems, "; "); got != test.want || sound != (test.want == "") {
			t.Errorf("%s of %s: sound is %v, %q, want %q", test.fsType, test.special, sound, got, test.want)
		}
	}
}

// TestVerifyPrograms: the system must have a program that mounts the type, and a raw device
// is for types with a program that checks them.
func TestVerifyPrograms(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	programs := filepath.Join(dir, "fs")
	for _, path := range []string{"fs/ufs", "fs/plain", "fs/odd/mount", "device"} {
		if err := os.MkdirAll(filepath.Join(dir, path), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{"fs/ufs/mount", "fs/ufs/fsck", "fs/plain/mount", "file"} {
		write(t, filepath.Join(dir, path), "")
	}
	device, file := filepath.Join(dir, "device"), filepath.Join(dir, "file") // a directory is no file either
	b := newBench(t)
	for _, test := range []struct {
		name, dir, fsType, special, raw, want string
	}{
		{"no programs at all", programs + "/none", "ufs", device, "", ""},
		{"no such type", programs, "none", device, "", "could not verify fs /mnt: could not access " + programs + "/none/mount: No such file or directory"},
		{"no program", programs, "odd", device, "", "could not verify fs /mnt: " + programs + "/odd/mount is not a regular file"},
		{"checked, with a raw device", programs, "ufs", device, "/dev/rdsk/c0", ""},
		{"checked, without", programs, "ufs", device, "", "could not verify fs /mnt: must specify 'raw' device for ufs file systems"},
		{"checked, of nothing", programs, "ufs", device + "/none", "", "could not verify fs /mnt: must specify 'raw' device for ufs file systems"},
		{"checked, of a file", programs, "ufs", file, "", ""},
		{"never checked, with a raw device", programs, "plain", device, "/dev/rdsk/c0", "cannot verify fs /mnt: 'raw' device specified but no fsck executable exists for plain"},
		{"never checked, without", programs, "plain", device, "", ""},
	} {
		z := b.On("z1", Observer{})
		sound := z.verifyPrograms(test.dir, zonecfg.FS{Dir: "/mnt", Type: test.fsType, Special: test.special, Raw: test.raw})
		if got := strings.Join(z.problems, "; "); got != test.want || sound != (test.want == "") {
			t.Errorf("%s: sound is %v, %q, want %q", test.name, sound, got, test.want)
		}
	}
}

// TestRepairFails: a zonepath that can't be repaired is a problem.
func TestRepairFails(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.zone("z1", "installed")
	path := filepath.Join(b.dir, "z/z1")
	if err := os.Chmod(path, 0o750); err != nil {
		t.Fatal(err)
	}
	z := b.On("z1", Observer{Notice: func(n Notice) {
		if n.Kind == Repair {
			os.RemoveAll(path) // someone else does
		}
	}})
	var failed *Error
	if err := z.Ready(t.Context()); !errors.Is(err, ErrVerify) || !errors.As(err, &failed) || len(b.asked) > 0 {
		t.Fatalf("%v, asked %q", err, b.asked)
	}
	if want := path + ": No such file or directory"; !slices.Contains(failed.Problems, want) {
		t.Errorf("problems %q, without %q", failed.Problems, want)
	}
}
