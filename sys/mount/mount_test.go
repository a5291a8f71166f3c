package mount_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/abitest"
	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/mount"
)

func TestConstants(t *testing.T) {
	header := abitest.Constants(t, "mount")
	for name, value := range map[string]mount.Flags{
		"MS_RDONLY": mount.ReadOnly, "MS_NOSUID": mount.NoSuid, "MS_REMOUNT": mount.Remount, "MS_OVERLAY": mount.Overlay,
		"MS_GLOBAL": mount.Global, "MS_NOMNTTAB": mount.NoMnttab,
	} {
		if want, ok := header[name]; !ok || int64(value) != want {
			t.Errorf("%s is %#x, the header has %#x (%v)", name, int32(value), want, ok)
		}
	}
	if want := abitest.Strings(t)["MNTTAB"]; mount.Mnttab != want {
		t.Errorf("MNTTAB is %q, the header has %q", mount.Mnttab, want)
	}
}

// TestRefused checks that bad arguments are refused before the system call.
func TestRefused(t *testing.T) {
	for _, c := range []struct {
		name    string
		flags   mount.Flags
		options string
	}{
		{"an unknown flag", 1 << 20, ""},
		{"options that are too long", 0, strings.Repeat("x", mount.MaxOptions+1)},
		{"a NUL", 0, "ro\x00"},
	} {
		if _, err := mount.Mount("swap", "/nowhere", "tmpfs", c.flags, c.options, nil); !errors.Is(err, errno.EINVAL) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestParse(t *testing.T) {
	got, err := mount.Parse(strings.NewReader("rpool/zones/web\t/zones/web\tzfs\trw,devices,dev=43\t1700000000\n" +
		"# a comment\n\nswap\t/with\\040space\\134\ttmpfs\t-\t1\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []mount.Entry{
		{Special: "rpool/zones/web", Point: "/zones/web", FSType: "zfs", Options: []string{"rw", "devices", "dev=43"}, Time: "1700000000"},
		{Special: "swap", Point: `/with space\`, FSType: "tmpfs", Time: "1"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, not %+v", got, want)
	}
	if v, ok := got[0].Option("dev"); v != "43" || !ok {
		t.Errorf("dev is %q, %v", v, ok)
	}
	if _, ok := got[0].Option("ro"); ok {
		t.Error("ro is there")
	}
	if _, err := mount.Parse(strings.NewReader("a\tb\n")); err == nil {
		t.Error("a line of two fields is read")
	}
}

func FuzzParse(f *testing.F) {
	f.Add("swap\t/tmp\ttmpfs\tsize=1m\t1\n")
	f.Fuzz(func(t *testing.T, text string) { mount.Parse(strings.NewReader(text)) })
}

// TestMount mounts a directory on another, if this process may.
func TestMount(t *testing.T) {
	what, point := t.TempDir(), t.TempDir()
	if runtime.GOOS != "illumos" {
		if _, err := mount.Mount(what, point, "lofs", 0, "", nil); !errors.Is(err, errno.ENOTSUP) {
			t.Errorf("mount: %v", err)
		}
		if err := mount.Unmount(point, false); !errors.Is(err, errno.ENOTSUP) {
			t.Errorf("unmount: %v", err)
		}
		return
	}
	if err := os.WriteFile(filepath.Join(what, "file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	effective, err := mount.Mount(what, point, "lofs", 0, "ro,nodevices", nil)
	if errors.Is(err, errno.EPERM) {
		testenv.Need(t, testenv.Given("the privilege to mount", err))
	}
	if err != nil {
		t.Fatal(err)
	}
	defer mount.Unmount(point, true)
	if all := "," + effective + ","; !strings.Contains(all, ",ro,") || !strings.Contains(all, ",nodevices,") {
		t.Errorf("in effect are %q", effective)
	}
	if _, err := os.Stat(filepath.Join(point, "file")); err != nil {
		t.Error(err)
	}
	if err := mount.Unmount(point, false); err != nil {
		t.Error(err)
	}
	if err := mount.Unmount(point, false); !errors.Is(err, errno.EINVAL) {
		t.Errorf("unmounting it again: %v", err)
	}
	if effective, err := mount.Mount(what, point, "lofs", mount.ReadOnly, "", nil); err != nil || !strings.Contains(","+effective+",", ",ro,") {
		t.Errorf("by a flag: %q, %v", effective, err)
	}
	if err := mount.Unmount(point, false); err != nil {
		t.Error(err)
	}
	if _, err := mount.Mount(what, point+"/none", "lofs", 0, "", nil); !errors.Is(err, errno.ENOENT) {
		t.Errorf("on a directory that doesn't exist: %v", err)
	}
	if _, err := os.Stat(filepath.Join(point, "file")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after unmounting: %v", err)
	}
}

// TestReleaseAutofs: a zone without triggers has none to unmount.
func TestReleaseAutofs(t *testing.T) {
	if runtime.GOOS != "illumos" {
		if err := mount.ReleaseAutofs(0); !errors.Is(err, errno.ENOTSUP) {
			t.Error(err)
		}
		return
	}
	testenv.Need(t, testenv.Embedded) // a real system has triggers
	if err := mount.ReleaseAutofs(0); err != nil {
		t.Error(err)
	}
	if err := mount.ReleaseAutofs(9997); !errors.Is(err, errno.EINVAL) {
		t.Errorf("no such zone: %v", err)
	}
}

func Example() {
	entries, _ := mount.Parse(strings.NewReader("/export/www\t/zones/web/root/www\tlofs\tro,nosuid\t1700000000\n"))
	_, readOnly := entries[0].Option("ro")
	fmt.Println(entries[0].Point, readOnly)
	// Output: /zones/web/root/www true
}
