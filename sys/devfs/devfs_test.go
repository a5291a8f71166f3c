package devfs

import (
	"errors"
	"runtime"
	"testing"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/nvlist"
)

// TestPack: the mount point comes first, and the rules keep their order.
func TestPack(t *testing.T) {
	packed, err := Profile{{Include, "null", ""}, {Include, "zero", ""}, {Symlink, "fd", "../fd"}}.pack("/z/root/dev")
	if err != nil {
		t.Fatal(err)
	}
	list, err := nvlist.Unpack(packed)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for pair := range list.Pairs() {
		names = append(names, pair.Name())
		if pair.Name() != string(Symlink) {
			continue
		}
		if v, ok := pair.Value().([]string); !ok || len(v) != 2 || v[0] != "fd" || v[1] != "../fd" {
			t.Errorf("the link is %q", v)
		}
	}
	want := []string{"prof_mountpt", "prof_include", "prof_include", "prof_symlink"}
	for i := range want {
		if i >= len(names) || names[i] != want[i] {
			t.Fatalf("the list has %q, not %q", names, want)
		}
	}
}

func TestRefused(t *testing.T) {
	for name, p := range map[string]Profile{"an unknown kind": {{"prof_other", "x", ""}}, "a NUL": {{Include, "a\x00b", ""}}} {
		if err := p.Commit("/nowhere"); !errors.Is(err, errno.EINVAL) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if runtime.GOOS == "illumos" {
		return
	}
	if _, err := Mount("/nowhere", "", ""); !errors.Is(err, errno.ENOTSUP) {
		t.Error(err)
	}
	if err := (Profile{}).Commit("/nowhere"); !errors.Is(err, errno.ENOTSUP) {
		t.Error(err)
	}
}
