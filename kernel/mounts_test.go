package kernel_test

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// TestMountAgainstShutdown: a mount that waits for a change of state finds the zone
// shutting down.
func TestMountAgainstShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, m, id, key := hosted(t)
		p := k.Global()
		mount := host.Mount{Point: "/tmp", Resource: "swap", FSType: "tmpfs"}
		if err := errors.Join(p.Mount(id, mount), p.Unmount(id, "/tmp/", false)); err == nil {
			t.Error("a point that isn't mounted by that name was unmounted")
		}
		if err := errors.Join(p.Unmount(id, "/tmp", false), p.SetAddress(id, m.AddLinkName("net0"), "10.0.0.1/8", true)); err != nil {
			t.Fatal(err)
		}
		z := kernel.Insides(k).Peek(id)
		kernel.Insides(k).MountInProgress(p, z)
		down := make(chan error)
		go func() { down <- p.Shutdown(id) }()
		synctest.Wait()
		if s := status(t, k, id); s != zone.StatusRunning {
			t.Errorf("zone is %v while a mount is under way", s)
		}
		kernel.Insides(k).MountCompleted(z)
		synctest.Wait()
		if err := p.Mount(id, mount); !errors.Is(err, errno.EINVAL) {
			t.Errorf("mount in a zone that shuts down: %v", err)
		}
		m.notify(host.Exit{Key: key, Pid: initPid(t, k, id), Last: true})
		if err := <-down; err != nil {
			t.Fatal(err)
		}
		if err := p.Destroy(id); err != nil {
			t.Fatal(err)
		}
	})
}

// AddLinkName adds a link and returns its name.
func (m *machine) AddLinkName(name string) string { m.AddLink(name); return name }

// TestDatasetOfMount: a process sees the dataset that is mounted into its zone, and those above
// it, until it is unmounted.
func TestDatasetOfMount(t *testing.T) {
	k, _, id, _ := hosted(t)
	defer kernel.Insides(k).Abandon()
	in := kernel.Insides(k)
	z := in.Peek(id)
	in.AddMount(z, "/z/web/root/data", "tank/data", "zfs")
	in.AddMount(z, "/z/web/root/tmp", "tank/tmp", "tmpfs")
	inside := k.AddProc(root())
	if err := inside.Enter(id); err != nil {
		t.Fatal(err)
	}
	check := func(seen bool) {
		t.Helper()
		for dataset, want := range map[string]bool{"tank/data": seen, "tank": seen, "tank/data/below": false, "tank/tmp": false, "tan": false, "": false} {
			if visible, writable := in.DatasetVisible(inside, dataset); visible != want || writable {
				t.Errorf("%q: visible %v, writable %v, want visible %v", dataset, visible, writable, want)
			}
		}
	}
	check(true)
	in.RemoveMount("/z/web/root/data")
	check(false)
}
