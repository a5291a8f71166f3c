//go:build !illumos

package machine

import (
	"github.com/gozones/zones/internal/kernelrpc/client"
	"github.com/gozones/zones/sys/zone"
)

// Open returns the kernel of this machine. Close it when done; zones and programs
// that were started go on.
func Open() (zone.Kernel, error) { return client.Open() }
