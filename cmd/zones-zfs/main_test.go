package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/dataset"
)

// TestMain makes the test binary the program that package dataset runs.
func TestMain(m *testing.M) {
	if os.Getenv("ZONES_ZFS") != "" {
		main()
	}
	os.Exit(m.Run())
}

// withZFS installs a zfs program that answers as ZFS would for a file system tank/web,
// which inherits its mount point from tank, and a volume tank/vol.
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
for name; do :; done
case "$name" in
tank/web) type=filesystem mountpoint=/tank/web ;;
tank/vol) type=volume mountpoint=- ;;
*) echo "cannot open '$name': dataset does not exist" >&2; echo more >&2; exit 1 ;;
esac
case "$*" in
*"-o source"*) echo "inherited from tank" ;;
get*zoned*) printf '%s\tzoned\toff\tdefault\n' "$name" ;;
list*|get*)
	for property in name origin used available mountpoint compression type volsize quota referenced written logicalused usedbydataset; do
		case $property in
		name) value=$name ;;
		mountpoint) value=$mountpoint ;;
		type) value=$type ;;
		origin|compression) value=- ;;
		*) value=0 ;;
		esac
		printf "$sep%s" "$value"
		sep='\t'
	done
	echo ;;
esac
`
	if err := os.WriteFile(filepath.Join(dir, "zfs"), []byte(script), 0o755); err != nil {
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
		"tank/web": {Type: dataset.Filesystem, Mountpoint: "/tank/web", Inherited: true, Zoned: "off"},
		"tank/vol": {Type: "volume", Inherited: true, Zoned: "off"},
	} {
		if d, err := dataset.Get(name); err != nil || *d != want {
			t.Errorf("%s: %+v, %v", name, d, err)
		}
	}
	if _, err := dataset.Get("tank/none"); err == nil || err.Error() != "cannot open 'tank/none': dataset does not exist" {
		t.Errorf("a dataset that isn't there: %v", err)
	}
}

func TestSet(t *testing.T) {
	calls := withZFS(t)
	// The zfs of this test expects the dataset as its last argument.
	if err := dataset.Set("tank/web", "zoned", "on"); err != nil {
		t.Error(err)
	}
	if !strings.Contains(calls(), "set zoned=on tank/web\n") {
		t.Errorf("zfs was called with %q", calls())
	}
	if err := dataset.Set("tank/none", "zoned", "on"); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("a dataset that isn't there: %v", err)
	}
}

func TestWithoutZFS(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := dataset.Get("tank/web"); !errors.Is(err, dataset.ErrNoZFS) {
		t.Errorf("%v", err)
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{{"get"}, {"set", "tank/web", "zoned"}, {"-x"}} {
		var out, errs strings.Builder
		if status := run(args, &out, &errs); status != 2 || errs.Len() == 0 {
			t.Errorf("%q: status %d, %q", args, status, errs.String())
		}
	}
}
