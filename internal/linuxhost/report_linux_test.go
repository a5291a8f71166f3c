package linuxhost

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/kernel/host"
)

// TestMissingControllers: the report says why the host only counts what it can't limit.
func TestMissingControllers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, why, want string
	}{{"not said why", "", "this host has no such controller"}, {"read-only", "mounted read-only", "mounted read-only"}} {
		h := &Host{groups: &groups{why: test.why}}
		rows := h.Capabilities()
		i := slices.IndexFunc(rows, func(c host.Capability) bool { return c.Concept == "zone.max-lwps" })
		if i < 0 || rows[i].Class != host.Reported || rows[i].Missing != test.want {
			t.Errorf("%s: %+v", test.name, rows[max(i, 0)])
		}
	}
}

// TestSealed: what a zone's zsched runs is this program, and nobody can change it.
func TestSealed(t *testing.T) {
	t.Parallel()
	file, err := sealedSelf()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	const all = unix.F_SEAL_SEAL | unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_WRITE
	if seals, err := unix.FcntlInt(file.Fd(), unix.F_GET_SEALS, 0); err != nil || seals&all != all {
		t.Errorf("seals %#x, %v", seals, err)
	}
	if _, err := file.WriteAt([]byte{0}, 0); !errors.Is(err, unix.EPERM) {
		t.Errorf("writing: %v", err)
	}
	self, err1 := os.Stat("/proc/self/exe")
	copied, err2 := file.Stat()
	if err := errors.Join(err1, err2); err != nil || self.Size() != copied.Size() {
		t.Errorf("%v bytes of %v, %v", copied.Size(), self.Size(), err)
	}
}

// TestCPUStat: the times are read whatever else version 2 of control groups lists.
func TestCPUStat(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]int64{
		"":                                       {-1, -1},
		"user_usec":                              {-1, -1}, // cut short
		"user_usec 3 system_usec":                {3000, -1},
		"usage_usec 5 user_usec 3 system_usec 2": {3000, 2000},
		"user_usec x system_usec 2 nr_periods 70": {-1, 2000},
	} {
		if user, system := cpuStat(strings.Fields(text)); user != want[0] || system != want[1] {
			t.Errorf("%q: %d and %d, want %v", text, user, system, want)
		}
	}
}

// TestFull: a request takes file systems while their descriptors and its size allow, and
// always one.
func TestFull(t *testing.T) {
	t.Parallel()
	small, large := host.Mount{Point: "/p"}, host.Mount{Point: "/" + strings.Repeat("p", maxMessage)}
	one := []mountEntry{{}}
	for _, test := range []struct {
		name  string
		batch mountBatch
		m     host.Mount
		want  bool
	}{
		{"the first, however large", mountBatch{}, large, false},
		{"the first, without descriptors", mountBatch{trees: make([]int, maxFDs)}, small, false},
		{"a second", mountBatch{entries: one}, small, false},
		{"one that is too large", mountBatch{entries: one}, large, true},
		{"too many descriptors", mountBatch{entries: one, trees: make([]int, maxFDs)}, small, true},
		{"the last descriptor", mountBatch{entries: one, trees: make([]int, maxFDs-1)}, small, false},
	} {
		if got := test.batch.full(test.m); got != test.want {
			t.Errorf("%s: full is %v", test.name, got)
		}
	}
}

// TestAllUsers: only the initial user namespace maps every user to itself.
func TestAllUsers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"         0          0 4294967295\n": true,
		"         0       1000          1\n": false,
		"0 0 1\n":                            false,
		"0 100000 4294967295\n":              false,
		"1 0 4294967295\n":                   false,
		"0 0 4294967295\n1 1 1\n":            false,
		"":                                   false,
	} {
		if allUsers(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}
