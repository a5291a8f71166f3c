package linuxhost

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/errno"
)

// plain returns groups in plain directories, one for each controller.
func plain(t *testing.T, controllers ...string) *groups {
	t.Helper()
	g := &groups{name: "zones", dirs: map[string]string{}}
	for _, c := range controllers {
		g.dirs[c] = t.TempDir()
	}
	return g
}

// inside returns the names of a directory.
func inside(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// openFiles returns how many descriptors this process has of files below a directory.
func openFiles(dir string) int {
	files, _ := filepath.Glob("/proc/self/fd/*")
	n := 0
	for _, file := range files {
		if to, _ := os.Readlink(file); strings.HasPrefix(to, dir) {
			n++
		}
	}
	return n
}

// TestGroups makes the groups of two zones in each hierarchy, and removes them with the
// directory that held them.
func TestGroups(t *testing.T) {
	t.Parallel()
	g := plain(t, "pids", "cpu")
	g.dirs["cpuacct"] = g.dirs["cpu"]
	one, err1 := g.make("web", host.ZoneKey{UniqID: 7})
	two, err2 := g.make("db", host.ZoneKey{UniqID: 8})
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	if n := len(one.directories()); n != 2 || len(g.hierarchies()) != 2 {
		t.Errorf("%d directories in %d hierarchies", n, len(g.hierarchies()))
	}
	for _, c := range []string{"pids", "cpu", "cpuacct"} {
		if want := filepath.Join(g.dirs[c], "zones/web-7"); one.dirs[c] != want {
			t.Errorf("%s is in %s, not %s", c, one.dirs[c], want)
		}
		if got := inside(t, filepath.Join(g.dirs[c], "zones")); !slices.Equal(got, []string{"db-8", "web-7"}) {
			t.Errorf("%s has %q", c, got)
		}
	}
	for _, left := range []struct {
		of   *group
		want []string
	}{{one, []string{"db-8"}}, {two, nil}} {
		if err := left.of.remove(); err != nil {
			t.Error(err)
		}
		for c, dir := range g.dirs {
			if got := inside(t, filepath.Join(dir, "zones")); !slices.Equal(got, left.want) {
				t.Errorf("%s then has %q, not %q", c, got, left.want)
			}
		}
	}
	for c, dir := range g.dirs {
		if got := inside(t, dir); len(got) > 0 {
			t.Errorf("%s still has %q", c, got)
		}
	}
}

// TestGroupsFail: a zone's groups are made in all hierarchies or in none, and files that
// were opened before one that can't be are closed.
func TestGroupsFail(t *testing.T) {
	t.Parallel()
	g := plain(t, "pids")
	last := filepath.Join(t.TempDir(), "file") // after the other in order
	g.dirs["~"] = last
	if err := os.WriteFile(last, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if first := g.hierarchies()[0]; first != g.dirs["pids"] {
		t.Fatalf("the first hierarchy is %s", first)
	}
	if _, err := g.make("web", host.ZoneKey{UniqID: 7}); !errors.Is(err, unix.ENOTDIR) {
		t.Errorf("in a file: %v", err)
	}
	if got := inside(t, filepath.Join(g.dirs["pids"], "zones")); len(got) > 0 {
		t.Errorf("%q is left", got)
	}

	g = plain(t, "cpu", "pids")
	web, err := g.make("web", host.ZoneKey{UniqID: 7})
	if err != nil {
		t.Fatal(err)
	}
	dirs := web.directories()
	if err := os.WriteFile(filepath.Join(dirs[0], "tasks"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = web.entrances()
	story{"open", filepath.Join(dirs[1], "tasks"), errno.ENOENT}.check(t, err)
	if n := openFiles(dirs[0]); n != 0 {
		t.Errorf("%d files stay open", n)
	}
	if err := web.remove(); !errors.Is(err, errno.ENOTEMPTY) {
		t.Errorf("a group that is in use: %v", err)
	}
	if _, err := os.Stat(dirs[1]); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the group after it: %v", err)
	}
}

// TestGroupsSwept: what a killed kernel process has left is removed, and nothing else.
func TestGroupsSwept(t *testing.T) {
	t.Parallel()
	g := plain(t, "pids", "cpu", "memory")
	for _, path := range []string{g.dirs["pids"] + "/zones/web-7", g.dirs["pids"] + "/zones/db-8", g.dirs["pids"] + "/other", g.dirs["cpu"] + "/zones"} {
		if err := os.MkdirAll(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	g.sweep()
	for c, want := range map[string][]string{"pids": {"other"}, "cpu": nil, "memory": nil} {
		if got := inside(t, g.dirs[c]); !slices.Equal(got, want) {
			t.Errorf("%s has %q, want %q", c, got, want)
		}
	}
}

// TestHandDown: version 2 has controllers only where the parent enables them.
func TestHandDown(t *testing.T) {
	t.Parallel()
	g := plain(t, "pids")
	g.v2 = true
	if _, err := g.make("web", host.ZoneKey{UniqID: 7}); err != nil {
		t.Fatal(err)
	}
	// The file is the kernel's, so that it is written without a mode.
	control := filepath.Join(g.dirs["pids"], "zones/cgroup.subtree_control")
	if err := os.Chmod(control, 0o600); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(control); string(text) != "+pids" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
}

// TestHandedDown: a controller that a v2 group doesn't hand down enforces nothing.
func TestHandedDown(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, control, want string }{
		{"all", "cpu memory pids", "cpu cpuacct memory pids"},
		{"some", "pids", "pids"},
		{"without a file", "", ""},
	} {
		dir := t.TempDir()
		if test.control != "" {
			if err := os.WriteFile(filepath.Join(dir, "cgroup.subtree_control"), []byte(test.control+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		g := &groups{v2: true, dirs: map[string]string{"cpu": dir, "cpuacct": dir, "memory": dir, "pids": dir}}
		g.keepHandedDown(dir)
		if got := strings.Join(slices.Sorted(maps.Keys(g.dirs)), " "); got != test.want || (g.why != "") != (test.name != "all") {
			t.Errorf("%s: %q, %q", test.name, got, g.why)
		}
	}
}
