package zone

import "testing"

// TestNative makes the calls of the running kernel that every caller may make.
func TestNative(t *testing.T) {
	var sys Native
	v, err := sys.Version()
	if err != nil || v != APIVersion {
		t.Errorf("version %d, %v", v, err)
	}
	own, err := sys.Lookup("")
	if err != nil {
		t.Fatal(err)
	}
	name, err := NameOf(sys, own)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := sys.Lookup(name); err != nil || again != own {
		t.Errorf("zone %q is %d, then %d, %v", name, own, again, err)
	}
	if ids, err := IDs(sys); err != nil || len(ids) == 0 {
		t.Errorf("zones %v, %v", ids, err)
	}
	if status, err := StatusOf(sys, own); err != nil || status != StatusRunning {
		t.Errorf("status %v, %v", status, err)
	}
}
