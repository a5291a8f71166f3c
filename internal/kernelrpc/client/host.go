package client

import (
	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/sys/zone"
)

// MountAll mounts file systems in a zone; see [zone.Maker].
func (c *Client) MountAll(id zone.ID, mounts []zone.Mount) (done int, err error) {
	err = c.call(&wire.Request{Op: wire.OpMount, ID: id}, mounts, &done)
	return done, err
}

// Unmount unmounts a file system in a zone; see [zone.Maker].
func (c *Client) Unmount(id zone.ID, point string, force bool) error {
	return c.call(&wire.Request{Op: wire.OpUnmount, ID: id}, wire.Unmount{Point: point, Force: force}, nil)
}

// LinkByName returns a link's id; see [zone.Maker].
func (c *Client) LinkByName(name string) (id zone.LinkID, err error) {
	err = c.call(&wire.Request{Op: wire.OpLinkByName, Name: name}, nil, &id)
	return id, err
}

// LinkName returns a link's name; see [zone.Kernel].
func (c *Client) LinkName(id zone.LinkID) (name string, err error) {
	err = c.call(&wire.Request{Op: wire.OpLinkName}, id, &name)
	return name, err
}

// SetAddress adds an address to a link or removes it; see [zone.Maker].
func (c *Client) SetAddress(id zone.ID, link, prefix string, add bool) error {
	return c.call(&wire.Request{Op: wire.OpSetAddress, ID: id, Name: link}, wire.Address{Prefix: prefix, Add: add}, nil)
}

// Holds says what the kernel has of a zone; see [zone.Holder].
func (c *Client) Holds(id zone.ID) (holds zone.Holds, err error) {
	err = c.call(&wire.Request{Op: wire.OpHolds, ID: id}, nil, &holds)
	return holds, err
}

// Kstats returns statistics; see [zone.Kernel].
func (c *Client) Kstats() (kstats []zone.Kstat, err error) {
	err = c.call(&wire.Request{Op: wire.OpKstats}, nil, &kstats)
	return kstats, err
}

// Report says which kernel answers; see [zone.Kernel].
func (c *Client) Report() (report zone.Report, err error) {
	err = c.call(&wire.Request{Op: wire.OpReport}, nil, &report)
	return report, err
}
