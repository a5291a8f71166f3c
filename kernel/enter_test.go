package kernel_test

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/zone"
)

// TestEnter: a process whose files, mappings, contracts or privileges tie it to its zone
// can't enter another, and nothing has changed then.
func TestEnter(t *testing.T) {
	t.Parallel()
	k := newKernel(t)
	d := def(1)
	d.Privs = priv.Full()
	id, err := k.Global().Create(d)
	if err != nil {
		t.Fatal(err)
	}
	var uniqid [8]byte
	if _, err := k.Global().Getattr(id, zone.AttrUniqID, uniqid[:]); err != nil {
		t.Fatal(err)
	}
	own := uint64(uniqid[0])
	for _, test := range []struct {
		name   string
		change func(*kernel.ProcSpec)
		id     zone.ID
		want   errno.Errno // 0: it enters
	}{
		{"free", func(*kernel.ProcSpec) {}, id, 0},
		{"contracts of that zone", func(s *kernel.ProcSpec) { s.InheritedUniqIDs = []uint64{own, own} }, id, 0},
		{"contracts of another", func(s *kernel.ProcSpec) { s.InheritedUniqIDs = []uint64{own, own + 1} }, id, errno.EINVAL},
		{"contracts of its own", func(s *kernel.ProcSpec) { s.HoldsContracts = true }, id, errno.EINVAL},
		{"others in its contract", func(s *kernel.ProcSpec) { s.ContractMembers = 1 }, id, errno.EINVAL},
		{"an open file", func(s *kernel.ProcSpec) { s.PinnedFile = true }, id, errno.EBADF},
		{"a mapping", func(s *kernel.ProcSpec) { s.PinnedMapping = true }, id, errno.EFAULT},
		{"fewer privileges than the zone", func(s *kernel.ProcSpec) { s.Permitted = priv.Basic() }, id, errno.EPERM},
		{"no privilege", func(s *kernel.ProcSpec) { s.Effective, s.Permitted = priv.Set{}, priv.Set{} }, id, errno.EPERM},
		{"the global zone", func(*kernel.ProcSpec) {}, zone.GlobalID, errno.EINVAL},
		{"an id that can't be", func(*kernel.ProcSpec) {}, zone.MaxID + 1, errno.EINVAL},
		{"no zone", func(*kernel.ProcSpec) {}, id + 1, errno.EINVAL},
	} {
		spec := kernel.ProcSpec{Effective: priv.Full(), Permitted: priv.Full()}
		test.change(&spec)
		p := k.AddProc(spec)
		err := p.Enter(test.id)
		if test.want == 0 && err != nil || test.want != 0 && !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
		if in := p.Zone().ID(); in == id != (test.want == 0) {
			t.Errorf("%s: then it is in zone %d", test.name, in)
		}
		if test.want == 0 {
			if err := p.Enter(id); !errors.Is(err, errno.EPERM) && !errors.Is(err, errno.EINVAL) {
				t.Errorf("%s: from inside: %v", test.name, err)
			}
		}
		p.Exit()
	}
}

// TestKernelThread: a zone with a kernel thread is empty, not down, until that ends.
func TestKernelThread(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := newKernel(t)
		in := kernel.Insides(k)
		id := create(t, k.Global(), 1)
		p := k.AddProc(kernel.ProcSpec{Effective: priv.Full(), Permitted: priv.Full()})
		if err := p.Enter(id); err != nil {
			t.Fatal(err)
		}
		z := in.StartKThread(p)
		in.StartKThread(p)
		down := make(chan error, 1)
		go func() { down <- k.Global().Shutdown(id) }()
		synctest.Wait()
		if s := status(t, k, id); s != zone.StatusShuttingDown {
			t.Errorf("with a process the zone is %v", s)
		}
		p.Exit()
		for n := range 2 {
			synctest.Wait()
			if s := status(t, k, id); s != zone.StatusEmpty {
				t.Errorf("after %d of 2 threads the zone is %v", n, s)
			}
			in.EndKThread(z)
		}
		if err := <-down; err != nil {
			t.Error(err)
		}
		if s := status(t, k, id); s != zone.StatusDown {
			t.Errorf("after the last thread the zone is %v", s)
		}
	})
}
