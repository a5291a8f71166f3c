package door

import (
	"errors"
	"os"
	"testing"
)

// TestNoFile: what isn't open has no descriptor.
func TestNoFile(t *testing.T) {
	if err := new(Conn).with(func(uintptr) error { return nil }); !errors.Is(err, os.ErrInvalid) {
		t.Errorf("a door that isn't open: %v", err)
	}
	if _, err := number(nil); !errors.Is(err, os.ErrInvalid) {
		t.Errorf("a file that isn't open: %v", err)
	}
}
