package linuxhost

import (
	"errors"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

func TestMountPointsAreMade(t *testing.T) {
	m := newMachine(t)
	id, root := m.booted("points")
	outside := t.TempDir()
	source := t.TempDir()
	m.write(source+"/here", "")
	if err := os.Symlink(outside, root+"/link"); err != nil {
		t.Fatal(err)
	}
	m.write(root+"/plain", "")
	for _, test := range []struct {
		name  string
		mount host.Mount
		path  string // in the error
		want  errno.Errno
	}{
		{"missing directories", host.Mount{Point: "/a/b/c", Resource: source, FSType: "lofs"}, "", 0},
		{"in another mount", host.Mount{Point: "/tmp/of", FSType: "tmpfs"}, "", 0},
		{"below that one", host.Mount{Point: "/tmp/of/d/e", Resource: source, FSType: "lofs"}, "", 0},
		{"a file", host.Mount{Point: "/f/of/file", Resource: source + "/here", FSType: "lofs"}, "", 0},
		{"a link on the way", host.Mount{Point: "/link/x", Resource: source, FSType: "lofs"}, "/link", errno.ELOOP},
		{"a link at the end", host.Mount{Point: "/link", FSType: "tmpfs"}, "/link", errno.ELOOP},
		{"a file on the way", host.Mount{Point: "/plain/x", FSType: "tmpfs"}, "/plain", errno.ENOTDIR},
		{"nothing to be made below /usr", host.Mount{Point: "/usr/zones-none/x", FSType: "tmpfs"}, "/usr/zones-none", errno.EROFS},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.mount.MakePoint = true
			err := m.p.Mount(id, test.mount)
			if test.want == 0 {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var failed *zone.Error
			if !errors.As(err, &failed) || failed.Op != zone.OpMountPoint || failed.Name != test.path || failed.Errno != test.want {
				t.Errorf("%v, want %s of %s", err, test.want.Name(), test.path)
			}
		})
	}
	if out, _ := m.run(id, "ls /a/b/c /tmp/of/d/e && test -f /f/of/file"); strings.Count(out, "here") != 2 {
		t.Errorf("in the zone: %s", out)
	}
	if left, _ := os.ReadDir(outside); len(left) != 0 {
		t.Errorf("made outside the zone: %v", left)
	}
	m.halt(id)
}

// TestMountRoot: a file system in memory becomes the root of a zone, over the directory that it
// was made with, and a mount with nosub leaves out what is mounted below.
func TestMountRoot(t *testing.T) {
	m := newMachine(t)
	id, root := m.booted("memory")
	m.write(root+"/hidden", "")
	for _, test := range []struct {
		name  string
		mount host.Mount
		want  errno.Errno
	}{
		{"another file system", host.Mount{Point: "/", Resource: root, FSType: "lofs"}, errno.EBUSY},
		{"an option that tmpfs lacks", host.Mount{Point: "/", FSType: "tmpfs", Options: "frob=1"}, errno.EINVAL},
		{"memory", host.Mount{Point: "/", FSType: "tmpfs", Options: "mode=755,nodevices"}, 0},
		{"a directory in it", host.Mount{Point: "/usr", Resource: "/usr", FSType: "lofs", Options: "ro,nosub", MakePoint: true}, 0},
		{"libraries", host.Mount{Point: "/lib", Resource: "/lib", FSType: "lofs", MakePoint: true}, 0},
		{"more libraries", host.Mount{Point: "/lib64", Resource: "/lib64", FSType: "lofs", MakePoint: true}, 0},
		{"programs", host.Mount{Point: "/bin", Resource: "/bin", FSType: "lofs", MakePoint: true}, 0},
		{"the directory itself", host.Mount{Point: "/a", Resource: root, FSType: "lofs", MakePoint: true}, 0},
		{"one process file system", host.Mount{Point: "/one", Resource: "/proc", FSType: "lofs", Options: "nosub", MakePoint: true}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := m.p.Mount(id, test.mount); zone.ErrnoOf(err) != test.want {
				t.Errorf("%v, want %s", err, test.want.Name())
			}
		})
	}
	out, err := m.run(id, "test ! -e /hidden && test -e /a/hidden && test -e /proc/self/exe && test -e /dev/null && echo >/made && ! mkdir /usr/made && stat -c %a / && cd / && ls -d ../hidden")
	if !strings.HasPrefix(strings.ReplaceAll(out, "mkdir: cannot create directory '/usr/made': Read-only file system\n", ""), "755\n") || !strings.Contains(out, "../hidden") {
		t.Errorf("%s: %v", out, err)
	}
	if _, err := os.Stat(root + "/made"); err == nil {
		t.Error("a file in memory is in the directory below")
	}
	m.halt(id)
}

// TestMountOptions: each option is a flag of mount(2) and of mount_setattr(2), under the
// names of both systems.
func TestMountOptions(t *testing.T) {
	t.Parallel()
	none := bothFlags{}
	for options, want := range map[string]struct {
		flags bothFlags
		data  string
	}{
		"":                                {none, ""},
		"rw,devices,setuid,exec,suid":     {none, ""},
		"ro":                              {bothFlags{unix.MOUNT_ATTR_RDONLY, unix.MS_RDONLY}, ""},
		"nodevices":                       {bothFlags{unix.MOUNT_ATTR_NODEV, unix.MS_NODEV}, ""},
		"nodev":                           {bothFlags{unix.MOUNT_ATTR_NODEV, unix.MS_NODEV}, ""},
		"nosetuid":                        {bothFlags{unix.MOUNT_ATTR_NOSUID, unix.MS_NOSUID}, ""},
		"nosuid":                          {bothFlags{unix.MOUNT_ATTR_NOSUID, unix.MS_NOSUID}, ""},
		"noexec":                          {bothFlags{unix.MOUNT_ATTR_NOEXEC, unix.MS_NOEXEC}, ""},
		"size=1m,noexec,nodev,,mode=0700": {bothFlags{unix.MOUNT_ATTR_NOEXEC | unix.MOUNT_ATTR_NODEV, unix.MS_NOEXEC | unix.MS_NODEV}, "size=1m,mode=0700"},
	} {
		if flags, data := mountOptions(options); flags != want.flags || data != want.data {
			t.Errorf("%q: %+v and %q", options, flags, data)
		}
	}
}

// TestMountsInZone: the options hold in the zone, for a directory of the host with what is
// mounted below it, and a mount that the host makes later doesn't show.
func TestMountsInZone(t *testing.T) {
	m := newMachine(t)
	source := t.TempDir()
	for _, dir := range []string{source + "/below", source + "/later"} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	mount := func(dir string) {
		if err := unix.Mount("test", dir, "tmpfs", 0, ""); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := unix.Unmount(dir, 0); err != nil {
				t.Errorf("%s is busy after the zone: %v", dir, err)
			}
		})
	}
	mount(source + "/below")
	id, _ := m.zone("options", nil)
	const options = "ro,nodevices,nosetuid,noexec"
	for _, of := range []host.Mount{
		{Point: "/tmp", FSType: "tmpfs", Options: options},
		{Point: "/root", Resource: source, FSType: "lofs", Options: options},
	} {
		if err := m.p.Mount(id, of); err != nil {
			t.Fatal(err)
		}
	}
	mount(source + "/later")
	out, _ := m.run(id, "cat /proc/self/mounts")
	for point, seen := range map[string]bool{"/tmp": true, "/root": true, "/root/below": true, "/root/later": false} {
		i := strings.Index(out, " "+point+" ")
		if i < 0 != !seen {
			t.Errorf("%s: mounted is %v", point, !seen)
			continue
		}
		if line, _, _ := strings.Cut(out[max(i, 0):], "\n"); seen && !strings.Contains(line, " ro,nosuid,nodev,noexec") {
			t.Errorf("%s is mounted so: %s", point, line)
		}
	}
	m.halt(id)
}
