package headers

import (
	"maps"
	"slices"
	"testing"

	"github.com/gozones/zones/internal/abitest"
)

// TestConstants holds every declared constant that abi.json has against it,
// whichever group it stands in there.
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
		// A name that means one thing here and another there can't be held.
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
	t.Logf("%d of %d constants stand in abi.json", compared, len(constants()))
}

// TestMembers holds every member of every structure that abi.json has against it by
// its name: two that have changed places have the same sizes.
func TestMembers(t *testing.T) {
	t.Parallel()
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
