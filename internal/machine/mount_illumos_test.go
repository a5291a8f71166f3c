package machine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/mount"
	"github.com/gozones/zones/sys/nvlist"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/zone"
)

// TestMounts mounts what a zone of illumos has: /dev with its profile from outside, /proc and
// mnttab from inside, where only a process of the zone may. They stay when the zone is gone,
// and another zone can be made there once they are unmounted.
func TestMounts(t *testing.T) {
	testenv.Need(t, testenv.Embedded)
	needContracts(t)
	k, root, attributes := new(kernel), t.TempDir(), t.TempDir()
	make := func() (zone.ID, error) {
		return k.Create(&zone.Def{Name: fmt.Sprintf("mounts%d", os.Getpid()), Root: root, Privs: priv.Basic().With("sys_mount")})
	}
	id, err := make()
	if errors.Is(err, errno.EPERM) {
		testenv.Need(t, testenv.Given("a process that may make zones", err))
	}
	if err != nil {
		t.Fatal(err)
	}
	end := func() {
		if err := errors.Join(k.Shutdown(id), k.Destroy(id)); err != nil {
			t.Error(err)
		}
	}
	proc := zone.Mount{Special: "proc", Point: "/proc", FSType: "proc", MakePoint: true}
	if _, err := k.MountAll(id, []zone.Mount{proc}); zone.ErrnoOf(err) != errno.EBUSY {
		t.Errorf("proc from outside: %v", err)
	}
	proc.Inside = true
	done, err := k.MountAll(id, []zone.Mount{
		{Special: "/dev", Point: "/dev", FSType: "dev", Options: "attrdir=" + attributes, MakePoint: true, Devices: []zone.Device{
			{Match: "null"}, {Match: "zcons/z/zoneconsole", Name: "zconsole"}, {Match: "zconsole", Link: "console"},
		}},
		proc,
		{Special: "swap", Point: "/tmp", FSType: "tmpfs", MakePoint: true, Inside: true},
		{Special: "bad", Point: "/bad", FSType: "hsfs", MakePoint: true, Inside: true},
	})
	if done != 1 || zone.ErrnoOf(err) != errno.EINVAL {
		t.Errorf("a type that needs a program of its own: %d done, %v", done, err)
	}
	if done, err := k.MountAll(id, []zone.Mount{proc, {Special: "swap", Point: "/tmp", FSType: "tmpfs", MakePoint: true, Inside: true}}); done != 2 || err != nil {
		t.Errorf("%d done, %v", done, err)
	}
	swap := func(point string) zone.Mount {
		return zone.Mount{Special: "swap", Point: point, FSType: "tmpfs", MakePoint: true, Inside: true}
	}
	if done, err := k.MountAll(id, []zone.Mount{swap("/run"), swap("/tmp"), swap("/opt")}); done != 1 || zone.ErrnoOf(err) != errno.EBUSY || !strings.Contains(fmt.Sprint(err), "/tmp") {
		t.Errorf("the second of three fails: %d done, %v", done, err)
	}
	if err := k.Unmount(id, "/run", false); err != nil {
		t.Error(err)
	}
	if want := []string{
		"prof_mountpt " + root + "/dev", "prof_include null", "prof_map [zcons/z/zoneconsole zconsole]", "prof_symlink [console zconsole]",
	}; !slices.Equal(profile(t), want) {
		t.Errorf("the profile is %q", profile(t))
	}
	table, err := mount.WholeTable()
	if err != nil {
		t.Fatal(err)
	}
	var points []string
	for _, e := range table {
		if rest, err := filepath.Rel(root, e.Point); err == nil && filepath.IsLocal(rest) {
			points = append(points, rest)
		}
		if dir, _ := e.Option("attrdir"); e.Point == root+"/dev" && dir != attributes {
			t.Errorf("the attributes are in %q", dir)
		}
	}
	if want := []string{"dev", "proc", "tmp"}; !slices.Equal(points, want) {
		t.Errorf("mounted are %q", points)
	}
	end()
	var refused *zone.Error
	if _, err := make(); !errors.As(err, &refused) || refused.Errno != errno.EBUSY || refused.Ext != zone.ExtMounts {
		t.Errorf("a zone above mounts: %v", err)
	}
	for _, point := range slices.Backward(points) {
		if err := mount.Unmount(filepath.Join(root, point), false); err != nil {
			t.Error(err)
		}
	}
	if id, err = make(); err != nil {
		t.Fatal(err)
	}
	end()
}

// profile returns the pairs of the profile that the kernel got last.
func profile(t *testing.T) []string {
	t.Helper()
	packed, err := os.ReadFile(filepath.Join(os.Getenv("ZONES_RUN"), "dev.profile"))
	if err != nil {
		t.Fatal(err)
	}
	list, err := nvlist.Unpack(packed)
	if err != nil {
		t.Fatal(err)
	}
	var pairs []string
	for pair := range list.Pairs() {
		pairs = append(pairs, fmt.Sprint(pair.Name(), " ", pair.Value()))
	}
	return pairs
}
