package zone_test

import (
	"errors"
	"reflect"
	"testing"

	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// maker records the calls made by steps. Mount points and links in fails fail.
type maker struct {
	zone.Kernel
	fails map[string]bool
	calls []string
}

var errDisk = &zone.Error{Op: "mount", Errno: errno.ENOSPC}

func newMaker(t *testing.T, fails ...string) *maker {
	t.Helper()
	k, err := kernel.New(kernel.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	m := &maker{Kernel: k.Global().Local(), fails: map[string]bool{}}
	for _, name := range fails {
		m.fails[name] = true
	}
	return m
}

func (m *maker) call(name, object string) error {
	m.calls = append(m.calls, name+" "+object)
	if m.fails[object] {
		return errDisk
	}
	return nil
}

func (m *maker) MountAll(id zone.ID, mounts []zone.Mount) (done int, err error) {
	for _, mount := range mounts {
		if err := m.call("mount", mount.Point); err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}

func (m *maker) Unmount(id zone.ID, point string, force bool) error {
	return m.call("unmount", point)
}

func (m *maker) LinkByName(name string) (zone.LinkID, error) {
	if m.fails[name] {
		return 0, errDisk
	}
	return 9, nil
}

func (m *maker) SetAddress(id zone.ID, link, prefix string, add bool) error {
	if add {
		return m.call("add", prefix)
	}
	return m.call("remove", prefix)
}

func mount(point string) zone.Step {
	return zone.Step{Mount: &zone.Mount{Special: "swap", Point: point, FSType: "tmpfs"}}
}

func address(prefix string) zone.Step {
	return zone.Step{Address: &zone.Address{Link: "net0", Prefix: prefix}}
}

func optional(s zone.Step) zone.Step { s.Optional = true; return s }

func TestMake(t *testing.T) {
	t.Parallel()
	failed := func(steps ...int) (list []zone.StepFailure) {
		for _, i := range steps {
			list = append(list, zone.StepFailure{Step: i, Err: errDisk})
		}
		return list
	}
	for _, c := range []struct {
		name   string
		steps  []zone.Step
		fails  []string
		calls  []string
		failed []zone.StepFailure
		err    error
	}{
		{"no steps", nil, nil, nil, nil, nil},
		{"mounts", []zone.Step{mount("/a"), mount("/b")}, nil, []string{"mount /a", "mount /b"}, nil, nil},
		{"what was done is undone backwards", []zone.Step{mount("/a"), address("10.0.0.1/8"), mount("/b"), mount("/c")}, []string{"/c"},
			[]string{"mount /a", "add 10.0.0.1/8", "mount /b", "mount /c", "unmount /b", "remove 10.0.0.1/8", "unmount /a"}, failed(3), errDisk},
		{"an optional mount", []zone.Step{mount("/a"), optional(mount("/b")), mount("/c")}, []string{"/b"},
			[]string{"mount /a", "mount /b", "mount /c"}, failed(1), nil},
		{"an optional one, then another", []zone.Step{optional(address("10.0.0.1/8")), mount("/a")}, []string{"10.0.0.1/8", "/a"},
			[]string{"add 10.0.0.1/8", "mount /a"}, failed(0, 1), errDisk},
		{"a link that doesn't exist", []zone.Step{{Link: &zone.Link{Name: "net9"}}}, []string{"net9"}, nil, failed(0), errDisk},
		{"a property of one", []zone.Step{{Net: &zone.NetData{Link: "net9"}}}, []string{"net9"}, nil, failed(0), errDisk},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := newMaker(t, c.fails...)
			out, err := zone.Make(m, &zone.Definition{Def: zone.Def{Name: "web", Root: "/zones/web"}, Steps: c.steps})
			if !errors.Is(err, c.err) {
				t.Fatalf("%v, not %v", err, c.err)
			}
			if !reflect.DeepEqual(m.calls, c.calls) {
				t.Errorf("calls %v, not %v", m.calls, c.calls)
			}
			if !reflect.DeepEqual(out.Failed, c.failed) {
				t.Errorf("failed steps %v, not %v", out.Failed, c.failed)
			}
			id, lookupErr := m.Lookup("web")
			switch {
			case err == nil && (id != out.ID || out.UniqID == 0):
				t.Errorf("the outcome is %+v, the zone is %d, %v", out, id, lookupErr)
			case err != nil && (lookupErr == nil || out.ID != -1):
				t.Errorf("zone %d is left, the outcome is %+v", id, out)
			}
		})
	}
}

// TestStepContents: a step that sets nothing, or two things, is rejected before
// anything is done.
func TestStepContents(t *testing.T) {
	t.Parallel()
	two := mount("/b")
	two.Link = &zone.Link{Name: "net0"}
	for name, step := range map[string]zone.Step{"nothing": {}, "two things": two} {
		m := newMaker(t)
		steps := []zone.Step{mount("/a"), step}
		if _, err := zone.Make(m, &zone.Definition{Def: zone.Def{Name: "web", Root: "/zones/web"}, Steps: steps}); !errors.Is(err, errno.EINVAL) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := m.Lookup("web"); err == nil || m.calls != nil {
			t.Errorf("%s: a zone was made, or %v done", name, m.calls)
		}
		id, err := m.Create(&zone.Def{Name: "web", Root: "/zones/web"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := zone.BootWith(m, id, steps); !errors.Is(err, errno.EINVAL) || m.calls != nil {
			t.Errorf("%s at boot: %v, after %v", name, err, m.calls)
		}
	}
}

// TestBootWith: the zone isn't booted if a step before the boot fails.
func TestBootWith(t *testing.T) {
	t.Parallel()
	m := newMaker(t, "/a")
	id, err := m.Create(&zone.Def{Name: "web", Root: "/zones/web"})
	if err != nil {
		t.Fatal(err)
	}
	out, err := zone.BootWith(m, id, []zone.Step{mount("/a")})
	if !errors.Is(err, errDisk) || out.ID != id || len(out.Failed) != 1 {
		t.Errorf("%+v, %v", out, err)
	}
	if status, err := zone.StatusOf(m, id); status != zone.StatusReady || err != nil {
		t.Errorf("the zone is %v, %v", status, err)
	}
	if _, err := zone.BootWith(m, id, []zone.Step{zone.TextAttribute(zone.AttrBootArgs, "-v"), optional(mount("/a"))}); err != nil {
		t.Error(err)
	}
	if args, err := zone.BootArgsOf(m, id); args != "-v" || err != nil {
		t.Errorf("boot arguments %q, %v", args, err)
	}
	if status, err := zone.StatusOf(m, id); status != zone.StatusRunning || err != nil {
		t.Errorf("the zone is %v, %v", status, err)
	}
}
