//go:build !cgo

package zone

import (
	"os"
	"testing"

	"github.com/gozones/zones/internal/testenv"
)

// TestLayout: zone_def has the length that the kernel reads.
func TestLayout(t *testing.T) {
	testenv.Need(t, testenv.Embedded)
	long, e := labelled()
	if want := os.Getenv("ZONES_EMBEDDED") == "labels"; e != 0 || long != want {
		t.Errorf("labels %v, %v; want %v", long, e, want)
	}
}
