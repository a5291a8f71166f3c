package main

import (
	"os"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/kernelrpc/server"
	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/internal/machine"
	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/kernel/host/sim"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/zone"
)

// runningZone makes a machine with a kernel, in which z1 runs as it is configured.
func runningZone(t *testing.T, script string) (*system, zone.Kernel, zone.ID) {
	t.Helper()
	s := newSystem(t)
	s.run = t.TempDir()
	t.Setenv("ZONES_RUN", s.run)
	h := sim.New()
	k, err := kernel.New(kernel.Config{Host: h})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	doors, err := door.Listen(locate.KernelDoor(s.run), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { doors.Close() })
	go doors.Serve(server.New(k, uint32(os.Getuid())).Serve)
	client, err := machine.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })

	s.must("z1", script)
	z, err := process{root: s.root, runDir: s.run}.open(s.root).Load("z1")
	if err != nil {
		t.Fatal(err)
	}
	controls, _, err := z.Rctls()
	if err != nil {
		t.Fatal(err)
	}
	packed, err := controls.Pack()
	if err != nil {
		t.Fatal(err)
	}
	id, err := client.Create(&zone.Def{Name: "z1", Root: "/zones/z1/root", Privs: priv.Full(), Rctls: packed})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Boot(id); err != nil {
		t.Fatal(err)
	}
	return s, client, id
}

// limits returns the privileged limits of a control.
func limits(t *testing.T, k zone.Kernel, id zone.ID, name string) (list []uint64) {
	t.Helper()
	values, err := k.(rctl.System).RctlValues(int32(id), name)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range values {
		if v.Privilege == rctl.Privileged {
			list = append(list, v.Limit)
		}
	}
	return list
}

func TestLive(t *testing.T) {
	s, k, id := runningZone(t, "create; set zonepath=/zones/z1; set max-lwps=500; set max-processes=400")
	before := s.read("/etc/zones/z1.xml")
	ok := func(script string) string {
		t.Helper()
		out, errs, status := s.zonecfg("-z", "z1", "-r", script)
		if status != 0 || errs != "" {
			t.Fatalf("%s: status %d\n%s%s", script, status, out, errs)
		}
		return out
	}
	no := func(script, says string) {
		t.Helper()
		out, errs, status := s.zonecfg("-z", "z1", "-r", script)
		if status != 1 || !strings.Contains(errs, says) {
			t.Errorf("%s: status %d\n%s%s\nnot %q", script, status, out, errs, says)
		}
	}

	if out := ok("info max-lwps"); out != "[max-lwps: 500]\n" {
		t.Errorf("the zone has %s", out)
	}
	ok("set max-lwps=2000; set max-shm-ids=7; set cpu-shares=20")
	if got := limits(t, k, id, "zone.max-lwps"); len(got) != 1 || got[0] != 2000 {
		t.Errorf("max-lwps is %v", got)
	}
	if out := ok("info max-shm-ids; clear max-shm-ids; commit; info max-shm-ids"); out != "[max-shm-ids: 7]\n" {
		t.Errorf("max-shm-ids: %s", out)
	}
	if got := limits(t, k, id, "zone.max-shm-ids"); len(got) != 0 {
		t.Errorf("max-shm-ids is still %v", got)
	}

	// What can't be changed is refused, and what goes with it isn't done.
	no("set max-lwps=3000; set autoboot=true", "autoboot can't be changed while the zone runs")
	no("set max-lwps=3000; add fs; set dir=/a; set special=/b; set type=lofs; end", "fs can't be changed while the zone runs")
	no("set zonename=z2", "Zone state is invalid")
	no("delete -F", "cannot delete a running zone")
	no("create -F", "cannot create a running zone")
	no("set limitpriv=bogus", "invalid privilege: bogus")
	if got := limits(t, k, id, "zone.max-lwps"); len(got) != 1 || got[0] != 2000 {
		t.Errorf("max-lwps is %v after what was refused", got)
	}
	if after := s.read("/etc/zones/z1.xml"); after != before {
		t.Errorf("the configuration on disk was changed:\n%s", after)
	}
	// Without -r it is the other way round.
	s.must("z1", "set max-lwps=700")
	if got := limits(t, k, id, "zone.max-lwps"); got[0] != 2000 {
		t.Errorf("the running zone was changed: %v", got)
	}

	// The kernel's word on a zone that runs.
	if _, errs, status := s.zonecfg("-z", "z1", "set zonename=z9"); status != 1 || !strings.Contains(errs, "z9: Zone state is invalid for the requested operation") {
		t.Errorf("renamed while it runs: %d %s", status, errs)
	}
	if _, errs, status := s.zonecfg("-z", "z1", "delete -F"); status != 1 || errs != "z1: Zone state is invalid for the requested operation\n" {
		t.Errorf("deleted while it runs: %d %s", status, errs)
	}
}

func TestLiveMemory(t *testing.T) {
	s, k, id := runningZone(t, "create; set zonepath=/zones/z1; add capped-memory; set physical=1G; set swap=1G; end")
	if _, errs, status := s.zonecfg("-z", "z1", "-r", "select capped-memory; set physical=2G; set swap=3G; end"); status != 0 || errs != "" {
		t.Fatalf("status %d: %s", status, errs)
	}
	if got := limits(t, k, id, "zone.max-swap"); len(got) != 1 || got[0] != 3<<30 {
		t.Errorf("max-swap is %v", got)
	}
	var raw [8]byte
	if _, err := k.Getattr(id, zone.AttrPhysMcap, raw[:]); err != nil {
		t.Fatal(err)
	}
	if got := uint64(raw[0]) | uint64(raw[3])<<24; got != 2<<30 {
		t.Errorf("the cap on physical memory is %v", raw)
	}
}

func TestLiveWithoutZone(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.must("z1", "create; set zonepath=/zones/z1")
	_, errs, status := s.zonecfg("-z", "z1", "-r", "set max-lwps=500")
	if status != 1 || errs != "zonecfg: z1: it doesn't run: leave out -r to change its configuration\n" {
		t.Errorf("status %d: %s", status, errs)
	}
}
