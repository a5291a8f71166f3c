package linuxhost

import (
	"errors"
	"testing"

	"github.com/gozones/zones/internal/testenv"
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
