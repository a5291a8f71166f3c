package zoneadm

import (
	"os"
	"slices"
	"strings"
	"testing"
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
