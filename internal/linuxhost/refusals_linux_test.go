package linuxhost

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// TestLockedMemory: the limit of locked memory is that of zsched and of what it starts;
// without one the host's own stays.
func TestLockedMemory(t *testing.T) {
	m := newMachine(t)
	id, _ := m.booted("locked")
	key := m.key(id)
	z, err := m.h.zone(key)
	if err != nil {
		t.Fatal(err)
	}
	now := func() (l unix.Rlimit) {
		if err := unix.Prlimit(z.sandbox.pid, unix.RLIMIT_MEMLOCK, nil, &l); err != nil {
			t.Fatal(err)
		}
		return l
	}
	before := now()
	if err := m.h.SetRctl(key, "zone.max-locked-memory", host.NoLimit); err != nil || now() != before {
		t.Errorf("no limit: %v, %+v, before %+v", err, now(), before)
	}
	const limit = 65536
	if err := m.h.SetRctl(key, "zone.max-locked-memory", limit); err != nil || now() != (unix.Rlimit{Cur: limit, Max: limit}) {
		t.Errorf("%v, %+v", err, now())
	}
	if out, _ := m.run(id, "ulimit -H -l"); out != "64\n" {
		t.Errorf("a program's limit is %q KiB", out)
	}
	m.halt(id)
}

// TestNoInterpreter: a program whose interpreter is missing isn't told to be missing itself.
func TestNoInterpreter(t *testing.T) {
	m := newMachine(t)
	id, root := m.booted("script")
	path := filepath.Join(root, "tmp/script")
	if err := testenv.WriteProgram(path, []byte("#!/no/such/program\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"/tmp/script": "the interpreter that it names", "/tmp/none": ""} {
		_, err := m.h.Start(m.key(id), &zone.Cmd{Path: path, Args: []string{"x"}})
		if e := zone.AsError(err); e == nil || !errors.Is(err, errno.ENOENT) || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "interpreter") != (want != "") || want != "" && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", path, err)
		}
	}
	m.halt(id)
}

// TestUnknownLink: a link without a name can't be moved.
func TestUnknownLink(t *testing.T) {
	m := newMachine(t)
	id, _ := m.booted("links")
	key := m.key(id)
	for _, link := range []zone.LinkID{0, 1 << 30} {
		if err := m.h.MoveLink(link, host.ZoneKey{}, key); !errors.Is(err, errno.ENXIO) || !strings.Contains(err.Error(), fmt.Sprint(link)) {
			t.Errorf("%d: %v", link, err)
		}
	}
	if _, err := m.h.zone(host.ZoneKey{ID: 99}); !errors.Is(err, errno.ESRCH) {
		t.Errorf("a zone that the host hasn't: %v", err)
	}
	m.halt(id)
}

// TestMountWithoutTree: zsched mounts nothing for an entry whose tree the kernel process
// didn't send, and says how many were mounted.
func TestMountWithoutTree(t *testing.T) {
	t.Parallel()
	if done, err := mountAll([]mountEntry{{Point: "/mnt"}}, nil); done != 0 || !errors.Is(err, unix.EBADF) {
		t.Errorf("%d, %v", done, err)
	}
}

// TestStepError: a name that can't be opened is told with its whole path and the reason.
func TestStepError(t *testing.T) {
	t.Parallel()
	dir, err := unix.Open(t.TempDir(), unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(dir)
	name := strings.Repeat("x", 300)
	fd, err := step(dir, name, "/a/"+name, "")
	if fd != -1 || !errors.Is(err, unix.ENAMETOOLONG) || !strings.Contains(err.Error(), "/a/"+name) {
		t.Errorf("%d, %v", fd, err)
	}
}

// TestEnterZoneRefused: a request without a zone, without the tree of its root, or to a zsched
// that starts no programs is invalid, and enters nothing.
func TestEnterZoneRefused(t *testing.T) {
	t.Parallel()
	spawns := make(chan func())
	for name, test := range map[string]struct {
		spawn chan func()
		zone  *zoneRequest
		fds   []int
	}{
		"no zone":    {spawns, nil, []int{0}},
		"no tree":    {spawns, &zoneRequest{}, nil},
		"no spawner": {nil, &zoneRequest{}, []int{0}},
	} {
		z := &zsched{spawn: test.spawn}
		if err := z.enterZone(test.zone, test.fds); !errors.Is(err, unix.EINVAL) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNetworkRows: root's zones share the host's links or have their own, as the report says.
func TestNetworkRows(t *testing.T) {
	t.Parallel()
	if !initialUserNS() {
		return // an ordinary user can give neither
	}
	h := &Host{groups: &groups{}}
	enforced := map[string]bool{}
	for _, row := range h.Capabilities() {
		if strings.HasPrefix(row.Concept, "ip-type ") {
			enforced[row.Concept] = row.Class == host.Enforced
		}
	}
	if len(enforced) != 2 || !enforced["ip-type shared"] || !enforced["ip-type exclusive"] {
		t.Errorf("%v", enforced)
	}
}
