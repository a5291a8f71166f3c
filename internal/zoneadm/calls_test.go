package zoneadm

import (
	"fmt"
	"slices"
	"testing"

	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/kernel/host/sim"
	"github.com/gozones/zones/sys/zone"
)

// counted is a kernel that records the calls that would be made to a kernel process.
type counted struct {
	*kernel.Local
	calls []string
}

func (k *counted) call(name string) { k.calls = append(k.calls, name) }

func (k *counted) Lookup(name string) (zone.ID, error) {
	if name != "" { // the client knows its own zone without a call
		k.call("lookup")
	}
	return k.Local.Lookup(name)
}

func (k *counted) Inspect(name string) (zone.Info, error) {
	k.call("inspect")
	return k.Local.Inspect(name)
}

func (k *counted) Table() (*zone.Table, error) {
	k.call("table")
	return k.Local.Table()
}

func (k *counted) List(ids []zone.ID) (int, error) {
	k.call("list")
	return k.Local.List(ids)
}

func (k *counted) Getattr(id zone.ID, attr zone.Attr, buf []byte) (int, error) {
	k.call("getattr")
	return k.Local.Getattr(id, attr, buf)
}

func (k *counted) LinkByName(name string) (zone.LinkID, error) {
	k.call("link")
	return k.Local.LinkByName(name)
}

// TestSmartosLive42CallsToTheKernel: the number of kernel calls of a verb doesn't depend on how
// many zones run.
// https://github.com/TritonDataCenter/smartos-live/issues/42: a list takes a second for each
// zone.
func TestSmartosLive42CallsToTheKernel(t *testing.T) {
	t.Parallel()
	const others = 30
	k, err := kernel.New(kernel.Config{Host: sim.New()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	for i := range others {
		id, err := k.Global().Create(&zone.Def{Name: fmt.Sprintf("other%d", i), Root: fmt.Sprintf("/z/other%d/root", i)})
		if err == nil {
			err = k.Global().Boot(id)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		line string
		want []string
	}{
		{"-z z1 verify", []string{"inspect"}},
		{"-z z1 boot", []string{"inspect"}},
		{"-z z1 ready", []string{"inspect"}},
		{"-z z1 halt", []string{"inspect"}},
		{"-z z1 list -v", []string{"inspect"}},
		{"list", []string{"table"}},
		{"list -cp", []string{"table"}},
	} {
		b := newBench(t)
		b.zone("z1", "installed")
		for i := range others {
			b.zone(fmt.Sprintf("other%d", i), "installed")
		}
		counting := &counted{Local: k.Global().Local()}
		b.Kernel = nil
		b.Connect = func() (zone.Kernel, error) { return counting, nil }
		b.Daemon = answering{}
		if status, _, errs := b.do(test.line); status != ExitOK || len(errs) > 0 {
			t.Errorf("%s: %d, %q", test.line, status, errs)
		}
		if !slices.Equal(counting.calls, test.want) {
			t.Errorf("%s: calls %q, want %q", test.line, counting.calls, test.want)
		}
	}
}

// answering is a daemon for every zone that answers every request with success.
type answering struct{}

func (answering) Request(string, zone.CommandRequest) (zone.CommandReply, error) {
	return zone.CommandReply{}, nil
}
func (answering) Notify(string, zone.CommandRequest) {}
