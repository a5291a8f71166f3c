package kernel_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/kernel/host/sim"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// TestLocal: a zone's life as seen by a program in the kernel's process.
func TestLocal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := sim.New()
		net0 := h.AddLink("net0")
		k, err := kernel.New(kernel.Config{Host: h})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { k.Close(); synctest.Wait() }()
		l := k.Global().Local()
		l.Detail = "asked for"
		ctx, stop := context.WithCancel(t.Context())
		events, err := l.Watch(ctx)
		if err != nil {
			t.Fatal(err)
		}

		made, err := l.Make(&zone.Definition{
			Def: zone.Def{Name: "web", Root: "/zones/web/root", Flags: zone.CreateNetExcl},
			Steps: []zone.Step{
				{Mount: &zone.Mount{Special: "/opt", Point: "/opt", FSType: "lofs"}},
				{Link: &zone.Link{Name: "net0"}},
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"initialized", "ready"} {
			if e := <-events; e.ID != made.ID || e.Name != "web" || e.New != want {
				t.Errorf("event %+v, want %s", e, want)
			}
		}
		stop()
		for range events { // closed when the context is done
		}
		if _, err := l.BootWith(made.ID, []zone.Step{{Attr: &zone.AttrValue{Attr: zone.AttrBootArgs, Value: []byte("-v\x00")}}}); err != nil {
			t.Fatal(err)
		}
		info, err := l.Inspect("web")
		if err != nil || info.ID != made.ID || info.Status != zone.StatusRunning || info.Root != "/zones/web/root" {
			t.Errorf("%+v, %v", info, err)
		}
		if table, err := l.Table(); err != nil || len(table.Zones) != 2 || table.Zones[1] != info || table.Caller != zone.GlobalID {
			t.Errorf("%+v, %v", table, err)
		}
		if id, err := l.LinkByName("net0"); id != net0 || err != nil {
			t.Errorf("net0 is link %d, %v", id, err)
		}
		if name, err := l.LinkName(net0); name != "net0" || err != nil {
			t.Errorf("link %d is %q, %v", net0, name, err)
		}
		stats, err := l.Kstats()
		if err != nil || len(stats) == 0 || stats[len(stats)-1].Data["zonename"] != "web" {
			t.Errorf("%+v, %v", stats, err)
		}
		report, err := l.Report()
		if err != nil || report.Host != "sim" || report.Detail != "asked for" || len(report.Capabilities) == 0 {
			t.Errorf("%+v, %v", report, err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(l.Shutdown(made.ID), l.Destroy(made.ID)); err != nil {
			t.Errorf("after a close: %v", err)
		}
	})
}

// TestLocalWatchEnds: a watch ends when the kernel is closed, and when its context is
// done even if its events aren't received.
func TestLocalWatchEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, err := kernel.New(kernel.Config{})
		if err != nil {
			t.Fatal(err)
		}
		defer synctest.Wait()
		l := k.Global().Local()
		ended, err := l.Watch(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		left, err := l.Watch(ctx)
		if err != nil {
			t.Fatal(err)
		}
		create(t, k.Global(), 1)
		synctest.Wait()
		stop()
		synctest.Wait()
		if _, ok := <-left; ok {
			t.Error("a watch that was left goes on")
		}
		if err := k.Close(); err != nil {
			t.Fatal(err)
		}
		n := 0
		for range ended {
			n++
		}
		if n != 2 {
			t.Errorf("%d events before the end, want 2", n)
		}
		if _, err := k.Global().Start(1, &zone.Cmd{Path: "/bin/true"}); !errors.Is(err, errno.ENOENT) {
			t.Errorf("start: %v", err)
		}
	})
}
