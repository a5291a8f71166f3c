package headers

import (
	"maps"
	"slices"
	"testing"

	"github.com/gozones/zones/internal/abitest"
	"github.com/gozones/zones/internal/testenv"
)

// TestConstants compares every declared constant with the one in abi.json, in whichever
// group it is there.
func TestConstants(t *testing.T) {
	t.Parallel()
	var groups map[string]map[string]any
	abitest.Section(t, "constants", &groups)
	inFile := map[string]map[int64]bool{}
	for group := range groups {
		for name, value := range abitest.Constants(t, group) {
			if inFile[name] == nil {
				inFile[name] = map[int64]bool{}
			}
			inFile[name][value] = true
		}
	}
	texts := abitest.Strings(t)
	compared := 0
	for _, f := range constants() {
		if want, ok := texts[f.Name]; f.IsText && ok {
			compared++
			if f.Text != want {
				t.Errorf("%s is %q, the header has %q", f.Name, f.Text, want)
			}
		}
		// A name that has two values in abi.json can't be compared.
		if values := inFile[f.Name]; !f.IsText && len(values) == 1 {
			compared++
			for want := range values {
				if f.Value != want {
					t.Errorf("%s is %#x, the header has %#x", f.Name, f.Value, want)
				}
			}
		}
	}
	if compared < 350 {
		t.Errorf("only %d constants could be compared", compared)
	}
	t.Logf("%d of %d constants are in abi.json", compared, len(constants()))
}

// TestMembers compares the members of every structure with abi.json by name: a
// comparison by position would miss two of one size that are swapped.
func TestMembers(t *testing.T) {
	t.Parallel()
	testenv.Need(t, testenv.Word64)
	var structs, variants map[string]abitest.Struct
	abitest.Section(t, "structs", &structs)
	abitest.Section(t, "struct_variants", &variants)
	maps.Copy(structs, variants)
	compared := 0
	for _, s := range structures() {
		name := s.c + s.variant
		want, ok := structs[name]
		if !ok {
			continue
		}
		for _, f := range s.fields {
			member, ok := s.goType.FieldByName(f.goName)
			i := slices.IndexFunc(want.Fields, func(c abitest.Field) bool { return c.Name == f.c })
			if !ok || i < 0 {
				continue
			}
			compared++
			if c := want.Fields[i]; member.Offset != c.Offset || c.Size != 0 && member.Type.Size() != c.Size {
				t.Errorf("%s: %s has %d bytes at %d, the header's %s %d at %d", name, f.goName, member.Type.Size(), member.Offset, f.c, c.Size, c.Offset)
			}
		}
	}
	if compared < 110 {
		t.Errorf("only %d members could be compared", compared)
	}
	t.Logf("%d members compared", compared)
}
