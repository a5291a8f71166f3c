// Package abitest has the facts of testdata/abi/abi.json for tests: sizes, offsets and
// constants of compiled illumos headers. A package that declares such a number in Go
// compares it with the header's.
package abitest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
)

// Field is one member of a C structure.
type Field struct {
	Name   string  `json:"name"`
	Offset uintptr `json:"offset"`
	Size   uintptr `json:"size"`
	CType  string  `json:"ctype"`
}

// Struct is the layout of a C structure.
type Struct struct {
	Size   uintptr `json:"size"`
	Align  uintptr `json:"align"`
	Fields []Field `json:"fields"`
}

type file struct {
	Constants map[string]map[string]json.RawMessage `json:"constants"`
	Strings   map[string]string                     `json:"strings"`
	Structs   map[string]Struct                     `json:"structs"`
	Variants  map[string]Struct                     `json:"struct_variants"`
	Raw       map[string]json.RawMessage            `json:"-"`
}

var load = sync.OnceValues(func() (*file, error) {
	// A test runs in its package's directory, which ci/omnios copies to other machines, too.
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	var data []byte
	for {
		data, err = os.ReadFile(filepath.Join(dir, "testdata", "abi", "abi.json"))
		if err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			return nil, err
		}
		dir = filepath.Dir(dir)
	}
	f := new(file)
	if err := json.Unmarshal(data, f); err != nil {
		return nil, err
	}
	return f, json.Unmarshal(data, &f.Raw)
})

// facts returns the file, which is read once.
func facts(t testing.TB) *file {
	t.Helper()
	f, err := load()
	if err != nil {
		t.Fatalf("reading abi.json: %v", err)
	}
	return f
}

// Constants returns the integers of a group of constants ("zone.attr"). If they differ
// between data models, they are those of LP64.
func Constants(t testing.TB, group string) map[string]int64 {
	t.Helper()
	raw, ok := facts(t).Constants[group]
	if !ok {
		t.Fatalf("abi.json has no group of constants %q", group)
	}
	values := make(map[string]int64, len(raw))
	for name, text := range raw {
		var n int64
		var u uint64
		var models struct {
			LP64 *int64 `json:"lp64"`
		}
		if json.Unmarshal(text, &n) == nil {
			values[name] = n
		} else if json.Unmarshal(text, &u) == nil {
			values[name] = int64(u)
		} else if json.Unmarshal(text, &models) == nil && models.LP64 != nil {
			values[name] = *models.LP64
		}
	}
	return values
}

// Strings returns the string constants by name.
func Strings(t testing.TB) map[string]string {
	t.Helper()
	return facts(t).Strings
}

// Layout returns the structure, or the variant of one, with a C name.
func Layout(t testing.TB, name string) Struct {
	t.Helper()
	f := facts(t)
	if s, ok := f.Structs[name]; ok {
		return s
	}
	if s, ok := f.Variants[name]; ok {
		return s
	}
	t.Fatalf("abi.json has no structure %q", name)
	return Struct{}
}

// Section decodes a top-level section of the file ("privileges") into v.
func Section(t testing.TB, name string, v any) {
	t.Helper()
	raw, ok := facts(t).Raw[name]
	if !ok {
		t.Fatalf("abi.json has no section %q", name)
	}
	if err := json.Unmarshal(raw, v); err != nil {
		t.Fatalf("abi.json %s: %v", name, err)
	}
}

// CheckLayout compares the Go structure v with the C structure: the sizes, and the offset
// and size of each C field with those of the Go field in the same position. Go fields
// named _ are padding and are skipped.
func CheckLayout(t testing.TB, name string, v any) {
	t.Helper()
	want := Layout(t, name)
	typ := reflect.TypeOf(v)
	if typ.Size() != want.Size {
		t.Errorf("%s: size %d, the header has %d", name, typ.Size(), want.Size)
	}
	i := 0
	for _, c := range want.Fields {
		for i < typ.NumField() && typ.Field(i).Name == "_" {
			i++
		}
		if i == typ.NumField() {
			t.Errorf("%s: no Go field for %s", name, c.Name)
			return
		}
		f := typ.Field(i)
		if f.Offset != c.Offset {
			t.Errorf("%s.%s: offset %d, the header has %d for %s", name, f.Name, f.Offset, c.Offset, c.Name)
		}
		if c.Size != 0 && f.Type.Size() != c.Size {
			t.Errorf("%s.%s: size %d, the header has %d for %s", name, f.Name, f.Type.Size(), c.Size, c.Name)
		}
		i++
	}
}
