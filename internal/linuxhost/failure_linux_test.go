package linuxhost

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// story is what the innermost error must contain.
type story struct {
	call, about string
	number      errno.Errno
}

// check checks an error against it.
func (want story) check(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %s %s: %s", want.call, want.about, want.number.Name())
	}
	root := zone.AsError(err).Root()
	if root.Op != want.call || root.Name != want.about || zone.ErrnoOf(err) != want.number {
		t.Errorf("%q names %s %s and is %s; want %s %s and %s",
			err, root.Op, root.Name, zone.ErrnoOf(err).Name(), want.call, want.about, want.number.Name())
	}
	if text := zone.AsError(err).Error(); !strings.Contains(text, strings.TrimSpace(want.call+" "+want.about)) {
		t.Errorf("%q doesn't tell of %s %s", text, want.call, want.about)
	}
}

// TestCreateFails: the error for a zone that can't be made names the failed call and
// its object, and nothing is left behind.
func TestCreateFails(t *testing.T) {
	m := newMachine(t)
	good, file := makeRoot(t, m.dir+"/good"), m.dir+"/file"
	m.write(file, "")
	for _, test := range []struct {
		name, root string
		change     func()
		want       story
	}{
		{"missing root", m.dir + "/none", nil, story{"stat", m.dir + "/none", errno.ENOENT}},
		{"root below a file", file + "/root", nil, story{"stat", file + "/root", errno.ENOTDIR}},
		{"file as root", file, nil, story{"open_tree", file, errno.ENOTDIR}},
		{"root without /proc", t.TempDir(), nil, story{"openat2", "/proc", errno.ENOENT}},
		{"missing device", good, func() {
			m.h.sandboxes.Close()
			m.h.options.devices = []string{"null", "zones-none"}
			m.h.sandboxes = m.h.newSandboxes()
		}, story{"open_tree", "/dev/zones-none", errno.ENOENT}},
		{"file in place of a control group", good, func() {
			m.h.groups.dirs = map[string]string{"pids": filepath.Dir(file)}
			m.h.groups.name = filepath.Base(file)
		}, story{"mkdir", file, errno.ENOTDIR}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.change != nil {
				test.change()
			}
			key := host.ZoneKey{ID: 1, UniqID: 7}
			_, err := m.h.CreateZone(&host.Spec{Key: key, Name: "broken", Root: test.root, Nodename: "broken"})
			test.want.check(t, err)
			m.leftovers("broken")
		})
	}
}

func TestResolveFails(t *testing.T) {
	m := newMachine(t)
	file, loop := m.dir+"/file", m.dir+"/loop"
	m.write(file, "")
	if err := os.Symlink(loop, loop); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, path string
		want       story
	}{
		{"no path", "", story{"lookup", "", errno.ENOENT}},
		{"missing", m.dir + "/none/root", story{"lstat", m.dir + "/none", errno.ENOENT}},
		{"below a file", file + "/root", story{"lookup", file + "/root", errno.ENOTDIR}},
		{"a link to itself", loop, story{"lookup", loop, errno.ELOOP}},
	}
	if closed := os.Getenv("ZONES_TEST_CLOSED"); closed != "" {
		tests = append(tests, struct {
			name, path string
			want       story
		}{"below a directory that can't be entered", closed + "/root", story{"lstat", closed + "/root", errno.EACCES}})
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := m.h.Resolve(test.path)
			test.want.check(t, err)
		})
	}
}

// TestMountFails: so does the error for a file system that can't be mounted, and those
// before it in the list stay mounted.
func TestMountFails(t *testing.T) {
	m := newMachine(t)
	id, root := m.zone("mounts", nil)
	key := m.key(id)
	source := t.TempDir()
	m.write(root+"/plain", "")
	full := root + "/full"
	if err := os.Mkdir(full, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name  string
		mount host.Mount
		point string // the mount point in the error
		want  story
	}{
		{"missing source", host.Mount{Point: "/tmp", Resource: source + "/none", FSType: "lofs"}, "", story{"open_tree", source + "/none", errno.ENOENT}},
		{"missing point", host.Mount{Point: "/none", Resource: source, FSType: "lofs"}, "", story{"openat2", "/none", errno.ENOENT}},
		{"directory on a file", host.Mount{Point: "/plain", Resource: source, FSType: "lofs"}, "", story{"move_mount", "/plain", errno.ENOTDIR}},
		{"file on a directory", host.Mount{Point: "/tmp", Resource: root + "/plain", FSType: "lofs"}, "", story{"move_mount", "/tmp", errno.ENOTDIR}},
		{"point that is a file", host.Mount{Point: "/plain", Resource: source, FSType: "lofs", MakePoint: true}, "/plain", story{"openat", "/plain", errno.ENOTDIR}},
		{"full disk", host.Mount{Point: "/full/a/b", Resource: source, FSType: "lofs", MakePoint: true}, "/full/a", story{"mkdirat", "/full/a", errno.ENOSPC}},
		{"bad option", host.Mount{Point: "/tmp", FSType: "tmpfs", Options: "size=many"}, "", story{"mount", "/tmp", errno.EINVAL}},
		{"bad option of proc", host.Mount{Point: "/proc", FSType: "proc", Options: "hidepid=many"}, "", story{"mount", "/proc", errno.EINVAL}},
		{"unknown type", host.Mount{Point: "/tmp", FSType: "ufs"}, "", story{"", "", errno.ENOTSUP}},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := []host.Mount{
				{Point: "/full", FSType: "tmpfs", Options: "nr_inodes=1"}, // only enough for its root directory
				{Point: "/root", Resource: source, FSType: "lofs"},
			}
			done, err := m.h.Mount(key, append(before, test.mount, host.Mount{Point: "/etc", FSType: "tmpfs"}))
			if done != len(before) {
				t.Errorf("%d were mounted before the one that fails, not %d", done, len(before))
			}
			for _, mounted := range before[:done] {
				if err := m.h.Unmount(key, mounted.Point, false); err != nil {
					t.Error(err)
				}
			}
			test.want.check(t, err)
			if e := zone.AsError(err); (e.Op == zone.OpMountPoint) != (test.point != "") || test.point != "" && e.Name != test.point {
				t.Errorf("%v isn't about the point %q", err, test.point)
			}
		})
	}
	story{"openat2", "/none", errno.ENOENT}.check(t, m.h.Unmount(key, "/none", false))
	story{"umount2", "/tmp", errno.EINVAL}.check(t, m.h.Unmount(key, "/tmp", false))
	m.halt(id)
	m.leftovers("mounts")
}

func TestStartFails(t *testing.T) {
	m := newMachine(t)
	id, root := m.booted("starts")
	key := m.key(id)
	m.write(root+"/etc/orphan", "#!/no/interpreter\n")
	for _, test := range []struct {
		name string
		cmd  zone.Cmd
		want story
	}{
		{"missing program", zone.Cmd{Path: "/no/such"}, story{"execve", "/no/such", errno.ENOENT}},
		{"missing interpreter", zone.Cmd{Path: "/etc/orphan"}, story{"execve", "/etc/orphan", errno.ENOENT}},
		{"missing directory", zone.Cmd{Path: "/bin/sh", Dir: "/none"}, story{"chdir", "/none", errno.ENOENT}},
		{"too many arguments", zone.Cmd{Path: "/bin/sh", Args: []string{strings.Repeat("x", maxMessage)}}, story{"execve", "", errno.E2BIG}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := m.h.Start(key, &test.cmd)
			test.want.check(t, err)
		})
	}
	_, err := m.h.StartInit(key, &host.Init{Path: "/sbin/none", Args: []string{"none"}})
	story{"execve", "/sbin/none", errno.ENOENT}.check(t, err)
	m.halt(id)
}

func TestLinkFails(t *testing.T) {
	m := newMachine(t)
	id, _ := m.zone("links", nil)
	key := m.key(id)
	_, err := m.h.LinkByName("zones-none0")
	if e := zone.AsError(err); e.Op != "RTM_GETLINK" || e.Name != "zones-none0" || e.Errno != errno.ENXIO {
		t.Errorf("a link that doesn't exist: %+v", e)
	}
	err = m.h.SetAddress(key, "zones-none0", "192.0.2.1/24", true)
	if e := zone.AsError(err); e.Op != "RTM_GETLINK" || e.Name != "zones-none0" || !errors.Is(err, syscall.ENXIO) {
		t.Errorf("an address on a link that doesn't exist: %+v", e)
	}
	m.halt(id)
}

// TestKernelFails: the kernel passes on the host's error, under its own call.
func TestKernelFails(t *testing.T) {
	m := newMachine(t)
	_, err := m.p.Create(&zone.Def{Name: "web", Root: m.dir + "/none"})
	story{"lstat", m.dir + "/none", errno.ENOENT}.check(t, err)
	_, err = m.p.Create(&zone.Def{Name: "web", Root: t.TempDir()})
	story{"openat2", "/proc", errno.ENOENT}.check(t, err)
	id, _ := m.zone("web", nil)
	if err := zone.SetText(m.p, id, zone.AttrInitName, "/sbin/none"); err != nil {
		t.Fatal(err)
	}
	err = m.p.Boot(id)
	story{"execve", "/sbin/none", errno.ENOENT}.check(t, err)
	if e := zone.AsError(err); e.Op != "zone_boot" || e.ID != id {
		t.Errorf("%+v", e)
	}
	m.halt(id)
}
