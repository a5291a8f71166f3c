package linuxhost

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/errno"
)

// needGroups skips the test unless the host limits and counts with these controllers.
func (m *machine) needGroups(controllers ...string) {
	m.Helper()
	for _, controller := range controllers {
		if _, found := m.h.groups.dirs[controller]; !found {
			testenv.Need(m.T, testenv.Cgroup(controller, errors.New(m.h.groups.why)))
		}
	}
}

// TestCounts: the host counts a zone's processes and the time that they run.
func TestCounts(t *testing.T) {
	m := newMachine(t)
	m.needGroups("pids", "cpuacct")
	id, _ := m.booted("counts")
	key := m.key(id)
	user, system, err := m.h.CPUTime(key)
	if err != nil || user < 0 || system < 0 {
		t.Fatal(user, system, err)
	}
	m.run(id, "i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done")
	if after, _, err := m.h.CPUTime(key); err != nil || after <= user {
		t.Errorf("after work the user time is %d, %v; it was %d", after, err, user)
	}
	if n, err := m.h.Processes(key); err != nil || n < 1 || n > 5 {
		t.Errorf("a zone with an init has %d processes, %v", n, err)
	}
	m.halt(id)
}

// TestKnobs: what is written to which file for a limit, in both versions of control groups.
func TestKnobs(t *testing.T) {
	t.Parallel()
	const shares, lwps, quota, swap = "zone.cpu-shares", "zone.max-lwps", "zone.cpu-cap", "zone.max-swap"
	for _, test := range []struct {
		name   string
		limits []uint64 // set one after the other
		v1, v2 map[string]string
	}{
		{lwps, []uint64{10}, map[string]string{"pids.max": "11"}, map[string]string{"pids.max": "10"}}, // one thread of zsched
		{lwps, []uint64{host.NoLimit}, nil, nil},
		{lwps, []uint64{10, host.NoLimit}, map[string]string{"pids.max": "max"}, map[string]string{"pids.max": "max"}},
		{shares, []uint64{20}, map[string]string{"cpu.shares": "1024"}, map[string]string{"cpu.weight": "100"}},
		{shares, []uint64{0}, map[string]string{"cpu.shares": "2"}, map[string]string{"cpu.weight": "1"}},
		{shares, []uint64{1 << 40}, map[string]string{"cpu.shares": "262144"}, map[string]string{"cpu.weight": "10000"}},
		{shares, []uint64{host.NoLimit}, map[string]string{"cpu.shares": "51"}, map[string]string{"cpu.weight": "5"}},
		{quota, []uint64{150}, map[string]string{"cpu.cfs_quota_us": "150000"}, map[string]string{"cpu.max": "150000 100000"}},
		{quota, []uint64{150, host.NoLimit}, map[string]string{"cpu.cfs_quota_us": "-1"}, map[string]string{"cpu.max": "max"}},
		{swap, []uint64{4096}, map[string]string{"memory.limit_in_bytes": "4096", "memory.memsw.limit_in_bytes": "4096"}, map[string]string{"memory.max": "4096"}},
		{swap, []uint64{4096, host.NoLimit}, map[string]string{"memory.limit_in_bytes": "-1", "memory.memsw.limit_in_bytes": "-1"}, map[string]string{"memory.max": "max"}},
		{cappedMemory, []uint64{4096}, map[string]string{"memory.soft_limit_in_bytes": "4096"}, map[string]string{"memory.high": "4096"}},
		{cappedMemory, []uint64{4096, host.NoLimit}, map[string]string{"memory.soft_limit_in_bytes": "-1"}, map[string]string{"memory.high": "max"}},
		{"zone.max-sem-ids", []uint64{5}, nil, nil},
	} {
		for version, want := range []map[string]string{test.v1, test.v2} {
			dir := t.TempDir()
			g := &group{of: &groups{v2: version == 1}, dirs: map[string]string{"pids": dir, "cpu": dir, "memory": dir}, limited: map[string]bool{}}
			for file := range want { // those of a real group exist, too
				if err := os.WriteFile(filepath.Join(dir, file), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for _, limit := range test.limits {
				if err := g.set(test.name, limit); err != nil {
					t.Fatal(err)
				}
			}
			got := map[string]string{}
			for _, file := range inside(t, dir) {
				text, err := os.ReadFile(filepath.Join(dir, file))
				if err != nil {
					t.Fatal(err)
				}
				got[file] = string(text)
			}
			if !maps.Equal(got, want) {
				t.Errorf("%s of %d in version %d: %q, want %q", test.name, test.limits, version+1, got, want)
			}
		}
	}
	missing := &group{of: &groups{}, dirs: map[string]string{"pids": t.TempDir() + "/none"}, limited: map[string]bool{}}
	if err := missing.set(quota, 150); err != nil {
		t.Errorf("without the controller: %v", err)
	}
	if err := missing.set(lwps, 10); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without the group: %v", err)
	}
}

// TestGroupReads: what the files of a group say, -1 for what they don't.
func TestGroupReads(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	v1 := &group{of: &groups{}, dirs: map[string]string{"pids": dir, "cpuacct": dir, "cpu": dir}}
	v2 := &group{of: &groups{v2: true}, dirs: v1.dirs}
	put := func(file, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	check := func(what string, got, want int64) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %d, want %d", what, got, want)
		}
	}
	user, system := v1.cpuTime()
	check("no file of processes", v1.processes(), -1)
	check("no file of user time", user, -1)
	check("no file of system time", system, -1)
	put("cgroup.procs", "")
	check("an empty zone without zsched's thread", v1.processes(), 0)
	put("cgroup.procs", "1\n20\n300\n")
	check("processes in version 1", v1.processes(), 2)
	check("processes in version 2", v2.processes(), 3)
	put("cgroup.procs", strings.Repeat("1234567\n", 1000)) // larger than one read
	check("many processes", v2.processes(), 1000)
	put("cpuacct.usage_user", "50\n")
	put("cpuacct.usage_sys", "70 80\n")
	user, system = v1.cpuTime()
	check("user time", user, 50)
	check("two numbers for one", system, -1)
	put("cpuacct.usage_sys", "x\n")
	_, system = v1.cpuTime()
	check("no number", system, -1)
	put("cpu.stat", "usage_usec 5\nuser_usec 3\nsystem_usec 2\n")
	user, system = v2.cpuTime()
	check("user time in version 2", user, 3000)
	check("system time in version 2", system, 2000)
	_, err := readFile(dir + "/none")
	story{"open", dir + "/none", errno.ENOENT}.check(t, err)
	_, err = readFile(dir)
	story{"read", dir, errno.EISDIR}.check(t, err)
	if n := openFiles(dir); n != 0 {
		t.Errorf("%d files stay open", n)
	}
}
