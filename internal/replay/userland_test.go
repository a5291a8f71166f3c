package replay

import (
	"os"
	"testing"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/kernel/host/sim"
	"github.com/gozones/zones/sys/zone"
)

// fewest is less than the steps that all recordings of testdata have for Userland.
const fewest = 400

// TestUserland: a kernel in the environment of the recordings doesn't differ, and one that
// refuses what it should allow does.
func TestUserland(t *testing.T) {
	t.Parallel()
	env, err := ReadEnvironment(os.DirFS("testdata"))
	if err != nil {
		t.Fatal(err)
	}
	total, seen, differences := 0, 0, 0
	err = Load(os.DirFS("testdata"), func(file string, s *Sequence) error {
		if seen++; !testenv.Sample(seen, 2) {
			return nil
		}
		replay := func(wrap func(zone.System) zone.System) (made int, found []*Difference) {
			h := sim.New()
			h.SetTree(env.tree())
			k, err := kernel.New(kernel.Config{Host: h, Nodename: env.Nodename, Serial: env.HwSerial, CPUs: env.NCPUs, Classes: env.classes(), Pools: env.pools(), Brands: brands(), Older: true})
			if err != nil {
				t.Fatal(err)
			}
			u := Userland{System: wrap(k.Global())}
			if made, found, err = u.Replay(env, s); err != nil {
				t.Errorf("%s: %v", s.Name, err)
			}
			return made, found
		}
		made, found := replay(func(s zone.System) zone.System { return s })
		total += made
		for _, d := range found {
			t.Error(d)
		}
		_, found = replay(func(s zone.System) zone.System { return deaf{s} })
		differences += len(found)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if total < fewest || differences < fewest/20 {
		t.Errorf("%d steps, and %d differences of the kernel that says it has no attributes", total, differences)
	}
}

// deaf is a kernel that has no attributes.
type deaf struct{ zone.System }

func (d deaf) Getattr(zone.ID, zone.Attr, []byte) (int, error) { return 0, nil }

// TestMakeTree: the tree of the recordings can be made on a disk.
func TestMakeTree(t *testing.T) {
	t.Parallel()
	env, err := ReadEnvironment(os.DirFS("testdata"))
	if err != nil {
		t.Fatal(err)
	}
	top := t.TempDir()
	if err := env.MakeTree(top); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(top + "/zones/a/root/sub"); err != nil || !info.IsDir() {
		t.Error(err)
	}
}
