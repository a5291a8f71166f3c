//go:build !illumos

package kstat

import (
	"github.com/gozones/zones/internal/kernelrpc/client"
	"github.com/gozones/zones/internal/machine/launch"
)

// machine is the kernel process of this host.
type machine struct {
	source
	client *client.Client
}

// Close closes the connections to the kernel process.
func (m machine) Close() error { return m.client.Close() }

func open() (reader, error) {
	c, err := launch.Open()
	if err != nil {
		return nil, err
	}
	return machine{source{c}, c}, nil
}
