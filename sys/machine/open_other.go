//go:build !illumos

package machine

import (
	"github.com/gozones/zones/sys/kdoor"
	"github.com/gozones/zones/sys/zone"
)

// Open returns the kernel of this machine. Close it when done; zones and programs
// that were started go on.
func Open() (zone.Kernel, error) { return kdoor.Open() }

// RunDir is the folder for what exists only while the machine runs: doors, locks,
// consoles. $ZONES_RUN overrides it.
func RunDir() string { return kdoor.RunDir() }
