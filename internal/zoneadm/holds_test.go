package zoneadm

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// TestHolds: holds needs a zone, and says so if nothing holds it.
func TestHolds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		line   string
		status int
		out    []string
		errs   []string
	}{
		{"-z z1 holds", ExitOK, []string{"z1 is installed; nothing holds it"}, nil},
		{"-z z1 holds now", ExitUsage, nil, []string{"usage:\tholds [--json]", "\tPrint what keeps the zone from going down, or its zonepath busy: processes, open files,", "\tmounts, data links, references of the kernel, and who holds its lock."}},
		{"holds", ExitFailed, nil, []string{"zoneadm: no zone specified"}},
		{"-z global holds", ExitFailed, nil, []string{"zoneadm: zone 'global': holds operation is invalid for the global zone."}},
		{"-z nosuch holds", ExitFailed, nil, []string{"zoneadm: nosuch: No such zone configured"}},
	} {
		b := newBench(t)
		b.zone("z1", "installed")
		status, out, errs := b.do(test.line)
		errs = slices.DeleteFunc(errs, func(line string) bool { return strings.Contains(line, "this user may not see") }) // in a container, or as a user
		if status != test.status || !slices.Equal(out, test.out) || !slices.Equal(errs, test.errs) {
			t.Errorf("%s: status %d, %q, %q", test.line, status, out, errs)
		}
	}
	b := newBench(t)
	b.zone("z1", "installed")
	file, err := os.OpenFile(lockPath(b.RunDir, "z1"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	file.Close()
	z := b.On("z1", Observer{})
	unlock, err := z.lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// This process holds the lock, and asking must not release it.
	held, err := b.On("z1", Observer{}).Holds()
	if err != nil || len(held.List) != 1 || held.List[0].Kind != HoldLock || held.List[0].PID != os.Getpid() {
		t.Errorf("%+v, %v", held, err)
	}
	unlock()
	if held, err := b.On("z1", Observer{}).Holds(); err != nil || len(held.List) != 0 {
		t.Errorf("%+v, %v", held, err)
	}
}

// held is a kernel that says what it has of every zone.
type held struct {
	*told
	has   zone.Holds
	links []zone.LinkID
}

func (k *held) Holds(zone.ID) (zone.Holds, error) { return k.has, nil }

func (k *held) ListDatalinks(_ zone.ID, into []zone.LinkID) (int, error) {
	if k.links == nil {
		return 0, errno.EINVAL // it has the host's network
	}
	return copy(into, k.links), nil
}

func (k *held) LinkName(id zone.LinkID) (string, error) {
	if id == 7 {
		return "net7", nil
	}
	return "", errno.ENXIO
}

// TestHoldsOfKernel: what the kernel has of a zone is listed by its kind. References that go
// with the zone's processes count only when those are gone.
func TestHoldsOfKernel(t *testing.T) {
	t.Parallel()
	has := zone.Holds{References: 6, Credentials: 2, Subsystems: map[string]uint32{"VFS": 2, "NFS": 1}, Mounts: 1}
	kernels := []Hold{
		{Kind: HoldMount, What: "being made or removed in the zone", Count: 1},
		{Kind: HoldReference, What: "by NFS", Count: 1}, {Kind: HoldReference, What: "by VFS", Count: 2},
	}
	others := []Hold{{Kind: HoldReference, What: "by others", Count: 2}, {Kind: HoldReference, What: "by credentials", Count: 2}}
	links := []Hold{{Kind: HoldLink, What: "net7"}, {Kind: HoldLink, What: "link 8"}}
	for _, test := range []struct {
		name, state string
		has         zone.Holds
		links       []zone.LinkID
		want        []Hold
	}{
		{"running", "running", has, nil, kernels},
		{"down", "down", has, nil, slices.Concat(kernels, others)},
		{"down with nothing", "down", zone.Holds{References: 1}, nil, nil},
		{"links", "running", zone.Holds{References: 9, Credentials: 9}, []zone.LinkID{7, 8}, links},
		{"installed", "installed", has, []zone.LinkID{7}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.zone("z1", test.state)
			b.Kernel = &held{b.kernel, test.has, test.links}
			h, err := b.On("z1", Observer{}).Holds()
			if err != nil || h.State.String() != test.state || h.Text != test.state || !slices.Equal(h.List, test.want) {
				t.Errorf("%+v, %v; want %+v", h, err, test.want)
			}
		})
	}
	b := newBench(t)
	b.zone("z1", "down")
	b.Kernel = &held{b.kernel, zone.Holds{References: 3, Subsystems: map[string]uint32{"LOFI": 2}}, nil}
	_, out, _ := b.do("-z z1 holds")
	want := []string{"z1 is down", "KIND       PID  COMMAND  WHAT", "reference  -    -        2 by LOFI"}
	if !slices.Equal(out, want) {
		t.Errorf("%q, want %q", out, want)
	}
	if _, out, _ := b.do("-z z1 holds --json"); !strings.Contains(strings.Join(out, ""), `"holds": [    {      "kind": "reference",      "what": "by LOFI",      "count": 2    }  ]`) {
		t.Errorf("%q", out)
	}
	b.Inside = true
	if _, err := b.On("z1", Observer{}).Holds(); !errors.Is(err, ErrPermission) {
		t.Errorf("from inside: %v", err)
	}
}
