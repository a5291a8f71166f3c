package zoneadmd

import (
	"errors"
	"os"
	"testing"

	"github.com/gozones/zones/sys/mount"
	"github.com/gozones/zones/sys/zone"
)

// TestLoopbackMounts: on illumos a zone is made where its zonepath really is, and not where a
// loopback mount shows it, unless that is outside the alternate root.
func TestLoopbackMounts(t *testing.T) { // not parallel: it replaces the table
	real := mountTable
	t.Cleanup(func() { mountTable = real })
	for _, test := range []struct {
		name, host, special, want string
		err                       error
	}{
		{"followed", "illumos", "/pool", "/pool/z1/root", nil},
		{"of another system", "sim", "/pool", "/z/z1/root", nil},
		{"out of the root", "illumos", "outside", "/z/z1/root", nil},
		{"no table", "illumos", "/pool", "/z/z1/root", errors.New("no table")},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newStage(t, "installed", "", "")
			if err := os.CopyFS(s.root+"/pool", os.DirFS(s.root+"/z")); err != nil {
				t.Fatal(err)
			}
			special := s.root + test.special
			if test.special == "outside" {
				special = t.TempDir()
				if err := os.CopyFS(special, os.DirFS(s.root+"/z")); err != nil {
					t.Fatal(err)
				}
			}
			s.host.AddLink("lo0")
			s.start()
			s.d.report = func() (zone.Report, error) { return zone.Report{Host: test.host, PID: kernelPid}, nil }
			mountTable = func() ([]mount.Entry, error) {
				return []mount.Entry{{Special: special, Point: s.root + "/z", FSType: "lofs"}}, test.err
			}
			if reply := s.ask(zone.CommandReady, ""); reply.Result != 0 {
				t.Fatalf("%+v", reply)
			}
			id, err := s.Lookup("z1")
			if err != nil {
				t.Fatal(err)
			}
			if root, err := zone.RootOf(s.memory, id); err != nil || root != s.root+test.want {
				t.Errorf("its root is %s, %v", root, err)
			}
			if test.err != nil && !s.logged("no table") {
				t.Error("that the table can't be read is passed over in silence")
			}
		})
	}
}
