//go:build !illumos

package machine

import (
	"errors"

	"github.com/gozones/zones/internal/kernelrpc/client"
	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/internal/machine/launch"
	"github.com/gozones/zones/sys/zone"
)

// Open returns the kernel of this machine. Close it when done; zones and the programs in
// them continue.
func Open() (zone.Kernel, error) { return launch.Open() }

// Running returns the kernel of this machine if its process runs, and an error otherwise. It
// starts none.
func Running() (zone.Kernel, error) { return client.Dial(locate.RunDir()) }

// Own fails with [errors.ErrUnsupported]: the embedded kernel can't be reached from inside
// a zone.
func Own() (zone.Info, error) { return zone.Info{}, errors.ErrUnsupported }
