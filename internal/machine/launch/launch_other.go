//go:build !linux

package launch

import (
	"github.com/gozones/zones/internal/kernelrpc/client"
	"github.com/gozones/zones/internal/locate"
)

// Open connects to the kernel process of this machine. This system can't start one.
func Open() (*client.Client, error) { return client.Dial(locate.RunDir()) }
