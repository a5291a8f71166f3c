package linuxhost

import (
	"strings"
	"testing"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/kernel/host"
)

// TestIPCLimits: each limit is reached inside, and raised and removed while the zone runs.
// The host, and the next zone, have none of it.
func TestIPCLimits(t *testing.T) {
	m := newMachine(t)
	testenv.Need(t, testenv.Tool("ipcmk", "util-linux"))
	id, _ := m.booted("ipc")
	key := m.key(id)
	set := func(name string, limit uint64) {
		t.Helper()
		if err := m.h.SetRctl(key, name, limit); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct{ name, make string }{
		{"zone.max-shm-ids", "ipcmk -M 4096"},
		{"zone.max-msg-ids", "ipcmk -Q"},
		{"zone.max-sem-ids", "ipcmk -S 1"},
	} {
		for _, limit := range []struct {
			value uint64
			tries int
			want  int
		}{{2, 3, 2}, {4, 3, 4}, {3, 1, 4}, {host.NoLimit, 2, 6}, {0, 1, 6}} {
			set(test.name, limit.value)
			for range limit.tries {
				m.run(id, test.make)
			}
			out, _ := m.run(id, "cat /proc/sysvipc/"+test.name[len("zone.max-"):len("zone.max-")+3])
			if n := strings.Count(out, "\n") - 1; n != limit.want {
				t.Errorf("%s of %d: there are %d, want %d\n%s", test.name, limit.value, n, limit.want, out)
			}
		}
		set(test.name, host.NoLimit)
	}
	m.run(id, "ipcrm -a")
	set("zone.max-shm-memory", 1<<20)
	if out, status := m.run(id, "ipcmk -M 1048576 && ipcmk -M 4096"); status.Code == 0 || !strings.Contains(out, "id") {
		t.Errorf("a mebibyte and a page of one mebibyte: %q, status %v", out, status)
	}
	set("zone.max-shm-memory", host.NoLimit)
	if out, status := m.run(id, "ipcmk -M 4096"); status.Code != 0 {
		t.Errorf("without a limit: %q", out)
	}
	other, _ := m.booted("ipc2")
	if out, status := m.run(other, "ipcmk -M 2097152 && ipcmk -Q && ipcmk -S 1"); status.Code != 0 {
		t.Errorf("another zone: %q", out)
	}
	m.halt(id)
	m.halt(other)
	m.leftovers("ipc")
	m.leftovers("ipc2")
}
