package main

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/dataset"
	"github.com/gozones/zones/internal/testenv"
)

// TestMain makes the test binary the program that package dataset runs.
func TestMain(m *testing.M) {
	if os.Getenv("ZONES_ZFS") != "" {
		main()
	}
	os.Exit(m.Run())
}

// withZFS installs a zfs program that answers as ZFS would for a file system tank/web,
// which inherits its mount point from tank, and a volume tank/vol. Another, tank/none, isn't
// there.
func withZFS(t *testing.T) (calls func() string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("ZONES_ZFS", self)
	dir := t.TempDir()
	log := filepath.Join(dir, "calls")
	script := `#!/bin/sh
echo "$*" >>` + log + `
case "$*" in
*tank/none*)
	echo "umount: another program's line" >&2
	echo "cannot open 'tank/none': dataset does not exist" >&2
	echo more >&2
	exit 1 ;;
"get "*tank/web) printf 'type\tfilesystem\t-\nmountpoint\t/tank/web\tinherited from tank\nmounted\tyes\t-\nzoned\toff\tdefault\norigin\t-\t-\n' ;;
"get "*tank/vol) printf 'type\tvolume\t-\nmountpoint\t-\t-\nmounted\t-\t-\nzoned\t-\t-\norigin\ttank/v@1\t-\n' ;;
"list -Hp "*) # as the library asks, whose platforms differ in the properties
	properties=$4
	IFS=,
	for property in $properties; do
		case $property in
		name) value=$5 ;;
		origin|compression|mountpoint|type) value=- ;;
		*) value=0 ;;
		esac
		printf "$sep%s" "$value"
		sep='\t'
	done
	echo ;;
"list "*snapshot*) printf 'tank/web@b\ntank/web@a\ntank/web/sub@a\n' ;;
"list "*) printf 'tank\t-\ntank/web\t-\ntank/web/sub\t-\ntank/webs\t-\ntank/c\ttank/web@a\ntank/d\ttank/webs@a\n' ;;
esac
`
	if err := testenv.WriteProgram(filepath.Join(dir, "zfs"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	return func() string {
		text, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
}

func TestGet(t *testing.T) {
	withZFS(t)
	for name, want := range map[string]dataset.Dataset{
		"tank/web": {Type: dataset.Filesystem, Mountpoint: "/tank/web", Inherited: true, Mounted: true, Zoned: "off"},
		"tank/vol": {Type: "volume", Origin: "tank/v@1"},
	} {
		if d, err := dataset.Get(name); err != nil || *d != want {
			t.Errorf("%s: %+v, %v", name, d, err)
		}
	}
	if _, err := dataset.Get("tank/none"); err == nil || err.Error() != "cannot open 'tank/none': dataset does not exist" || dataset.Reason(err) != "dataset does not exist" {
		t.Errorf("a dataset that isn't there: %v", err)
	}
}

func TestDependents(t *testing.T) {
	withZFS(t)
	want := &dataset.Dependents{
		Snapshots: []string{"tank/web@b", "tank/web@a"}, Children: []string{"tank/web/sub"},
		Clones: []dataset.Clone{{Name: "tank/c", Origin: "tank/web@a"}},
	}
	if d, err := dataset.DependentsOf("tank/web"); err != nil || !reflect.DeepEqual(d, want) {
		t.Errorf("%+v, %v", d, err)
	}
	if _, err := dataset.DependentsOf("tank/none"); err == nil {
		t.Error("of a dataset that isn't there")
	}
}

// TestChanges: each change is a call of zfs, whose failure is an error with its reason.
func TestChanges(t *testing.T) {
	for call, change := range map[string]func(name string) error{
		"set zoned=on NAME":                          func(name string) error { return dataset.Set(name, "zoned", "on") },
		"inherit mountpoint NAME":                    func(name string) error { return dataset.Inherit(name, "mountpoint") },
		"create -o share -o share NAME":              dataset.Create,
		"snapshot NAME@s":                            func(name string) error { return dataset.Snapshot(name + "@s") },
		"clone -p -o share -o share tank/web@s NAME": func(name string) error { return dataset.MakeClone("tank/web@s", name) },
		"rename tank/web NAME":                       func(name string) error { return dataset.Rename("tank/web", name) },
		"promote NAME":                               dataset.Promote,
		"mount NAME":                                 dataset.Mount,
		"unmount NAME":                               dataset.Unmount,
		"destroy NAME":                               dataset.Destroy,
	} {
		t.Run(call, func(t *testing.T) {
			calls := withZFS(t)
			if err := change("tank/new"); err != nil {
				t.Error(err)
			}
			// The two properties are in any order.
			got := strings.NewReplacer("sharenfs=off", "share", "sharesmb=off", "share").Replace(calls())
			if first, _, _ := strings.Cut(got, "\n"); first != strings.Replace(call, "NAME", "tank/new", 1) {
				t.Errorf("zfs was called with %q", calls())
			}
			if err := change("tank/none"); err == nil || err.Error() != "cannot open 'tank/none': dataset does not exist" {
				t.Errorf("a dataset that isn't there: %v", err)
			}
		})
	}
	if err := dataset.Snapshot("tank/web"); err == nil {
		t.Error("a snapshot without a name")
	}
}

func TestWithoutZFS(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := dataset.Get("tank/web"); !errors.Is(err, dataset.ErrNoZFS) {
		t.Errorf("%v", err)
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{{"get"}, {"set", "tank/web", "zoned"}, {"clone", "tank/web"}, {"-x"}} {
		var out, errs strings.Builder
		if status := run(args, &out, &errs); status != 2 || errs.Len() == 0 {
			t.Errorf("%q: status %d, %q", args, status, errs.String())
		}
	}
}
