package zoneadm

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/mount"
)

// withZFS gives the bench's zones a pool tank, which is mounted on /z, by a program that says
// yes to everything and logs it. A file system that it creates or clones is mounted at once.
func (b *bench) withZFS(t *testing.T, mounted ...string) (calls func() []string) {
	t.Helper()
	programs, log, mounts := t.TempDir(), filepath.Join(b.dir, "zfs"), filepath.Join(b.dir, "mounts")
	write(t, mounts, strings.Join(append(mounted, ""), "\n"))
	script := `#!/bin/sh
echo "$*" >>` + log + `
echo "zfs $1" >>` + b.dir + `/calls
case "$1 $2 $3" in
"create "*) echo "${2#*/}" >>` + mounts + ` ;;
"clone "*) echo "${3#*/}" >>` + mounts + ` ;;
"dependents "*) echo '{"snapshots":["'$2'@SUNWzone3","'$2'@SUNWzone20","'$2'@mine"]}' ;;
"get "*@none" ") exit 1 ;;
"get "*@*) echo '{"type":"snapshot"}' ;;
"get "*) echo '{"type":"filesystem","mountpoint":"` + b.dir + `/z/'${2#*/}'","inherited":true,"mounted":true}' ;;
esac
`
	for _, name := range []string{"zfs", "zones-zfs"} {
		if err := testenv.WriteProgram(filepath.Join(programs, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", programs+":"+os.Getenv("PATH"))
	t.Setenv("ZONES_ZFS", filepath.Join(programs, "zones-zfs"))
	b.Mounts = func() ([]mount.Entry, error) {
		table := []mount.Entry{{Point: "/", FSType: "ufs"}, {Special: "tank", Point: filepath.Join(b.dir, "z"), FSType: "zfs"}}
		text, err := os.ReadFile(mounts)
		for _, name := range strings.Fields(string(text)) {
			table = append(table, mount.Entry{Special: "tank/" + name, Point: filepath.Join(b.dir, "z", name), FSType: "zfs"})
		}
		return table, err
	}
	return func() []string {
		text, _ := os.ReadFile(log)
		return lines(string(text))
	}
}

// TestSnapshotHooks: a brand's hooks run around the snapshot of a clone, and one that fails
// makes it a copy. Snapshots that the caller names are validated by another.
func TestSnapshotHooks(t *testing.T) {
	for _, test := range []struct {
		name, line string
		fails      string // the hook that does
		status     int
		state      string
		calls      []string // hooks and zfs, in order
	}{
		{
			"a snapshot", "clone z1", "", 0, "installed",
			[]string{"exec /b/pre z1", "zfs dependents", "zfs snapshot", "exec /b/post z1", "zfs clone", "exec /b/cloned z2"},
		},
		{
			"the hook before fails", "clone z1", "presnap", 0, "installed",
			[]string{"exec /b/pre z1", "zfs create", "exec /b/cloned z2"},
		},
		{
			"the hook behind fails", "clone z1", "postsnap", 0, "installed",
			[]string{"exec /b/pre z1", "zfs dependents", "zfs snapshot", "exec /b/post z1", "zfs destroy", "zfs create", "exec /b/cloned z2"},
		},
		{
			"a given one", "clone -s tank/z1@mine z1", "", 0, "installed",
			[]string{"zfs get", "zfs get", "exec /b/valid z2 tank/z1@mine /z/z1/.zfs/snapshot/mine", "zfs clone", "exec /b/cloned z2"},
		},
		{
			"a given one that isn't valid", "clone -s tank/z1@mine z1", "validatesnap", 1, "incomplete",
			[]string{"zfs get", "zfs get", "exec /b/valid z2 tank/z1@mine /z/z1/.zfs/snapshot/mine"},
		},
		{"a given one that isn't there", "clone -s tank/z1@none z1", "", 1, "configured", []string{"zfs get"}},
		{"a copy", "clone -m copy z1", "", 0, "installed", []string{"zfs create", "exec /b/cloned z2"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			b.zone("z1", "installed")
			b.zone("z2", "configured")
			b.brand(map[string]string{
				"install": "/b/install %z", "presnap": "/b/pre %z", "postsnap": "/b/post %z", "validatesnap": "/b/valid %z", "postclone": "/b/cloned %z",
			}, map[string]int{test.fails: 1})
			b.withZFS(t, "z1")
			status, _, errs := b.do("-z z2 " + test.line)
			if status != test.status || b.state("z2").State.String() != test.state {
				t.Errorf("status %d, %v, %q", status, b.state("z2").State, errs)
			}
			var calls []string
			for _, c := range b.calls() {
				// The arguments of the verb follow those of this test's hooks.
				call, _, _ := strings.Cut(c, " -s")
				call, _, _ = strings.Cut(call, " -m")
				if strings.HasPrefix(call, "exec /b/cloned z2") {
					call = "exec /b/cloned z2"
				}
				calls = append(calls, call)
			}
			// The first call looks for a file system that should be mounted on the zonepath.
			if want := append([]string{"zfs get"}, test.calls...); !slices.Equal(calls, want) {
				t.Errorf("%q ran, want %q; %q", calls, want, errs)
			}
		})
	}
}

// TestDatasetNames: the names of datasets and snapshots that the verbs work on.
func TestDatasetNames(t *testing.T) {
	b := newBench(t)
	b.zone("z1", "installed")
	b.zone("z2", "configured")
	b.zone("z3", "configured")
	calls := b.withZFS(t, "z1")
	for _, line := range []string{"-z z2 clone z1", "-z z3 install", "-z z3 uninstall -F"} {
		if status, _, errs := b.do(line); status != 0 {
			t.Errorf("%s: %d, %q", line, status, errs)
		}
	}
	want := []string{
		"get tank/z2", "dependents tank/z1", "snapshot tank/z1@SUNWzone21", "clone tank/z1@SUNWzone21 tank/z2", "get tank/z3", "create tank/z3",
		"dependents tank/z3", "get tank/z3", "dependents tank/z3", "unmount tank/z3",
		"destroy tank/z3@SUNWzone3", "destroy tank/z3@SUNWzone20", "destroy tank/z3@mine", "destroy tank/z3",
	}
	if got := calls(); !slices.Equal(got, want) {
		t.Errorf("the calls are\n%q, want\n%q", got, want)
	}
}
