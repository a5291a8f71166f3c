package zoneadm

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/zonecfg/brand"
)

// TestScratchMap: the map of scratch zones is read if this user owns it and nobody else
// can have it under another name.
func TestScratchMap(t *testing.T) {
	t.Parallel()
	testenv.Need(t, testenv.System("linux", "illumos")) // links and owners
	for _, test := range []struct {
		name   string
		change func(path string) error
		want   error
		zones  []scratchZone
	}{
		{"a file", func(string) error { return nil }, nil, []scratchZone{{"web", "SUNWlu-web", "/a"}}},
		{"none", os.Remove, nil, nil},
		{"two names", func(path string) error { return os.Link(path, path+".too") }, syscall.EPERM, nil},
		{"a directory", func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) }, syscall.EPERM, nil},
		{"a symbolic link", func(path string) error {
			return errors.Join(os.Rename(path, path+".too"), os.Symlink(path+".too", path))
		}, syscall.ELOOP, nil},
	} {
		path := filepath.Join(t.TempDir(), "map")
		if err := errors.Join(os.WriteFile(path, []byte("web SUNWlu-web /a\nnonsense\n"), 0o600), test.change(path)); err != nil {
			t.Fatal(err)
		}
		zones, err := readScratchMap(path)
		if !errors.Is(err, test.want) || !slices.Equal(zones, test.zones) {
			t.Errorf("%s: %v, %v", test.name, zones, err)
		}
		var named *fs.PathError
		if test.want != nil && (!errors.As(err, &named) || named.Path != path) {
			t.Errorf("%s: the error doesn't name the file: %v", test.name, err)
		}
	}
}

// TestHookIsTold: a hook's environment says whether this process holds the zone's lock.
func TestHookIsTold(t *testing.T) {
	t.Parallel()
	for held, want := range map[bool]string{false: "0", true: "1"} {
		var out, errs bytes.Buffer
		target := Target{Machine: &Machine{}}
		target.LockHeld, target.Out, target.Err = held, &out, &errs
		if err := target.runHook(context.Background(), brand.Hook("boot"), "printf %s $"+lockHeld, ""); err != nil || out.String() != want {
			t.Errorf("held %v: the hook is told %q, want %q: %v %s", held, out.String(), want, err, errs.String())
		}
	}
}
