package rctl

import "testing"

// TestNative makes the calls that every caller may make.
func TestNative(t *testing.T) {
	c, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	names, err := Walk(c)
	if err != nil || len(names) == 0 {
		t.Fatalf("%v, %v", names, err)
	}
	for _, name := range names {
		values, err := Values(c, name)
		if err != nil || len(values) == 0 || values[len(values)-1].Privilege != Systemic {
			t.Errorf("%s: %v, %v", name, values, err)
		}
		control, err := Describe(c, name)
		if err != nil {
			t.Error(err)
		}
		if want, ok := Lookup(name); ok && control.Flags != want.Flags {
			t.Errorf("%s: flags %#x, the dictionary has %#x", name, control.Flags, want.Flags)
		}
	}
}
