package machine

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/zone"
)

// TestPools binds zones with programs that record their calls, and know what was created.
func TestPools(t *testing.T) {
	testenv.Need(t, testenv.Embedded) // a real system's pools are left alone
	k := new(kernel)
	id := newZone(t, k, "pools", 0)
	name, err := zone.NameOf(k, id)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	defer func(a, b, c string) { pooladm, poolcfg, poolbind = a, b, c }(pooladm, poolcfg, poolbind)
	for program, body := range map[*string]string{
		&pooladm: "",
		&poolcfg: `set -- $3
case "$1" in
info) [ -e "$D/$2" ] || exit 2 ;;
create) [ -e "$D/refuse-$2" ] && { echo "poolcfg: cannot create $2"; exit 2; }; : >"$D/$2" ;;
destroy) [ -e "$D/$2" ] || exit 2; rm "$D/$2" ;;
esac`,
		&poolbind: `[ "$2" != none ] || { echo "poolbind: no pool none" >&2; exit 1; }; [ "$2" != mute ] || exit 3`,
	} {
		base := filepath.Base(*program)
		*program = filepath.Join(dir, base)
		script := fmt.Sprintf("#!/bin/sh\nD=%s\ncase \"$3\" in info*) ;; *) echo %s \"$@\" >>$D/calls ;; esac\n%s\n", dir, base, body)
		if err := testenv.WriteProgram(*program, []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	calls := func() []string {
		text, _ := os.ReadFile(dir + "/calls")
		os.Remove(dir + "/calls")
		return strings.Split(strings.TrimSpace(strings.ReplaceAll(string(text), "SUNWtmp_"+name, "OWN")), "\n")
	}
	bind := fmt.Sprintf("-i zoneid %d", id)
	made := []string{
		"pooladm -e", "poolcfg -d -c create pset OWN (uint pset.min = 1; uint pset.max = 4)",
		"poolcfg -d -c create pool OWN (int pool.importance = 10)", "poolcfg -d -c associate pool OWN (pset OWN)", "poolbind -p OWN " + bind,
	}
	removed := []string{"poolcfg -d -c destroy pool OWN", "poolcfg -d -c destroy pset OWN"}
	own := func() error { return k.BindOwnPool(id, zone.Processors{Min: 1, Max: 4, Importance: 10}) }
	for _, step := range []struct {
		name string
		do   func() error
		want []string
		err  string
	}{
		{"a pool", func() error { return k.BindPool(id, "web") }, []string{"poolbind -p web " + bind}, ""},
		{"no such pool", func() error { return k.BindPool(id, "none") }, []string{"poolbind -p none " + bind}, "no pool none"},
		{"no reason", func() error { return k.BindPool(id, "mute") }, []string{"poolbind -p mute " + bind}, "exit status 3"},
		{"its own", own, made, ""},
		{"again", own, slices.Concat(made[:1], removed, made[1:]), ""},
		{"removed", func() error { return k.RemoveOwnPool(name) }, removed, ""},
		{"none left", func() error { return k.RemoveOwnPool(name) }, []string{""}, ""},
		{"too many processors", func() error {
			defer os.Remove(dir + "/refuse-pool")
			return errorsOf(os.WriteFile(dir+"/refuse-pool", nil, 0o600), own())
		}, slices.Concat(made[:3], removed[1:]), "cannot create pool"},
	} {
		err := step.do()
		if got := calls(); !slices.Equal(got, step.want) {
			t.Errorf("%s: called were %q", step.name, got)
		}
		if (err == nil) != (step.err == "") || err != nil && !strings.Contains(err.Error(), step.err) {
			t.Errorf("%s: %v", step.name, err)
		}
	}
}

func errorsOf(first, second error) error {
	if first != nil {
		return first
	}
	return second
}
