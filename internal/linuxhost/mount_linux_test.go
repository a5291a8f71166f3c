package linuxhost

import (
	"errors"
	"os"
	"strings"
	"testing"

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
