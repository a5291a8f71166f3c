package kstat

import (
	"os"
	"os/exec"
	"testing"

	"github.com/gozones/zones/internal/testenv"
)

// TestBusy repeats the tests of reading in a process for which the runner's statistics are often
// being changed: they are read again.
func TestBusy(t *testing.T) {
	testenv.Need(t, testenv.Embedded)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	again := exec.Command(self, "-test.run=^(TestOpen|TestDevice)$", "-test.timeout=30s")
	again.Env = append(os.Environ(), "ILLUMOS_RUN_KSTATS=busy")
	if said, err := again.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, said)
	}
}
