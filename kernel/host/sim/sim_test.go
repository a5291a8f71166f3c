package sim_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/kernel/host/sim"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// A test of code that works with zones needs no machine with zones.
func Example() {
	k, err := kernel.New(kernel.Config{Host: sim.New()})
	if err != nil {
		panic(err)
	}
	var sys zone.System = k.Global()
	id, err := sys.Create(&zone.Def{Name: "web", Root: "/zones/web/root"})
	if err != nil {
		panic(err)
	}
	fmt.Println(id, sys.Boot(id))
	status, err := zone.StatusOf(sys, id)
	fmt.Println(status, err)
	_, err = sys.Create(&zone.Def{Name: "web", Root: "/zones/other"})
	fmt.Println(err)
	// Output:
	// 1 <nil>
	// running <nil>
	// zone_create web: File exists (EEXIST)
}

func TestResolve(t *testing.T) {
	tree := sim.NewTree(map[string]sim.Node{
		"/":        {},
		"/z":       {},
		"/z/root":  {},
		"/z/link":  {Link: "/z/root"},
		"/z/near":  {Link: "root"},
		"/z/loop":  {Link: "/z/loop"},
		"/z/file":  {File: true},
		"/z/shut":  {NoExec: true},
		"/z/stale": {Lookup: errno.ESTALE},
		"/z/mount": {Mount: errno.EIO},
	})
	for _, test := range []struct {
		path, want string
		err        errno.Errno
	}{
		{"/z/root", "/z/root", 0},
		{"//z/./root/", "/z/root", 0},
		{"/z/root/../../..", "/", 0},
		{"z/root", "/z/root", 0},
		{"/z/link", "/z/root", 0},
		{"/z/near", "/z/root", 0},
		{"/z/file", "/z/file", 0},
		{"", "", errno.ENOENT},
		{"/none", "", errno.ENOENT},
		{"/z/file/", "", errno.ENOTDIR},
		{"/z/file/x", "", errno.ENOTDIR},
		{"/z/loop", "", errno.ELOOP},
		{"/z/shut", "", errno.EACCES},
		{"/z/stale", "", errno.ESTALE},
		{"/z/mount", "", errno.EIO},
		{"/" + strings.Repeat("x", 256), "", errno.ENAMETOOLONG},
		{strings.Repeat("/z", 600), "", errno.ENAMETOOLONG},
	} {
		got, err := tree.Resolve(test.path)
		if e, _ := errno.Of(err); got != test.want || e != test.err {
			t.Errorf("%.40q: %q, %v; want %q, %v", test.path, got, err, test.want, test.err)
		}
	}
	h := sim.New()
	for path, want := range map[string]string{"/a//b/": "/a/b", "/": "/", "/..": "/"} {
		if got, err := h.Resolve(path); got != want || err != nil {
			t.Errorf("without a tree %q is %q, %v", path, got, err)
		}
	}
	if _, err := h.Resolve(""); !errors.Is(err, errno.ENOENT) {
		t.Error(err)
	}
	h.SetTree(tree)
	if _, err := h.Resolve("/none"); !errors.Is(err, errno.ENOENT) {
		t.Error(err)
	}
}

// TestUnderKernel drives the host through the kernel's calls.
func TestUnderKernel(t *testing.T) {
	h := sim.New()
	k, err := kernel.New(kernel.Config{Host: h})
	if err != nil {
		t.Fatal(err)
	}
	p := k.Global()
	id, err := p.Create(&zone.Def{Name: "web", Root: "/z/web"})
	if err != nil {
		t.Fatal(err)
	}
	tmp := host.Mount{Point: "/tmp", Resource: "swap", FSType: "tmpfs"}
	if err := p.Mount(id, tmp); err != nil {
		t.Fatal(err)
	}
	if err := p.Mount(id, tmp); !errors.Is(err, errno.EBUSY) {
		t.Errorf("mounting twice: %v", err)
	}
	if mounts, err := h.Mounts(); len(mounts) != 1 || mounts[0] != tmp || err != nil {
		t.Error(mounts, err)
	}
	if err := p.Unmount(id, "/tmp", false); err != nil {
		t.Error(err)
	}
	if err := p.Unmount(id, "/tmp", true); !errors.Is(err, errno.EINVAL) {
		t.Errorf("unmounting twice: %v", err)
	}
	for _, bad := range []zone.ID{0, 7} {
		if err := p.Mount(bad, tmp); !errors.Is(err, errno.EINVAL) {
			t.Errorf("mount in zone %d: %v", bad, err)
		}
		if err := p.Unmount(bad, "/tmp", false); !errors.Is(err, errno.EINVAL) {
			t.Errorf("unmount in zone %d: %v", bad, err)
		}
		if err := p.SetAddress(bad, "net0", "10.0.0.1/8", true); !errors.Is(err, errno.EINVAL) {
			t.Errorf("address in zone %d: %v", bad, err)
		}
	}
	link := h.AddLink("net0")
	if again := h.AddLink("net0"); again != link {
		t.Errorf("net0 is %d, then %d", link, again)
	}
	if name, err := h.LinkName(link); name != "net0" || err != nil {
		t.Error(name, err)
	}
	if got, err := h.LinkByName("net0"); got != link || err != nil {
		t.Error(got, err)
	}
	if _, err := h.LinkName(99); !errors.Is(err, errno.ENXIO) {
		t.Error(err)
	}
	if err := h.MoveLink(link, host.ZoneKey{}, host.ZoneKey{}); err != nil {
		t.Error(err)
	}
	if err := p.SetAddress(id, "net0", "10.0.0.1/8", true); err != nil {
		t.Error(err)
	}
	if err := p.SetAddress(id, "net9", "10.0.0.1/8", true); !errors.Is(err, errno.ENXIO) {
		t.Error(err)
	}
	nobody := k.AddProc(kernel.ProcSpec{})
	if err := nobody.Mount(id, tmp); !errors.Is(err, errno.EPERM) {
		t.Errorf("mount without privilege: %v", err)
	}
	if len(h.Capabilities()) == 0 || h.Name() != "sim" {
		t.Error("the host doesn't say what it is")
	}
	h.FailInit(errno.ENOEXEC)
	if err := p.Boot(id); !errors.Is(err, errno.ENOEXEC) {
		t.Errorf("boot: %v", err)
	}
	if err := errors.Join(p.Shutdown(id), p.Destroy(id)); err != nil {
		t.Fatal(err)
	}
	if key, err := h.ZoneOf(1); key.ID != 0 || err != nil {
		t.Error(key, err)
	}
	if _, err := h.OpenDaemon("/x"); !errors.Is(err, errno.ENOENT) {
		t.Error(err)
	}
	key := host.ZoneKey{ID: 4, UniqID: 4}
	if _, ok := h.Limit(key, "zone.max-lwps"); ok {
		t.Error("a limit that wasn't set")
	}
	if err := errors.Join(h.SetRctl(key, "zone.max-lwps", 5), h.SetAttr(key, zone.AttrHostID, nil), h.KillAll(key)); err != nil {
		t.Error(err)
	}
	if n, ok := h.Limit(key, "zone.max-lwps"); n != 5 || !ok {
		t.Error(n, ok)
	}
	if err := h.DestroyZone(key); err != nil {
		t.Error(err)
	}
	if n, err := h.Processes(key); n != -1 || err != nil {
		t.Error(n, err)
	}
	if _, err := h.Start(key, &zone.Cmd{Path: "/bin/sh"}); !errors.Is(err, errno.ENOENT) {
		t.Error(err)
	}
}
