package kernel_test

import (
	"errors"
	"testing"

	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

func TestTypedErrors(t *testing.T) {
	k := newKernel(t)
	p := k.Global()
	long := string(make([]byte, 70))
	for _, test := range []struct {
		name string
		err  error
		want errno.Errno
	}{
		{"boot of nothing", p.Boot(5), errno.EINVAL},
		{"destroy of the global zone", p.Destroy(0), errno.EINVAL},
		{"enter of nothing", p.Enter(7), errno.EINVAL},
		{"link for nothing", p.AddDatalink(7, 1), errno.ENXIO},
		{"link for the global zone", p.AddDatalink(0, 1), errno.EINVAL},
		{"link from nothing", p.RemoveDatalink(7, 1), errno.EINVAL},
		{"brand of nothing", p.Setattr(7, zone.AttrBrand, nil), errno.EINVAL},
	} {
		if !errors.Is(test.err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, test.err, test.want)
		}
	}
	if _, err := p.Lookup(long); !errors.Is(err, errno.ENAMETOOLONG) {
		t.Error(err)
	}
	if id, err := p.Lookup(""); id != 0 || err != nil {
		t.Error(id, err)
	}
	if _, err := p.Lookup("nobody"); !errors.Is(err, errno.EINVAL) {
		t.Error(err)
	}
	if _, err := p.ListDatalinks(9, nil); !errors.Is(err, errno.ENXIO) {
		t.Error(err)
	}
	if v, err := p.Version(); v != zone.APIVersion || err != nil {
		t.Error(v, err)
	}
	_, err := p.Create(&zone.Def{Name: "x", Root: "/"})
	if !errors.Is(err, errno.EBUSY) {
		t.Error(err)
	}
	if _, err := p.Start(3, &zone.Cmd{}); !errors.Is(err, errno.EINVAL) {
		t.Error(err)
	}
	id := create(t, p, 1)
	if _, err := p.Start(id, &zone.Cmd{Path: "/bin/true"}); !errors.Is(err, errno.ENOENT) {
		t.Error(err)
	}
	if _, err := p.Getattr(id, zone.AttrBootArgs, nil); err != nil {
		t.Error(err)
	}
	if _, err := p.Getattr(99, zone.AttrBootArgs, nil); !errors.Is(err, errno.EINVAL) {
		t.Error(err)
	}
	var ids [3]zone.ID
	if n, _ := p.List(ids[:]); n != 2 || ids[1] != id {
		t.Error(n, ids)
	}
	if k.Host().Name() != "sim" || k.Global().Pid() != 0 || k.Global().Zone().ID() != 0 {
		t.Error("the kernel's own process is not what it should be")
	}
	if kernel.PublicState[zone.StatusBooting] != "ready" {
		t.Error("booting has a public name of its own")
	}
}

// TestRefusedCreate: a zone that isn't made has the id -1, whatever was wrong, and what was taken
// for it is given back: the next one gets the next id.
func TestRefusedCreate(t *testing.T) {
	k := newKernel(t)
	p := k.Global()
	for name, test := range map[string]struct {
		def  zone.Def
		want errno.Errno
	}{
		"no root":        {zone.Def{Name: "a"}, errno.ENOENT},
		"the name":       {zone.Def{Name: "not valid", Root: "/z/a"}, errno.EINVAL},
		"the controls":   {zone.Def{Name: "a", Root: "/z/a", Rctls: []byte("no list of them")}, errno.EINVAL},
		"the root twice": {zone.Def{Name: "a", Root: "/"}, errno.EBUSY},
	} {
		id, err := p.Create(&test.def)
		if id != -1 || !errors.Is(err, test.want) {
			t.Errorf("%s: zone %d, %v, want %v", name, id, err, test.want)
		}
	}
}

// TestEveryID: as many zones can be made as there are ids, and no more; then an id is free when
// its zone is gone.
func TestEveryID(t *testing.T) {
	k, err := kernel.New(kernel.Config{MaxZones: int(zone.MaxID) + 10})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { k.Close(); kernel.Insides(k).Abandon() }()
	p := k.Global()
	seen := map[zone.ID]bool{}
	for i := range int(zone.MaxID) - 1 {
		id := create(t, p, i)
		if id < 1 || id >= zone.MaxID || seen[id] {
			t.Fatalf("zone %d has the id %d", i, id)
		}
		seen[id] = true
	}
	if id, err := p.Create(def(int(zone.MaxID))); id != -1 || !errors.Is(err, errno.ENFILE) {
		t.Errorf("one more: %d, %v", id, err)
	}
	if err := errors.Join(p.Shutdown(77), p.Destroy(77)); err != nil {
		t.Fatal(err)
	}
	if id := create(t, p, int(zone.MaxID)); id != 77 {
		t.Errorf("the free id is 77, the zone got %d", id)
	}
}
