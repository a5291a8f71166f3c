// Package spectest reads the cases of testdata/spec, which describe the behaviour of the
// system's commands, for tests.
package spectest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
)

// Cases returns the cases of a file that are in one of the areas, and fails the test if
// there are none, or one is given something that T.Given has no field for, unless that
// has the tag spec:"some". It looks for testdata in the test's directory and those above it.
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
		if err := understood(one, reflect.TypeFor[T]()); err != nil {
			t.Fatalf("%s: %v: %s", file, err, one)
		}
		cases = append(cases, c)
	}
	if len(cases) == 0 {
		t.Fatalf("no cases of the areas %v in %s", areas, file)
	}
	return cases
}

// understood returns an error if a case is given something that the type of the cases has
// no field for: the test would leave it out and still pass. Tests that skip the cases which
// aren't theirs have the tag spec:"some".
func understood(one json.RawMessage, cases reflect.Type) error {
	field, has := cases.FieldByName("Given")
	if !has || field.Tag.Get("spec") == "some" {
		return nil
	}
	var c struct{ Given json.RawMessage }
	if err := json.Unmarshal(one, &c); err != nil || len(c.Given) == 0 {
		return err
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(c.Given, &fields) == nil {
		delete(fields, "note") // for the reader
		var err error
		if c.Given, err = json.Marshal(fields); err != nil {
			return err
		}
	}
	strict := json.NewDecoder(bytes.NewReader(c.Given))
	strict.DisallowUnknownFields()
	if err := strict.Decode(reflect.New(field.Type).Interface()); err != nil {
		return fmt.Errorf("the test doesn't know what is given: %w", err)
	}
	return nil
}
