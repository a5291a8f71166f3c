// Package spectest reads the cases of testdata/spec, which describe the behaviour of the
// system's commands, for tests.
package spectest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// Cases returns the cases of a file that are in one of the areas, and fails the test if
// there are none. It looks for testdata in the test's directory and those above it.
func Cases[T any](t testing.TB, file string, areas ...string) []T {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	var raw []byte
	for {
		raw, err = os.ReadFile(filepath.Join(dir, "testdata", "spec", file))
		if err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal(err)
		}
		dir = filepath.Dir(dir)
	}
	var loose []json.RawMessage
	if err := json.Unmarshal(raw, &loose); err != nil {
		t.Fatal(err)
	}
	var cases []T
	for _, one := range loose {
		// Cases of other areas may have fields of other types.
		var head struct{ Area string }
		if json.Unmarshal(one, &head) != nil || !slices.Contains(areas, head.Area) {
			continue
		}
		var c T
		if err := json.Unmarshal(one, &c); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	if len(cases) == 0 {
		t.Fatalf("no cases of the areas %v in %s", areas, file)
	}
	return cases
}
