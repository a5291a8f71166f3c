//go:build !illumos

package kstat

import (
	"github.com/gozones/zones/sys/kdoor"
	sys "github.com/gozones/zones/sys/kstat"
)

// machine is the kernel's process of this machine.
type machine struct {
	source
	client *kdoor.Client
}

// Close lets go of the kernel.
func (m machine) Close() error { return m.client.Close() }

func open() (sys.Reader, error) {
	client, err := kdoor.Open()
	if err != nil {
		return nil, err
	}
	return machine{source{client}, client}, nil
}
