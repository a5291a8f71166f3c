package kernel_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/zone"
)

func TestRctls(t *testing.T) {
	k, err := kernel.New(kernel.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	all := priv.Full()
	root := k.AddProc(kernel.ProcSpec{Effective: all, Permitted: all})
	id, err := root.Create(&zone.Def{Name: "web", Root: "/zones/web/root", Privs: all})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		root.Shutdown(id)
		root.Destroy(id)
	}()
	sys := root.Rctls()
	dictionary, err := sys.RctlControls()
	if err != nil || !slices.Equal(dictionary, rctl.Controls()) {
		t.Errorf("the kernel's dictionary differs: %v, %v", dictionary, err)
	}
	const name = "zone.max-lwps"
	low, high := rctl.Limited(100, rctl.Deny), rctl.Limited(200, rctl.Deny)
	limits := func() (list []uint64) {
		values, err := sys.RctlValues(int32(id), name)
		if err != nil {
			t.Error(err)
		}
		for _, v := range values {
			list = append(list, v.Limit)
		}
		return list
	}
	const most = 1<<31 - 1
	for _, step := range []struct {
		name string
		do   func() error
		want error
		then []uint64
	}{
		{"insert", func() error { return sys.RctlInsert(int32(id), name, high) }, nil, []uint64{200, most}},
		{"again", func() error { return sys.RctlInsert(int32(id), name, high) }, errno.EINVAL, []uint64{200, most}},
		{"lower", func() error { return sys.RctlReplace(int32(id), name, high, low) }, nil, []uint64{100, most}},
		{"by itself", func() error { return sys.RctlReplace(int32(id), name, low, low) }, nil, []uint64{100, most}},
		{"what isn't there", func() error { return sys.RctlReplace(int32(id), name, high, low) }, errno.ESRCH, []uint64{100, most}},
		{"the system's", func() error { return sys.RctlReplace(int32(id), name, dictionary[2].System(), high) }, errno.EPERM, []uint64{100, most}},
		{"delete the system's", func() error { return sys.RctlDelete(int32(id), name, dictionary[2].System()) }, errno.EPERM, []uint64{100, most}},
		{"too much", func() error { return sys.RctlInsert(int32(id), name, rctl.Limited(1<<40, rctl.Deny)) }, errno.EINVAL, []uint64{100, most}},
		{"no control", func() error { return sys.RctlInsert(int32(id), "zone.max-joy", low) }, errno.EINVAL, []uint64{100, most}},
		{"no zone", func() error { return sys.RctlInsert(4711, name, low) }, errno.EINVAL, []uint64{100, most}},
		{"delete", func() error { return sys.RctlDelete(int32(id), name, low) }, nil, []uint64{most}},
		{"delete again", func() error { return sys.RctlDelete(int32(id), name, low) }, errno.ESRCH, []uint64{most}},
	} {
		if err := step.do(); !errors.Is(err, step.want) {
			t.Errorf("%s: %v", step.name, err)
		}
		if got := limits(); !slices.Equal(got, step.then) {
			t.Errorf("%s: the limits are %v", step.name, got)
		}
	}
	values, err := sys.RctlValues(int32(id), name)
	if err != nil || values[0] != dictionary[2].System() {
		t.Errorf("the system's value is %+v, %v; the dictionary has %+v", values[0], err, dictionary[2].System())
	}
	if n, err := sys.RctlUsage(int32(id), "zone.max-processes"); err != nil || n > 1 {
		t.Errorf("%d processes, %v", n, err)
	}
	if n, ok := priv.Number("sys_resource"); !ok || n != 66 {
		t.Errorf("sys_resource is %d", n)
	}
	user := k.AddProc(kernel.ProcSpec{UID: 1000, Effective: priv.Basic()}).Rctls()
	if err := user.RctlInsert(int32(id), name, low); !errors.Is(err, errno.EPERM) {
		t.Errorf("without privilege: %v", err)
	}
	if _, err := user.RctlValues(int32(id), name); err != nil {
		t.Errorf("reading without privilege: %v", err)
	}
}

// TestRctlUsage: what is in use of a control is the zone's own, and what isn't there has none.
func TestRctlUsage(t *testing.T) {
	k := newKernel(t)
	p := k.Global()
	id := create(t, p, 1)
	kernel.Insides(k).SetCounter(kernel.Insides(k).Peek(id), "zone.max-swap", 4096)
	if used, err := p.Rctls().RctlUsage(int32(id), "zone.max-swap"); used != 4096 || err != nil {
		t.Errorf("%d, %v", used, err)
	}
	if used, err := p.Rctls().RctlUsage(0, "zone.max-swap"); used == 4096 || err != nil {
		t.Errorf("the global zone's is %d, %v", used, err)
	}
	for name, of := range map[string]int32{"zone.max-nothing": int32(id), "zone.max-swap": 77} {
		if used, err := p.Rctls().RctlUsage(of, name); used != 0 || err == nil {
			t.Errorf("%s of zone %d: %d, %v", name, of, used, err)
		}
	}
}
