package rctl_test

import (
	"errors"
	"runtime"
	"slices"
	"testing"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/rctl"
)

// fakeCalls behaves as the kernel does for a process without privileges.
type fakeCalls struct {
	controls map[string][]rctl.Value
	usage    map[string]uint64
	flags    []uint32 // of each setrctl call
	global   rctl.Block
	project  []rctl.Block
	pads     int // bytes by which Rctllist returns more than the length of the names
}

func newFakeCalls() *fakeCalls {
	lwps, _ := rctl.Lookup("zone.max-lwps")
	swap, _ := rctl.Lookup("zone.max-swap")
	return &fakeCalls{
		controls: map[string][]rctl.Value{lwps.Name: {rctl.Limited(200, rctl.Deny), lwps.System()}, swap.Name: {swap.System()}},
		usage:    map[string]uint64{lwps.Name: 42},
	}
}

func (f *fakeCalls) Getrctl(name string, old, new *rctl.Block, flags uint32) error {
	values, ok := f.controls[name]
	if !ok {
		return errno.EINVAL
	}
	i := 0
	switch flags {
	case rctl.GetUsage:
		n, ok := f.usage[name]
		if !ok {
			return errno.ENOTSUP
		}
		*new = rctl.Block{Value: n}
		return nil
	case rctl.GetNext:
		i = 1 + slices.IndexFunc(values, func(v rctl.Value) bool { return v.Compare(old.Unblock()) == 0 })
	}
	if i == len(values) {
		return errno.ENOENT
	}
	c, _ := rctl.Lookup(name)
	*new = rctl.BlockOf(values[i])
	new.GlobalFlagAction = uint32(c.Flags)
	return nil
}

func (f *fakeCalls) Setrctl(name string, old, new *rctl.Block, flags uint32) error {
	f.flags = append(f.flags, flags)
	same := func(b *rctl.Block) func(rctl.Value) bool {
		return func(v rctl.Value) bool { return v.Compare(b.Unblock()) == 0 }
	}
	values := f.controls[name]
	switch flags &^ rctl.UseRecipientPid {
	case rctl.SetInsert:
		if slices.ContainsFunc(values, same(new)) {
			return errno.EINVAL
		}
		values = append(values, new.Unblock())
	case rctl.SetReplace:
		i := slices.IndexFunc(values, same(old))
		if i < 0 {
			return errno.ESRCH
		}
		values[i] = new.Unblock()
	case rctl.SetDelete:
		if !slices.ContainsFunc(values, same(new)) {
			return errno.ESRCH
		}
		values = slices.DeleteFunc(values, same(new))
	}
	slices.SortFunc(values, rctl.Value.Compare)
	f.controls[name] = values
	return nil
}

func (f *fakeCalls) Rctllist(buf []byte) (int, error) {
	var all []byte
	for name := range f.controls {
		all = append(append(all, name...), 0)
	}
	all = append(all, make([]byte, f.pads)...)
	copy(buf, all)
	return len(all), nil
}

func (f *fakeCalls) Rctlctl(name string, b *rctl.Block, flags uint32) error {
	if _, ok := f.controls[name]; !ok {
		return errno.ESRCH
	}
	if flags == rctl.CtlSet {
		f.global = *b
	}
	*b = f.global
	return nil
}

func (f *fakeCalls) Setprojrctl(name string, blocks []rctl.Block, flags uint32) error {
	if name != "project.max-lwps" || flags != rctl.ProjectPurge {
		return errno.EINVAL
	}
	f.project = blocks
	return nil
}

var _ rctl.Calls = (*fakeCalls)(nil)

func TestWalk(t *testing.T) {
	for _, pads := range []int{0, 10000} {
		f := newFakeCalls()
		f.pads = pads
		names, err := rctl.Walk(f)
		if err != nil || !slices.Equal(names, []string{"zone.max-lwps", "zone.max-swap"}) {
			t.Errorf("%v, %v", names, err)
		}
	}
}

func TestValues(t *testing.T) {
	f := newFakeCalls()
	lwps, _ := rctl.Lookup("zone.max-lwps")
	values, err := rctl.Values(f, lwps.Name)
	if err != nil || !slices.Equal(values, f.controls[lwps.Name]) {
		t.Errorf("%v, %v", values, err)
	}
	if c, err := rctl.Describe(f, lwps.Name); err != nil || c != lwps {
		t.Errorf("%v, %v", c, err)
	}
	if n, err := rctl.Usage(f, lwps.Name); err != nil || n != 42 {
		t.Errorf("usage %d, %v", n, err)
	}
	for name, call := range map[string]func() error{
		"Values":   func() error { _, err := rctl.Values(f, "zone.max-nothing"); return err },
		"Describe": func() error { _, err := rctl.Describe(f, "zone.max-nothing"); return err },
		"Usage":    func() error { _, err := rctl.Usage(f, "zone.max-nothing"); return err },
	} {
		var e *rctl.Error
		err := call()
		if !errors.Is(err, errno.EINVAL) || !errors.As(err, &e) || e.Op != "getrctl" || e.Control != "zone.max-nothing" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := rctl.Usage(f, "zone.max-swap"); !errors.Is(err, errno.ENOTSUP) {
		t.Errorf("usage of what isn't counted: %v", err)
	}
}

func TestChange(t *testing.T) {
	f := newFakeCalls()
	const name = "zone.max-lwps"
	first, second := rctl.Limited(100, rctl.Deny), rctl.Limited(150, rctl.Deny)
	own := rctl.Value{Privilege: rctl.Basic, Limit: 7, Action: rctl.Deny, Recipient: 4711}
	if err := rctl.Insert(f, name, first); err != nil {
		t.Fatal(err)
	}
	if err := rctl.Insert(f, name, first); !errors.Is(err, errno.EINVAL) {
		t.Errorf("the same value again: %v", err)
	}
	if err := rctl.Replace(f, name, first, second); err != nil {
		t.Fatal(err)
	}
	if values, err := rctl.Values(f, name); err != nil || len(values) != 3 || values[0] != second {
		t.Errorf("%v, %v", values, err)
	}
	if err := rctl.Replace(f, name, first, second); !errors.Is(err, errno.ESRCH) {
		t.Errorf("replacing what isn't there: %v", err)
	}
	if err := rctl.Delete(f, name, second); err != nil {
		t.Fatal(err)
	}
	if err := rctl.Delete(f, name, second); !errors.Is(err, errno.ESRCH) || err.Error() != "setrctl zone.max-lwps: No such process" {
		t.Errorf("deleting what isn't there: %v", err)
	}
	if err := rctl.Insert(f, name, own); err != nil {
		t.Fatal(err)
	}
	if got := f.flags[len(f.flags)-1]; got != rctl.SetInsert|rctl.UseRecipientPid {
		t.Errorf("flags %#x for a value with a recipient", got)
	}
	if got := f.flags[0]; got != rctl.SetInsert {
		t.Errorf("flags %#x for a value without one", got)
	}
}

func TestSetProject(t *testing.T) {
	f := newFakeCalls()
	v := rctl.Limited(5, rctl.Deny)
	if err := rctl.SetProject(f, "project.max-lwps", v); err != nil || len(f.project) != 1 || f.project[0] != rctl.BlockOf(v) {
		t.Errorf("%v, %v", f.project, err)
	}
	if err := rctl.SetProject(f, "zone.max-lwps", v); !errors.Is(err, errno.EINVAL) || err.Error() != "setprojrctl zone.max-lwps: Invalid argument" {
		t.Errorf("a control that isn't the project's: %v", err)
	}
}

func TestSetSyslog(t *testing.T) {
	f := newFakeCalls()
	f.global.GlobalFlagAction = uint32(rctl.GlobalCount)
	if err := rctl.SetSyslog(f, "zone.max-lwps", true, 5); err != nil || f.global.GlobalAction() != rctl.GlobalSyslog ||
		f.global.GlobalFlags() != rctl.GlobalCount || f.global.GlobalSyslogLevel != 5 {
		t.Errorf("%+v, %v", f.global, err)
	}
	if err := rctl.SetSyslog(f, "zone.max-lwps", false, 0); err != nil || f.global.GlobalAction() != 0 {
		t.Errorf("%+v, %v", f.global, err)
	}
	if err := rctl.SetSyslog(f, "zone.max-nothing", false, 0); !errors.Is(err, errno.ESRCH) {
		t.Errorf("an unknown control: %v", err)
	}
}

func TestOpen(t *testing.T) {
	if runtime.GOOS == "illumos" {
		return // has the calls, which TestChangeNative makes
	}
	if _, err := rctl.Open(); !errors.Is(err, errno.ENOTSUP) {
		t.Errorf("Open: %v", err)
	}
}
