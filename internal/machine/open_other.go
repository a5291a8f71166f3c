//go:build !illumos

package machine

import (
	"errors"

	"github.com/gozones/zones/internal/machine/launch"
	"github.com/gozones/zones/sys/zone"
)

// Open returns the kernel of this machine. Close it when done; zones and the programs in
// them continue.
func Open() (zone.Kernel, error) { return launch.Open() }

// Own fails with [errors.ErrUnsupported]: the embedded kernel can't be reached from inside
// a zone.
func Own() (zone.Info, error) { return zone.Info{}, errors.ErrUnsupported }
