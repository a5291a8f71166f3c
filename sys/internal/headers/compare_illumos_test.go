//go:build cgo

package headers

import "testing"

// TestSystem compares every declaration with the headers of the system on which this
// test was built.
func TestSystem(t *testing.T) {
	said := System()
	for i, f := range Facts() {
		s, ok := said[i]
		if !ok {
			t.Logf("%s: not in these headers", f.Name)
			continue
		}
		if s.Value != f.Value || s.Text != f.Text {
			t.Errorf("%s: %d %q, the header has %d %q", f.Name, f.Value, f.Text, s.Value, s.Text)
		}
	}
	if len(said) < 800 {
		t.Errorf("only %d facts were compared", len(said))
	}
}
