package headers

import (
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
