package mounted

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/moby/sys/mountinfo"

	"github.com/gozones/zones/sys/mount"
)

func TestIn(t *testing.T) {
	top := t.TempDir()
	root, same := filepath.Join(top, "z", "root"), filepath.Join(top, "same")
	if err := os.MkdirAll(root, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(root, same); err != nil { // instead of a bind mount
		t.Fatal(err)
	}
	disk := &mountinfo.Info{Mountpoint: "/", Root: "/", FSType: "ext4"}
	for _, test := range []struct {
		name  string
		table []*mountinfo.Info
		want  Mounts
	}{
		{"nothing", []*mountinfo.Info{disk}, Mounts{}},
		{"the root itself", []*mountinfo.Info{disk, {Mountpoint: root, Root: "/", FSType: "zfs"}}, Mounts{}},
		{"beside it", []*mountinfo.Info{disk, {Mountpoint: root + "2", Root: "/", FSType: "tmpfs"}}, Mounts{}},
		{
			"below", []*mountinfo.Info{disk, {Mountpoint: root + "/a", FSType: "tmpfs", Root: "/"}, {Mountpoint: root + "/a/b", FSType: "tmpfs", Root: "/"}},
			Mounts{Below: []string{root + "/a", root + "/a/b"}, Types: []string{"tmpfs", "tmpfs"}},
		},
		{"through", []*mountinfo.Info{disk, {Mountpoint: same, Root: "/z/root", FSType: "ext4"}}, Mounts{Through: []string{same}}},
		{"by a loopback mount", []*mountinfo.Info{disk, {Mountpoint: same, Root: root, FSType: "lofs"}}, Mounts{Through: []string{same}}},
		{"of another type", []*mountinfo.Info{disk, {Mountpoint: same, Root: "/z/root", FSType: "tmpfs"}}, Mounts{}},
		{"the whole of a file system", []*mountinfo.Info{disk, {Mountpoint: same, Root: "/", FSType: "ext4"}}, Mounts{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if m, err := In(test.table, root); err != nil || !reflect.DeepEqual(*m, test.want) {
				t.Errorf("%+v, %v; want %+v", m, err, test.want)
			}
		})
	}
	if _, err := In(nil, filepath.Join(top, "none")); !os.IsNotExist(err) {
		t.Errorf("of a directory that isn't there: %v", err)
	}
}

func TestUnmountable(t *testing.T) {
	m := Mounts{Below: []string{"/r/a", "/r/a/b"}, Types: []string{"nfs", "tmpfs"}}
	var got []string
	for point, fstype := range m.Unmountable() {
		got = append(got, point+" "+fstype)
	}
	if want := []string{"/r/a/b tmpfs", "/r/a nfs"}; !reflect.DeepEqual(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestTable converts a table of illumos.
func TestTable(t *testing.T) {
	list := infos([]mount.Entry{{Special: "rpool/z", Point: "/z", FSType: "zfs"}, {Special: "/z/web/root", Point: "/mnt", FSType: "lofs"}})
	want := []*mountinfo.Info{{Mountpoint: "/z", FSType: "zfs", Root: "/"}, {Mountpoint: "/mnt", FSType: "lofs", Root: "/z/web/root"}}
	if !reflect.DeepEqual(list, want) {
		t.Errorf("%+v", list)
	}
}
