package client

import (
	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

var _ zone.Kernel = (*Client)(nil)

// Create makes a zone; see [zone.System].
func (c *Client) Create(def *zone.Def) (zone.ID, error) {
	id := zone.ID(-1)
	err := c.call(&wire.Request{Op: wire.OpCreate, Name: def.Name}, def, &id)
	return id, err
}

// Boot starts a zone's init; see [zone.System].
func (c *Client) Boot(id zone.ID) error {
	return c.call(&wire.Request{Op: wire.OpBoot, ID: id}, nil, nil)
}

// Shutdown kills everything in a zone; see [zone.System].
func (c *Client) Shutdown(id zone.ID) error {
	return c.call(&wire.Request{Op: wire.OpShutdown, ID: id}, nil, nil)
}

// Destroy removes a zone; see [zone.System].
func (c *Client) Destroy(id zone.ID) error {
	return c.call(&wire.Request{Op: wire.OpDestroy, ID: id}, nil, nil)
}

// Enter always fails with ENOTSUP: a Linux process can't move into a zone. Start runs a
// program inside.
func (c *Client) Enter(id zone.ID) error {
	return &zone.Error{Op: "zone_enter", ID: id, Errno: errno.ENOTSUP}
}

// Getattr copies an attribute; see [zone.System].
func (c *Client) Getattr(id zone.ID, attr zone.Attr, buf []byte) (int, error) {
	wanted := wire.Getattr{Attr: attr, Room: len(buf), Null: buf == nil}
	if attr == zone.AttrNetwork {
		wanted.Buf = buf // its head says which link and property
	}
	var got wire.Attr
	if err := c.call(&wire.Request{Op: wire.OpGetattr, ID: id}, wanted, &got); err != nil {
		return 0, err
	}
	copy(buf, got.Buf)
	return got.N, nil
}

// Setattr sets an attribute; see [zone.System].
func (c *Client) Setattr(id zone.ID, attr zone.Attr, buf []byte) error {
	return c.call(&wire.Request{Op: wire.OpSetattr, ID: id}, zone.AttrValue{Attr: attr, Value: buf}, nil)
}

// List fills ids; see [zone.System].
func (c *Client) List(ids []zone.ID) (int, error) {
	var got wire.IDs
	if err := c.call(&wire.Request{Op: wire.OpList}, len(ids), &got); err != nil {
		return 0, err
	}
	copy(ids, got.IDs)
	return got.N, nil
}

// Lookup finds a zone by name; see [zone.System].
func (c *Client) Lookup(name string) (zone.ID, error) {
	if name == "" {
		return zone.GlobalID, nil // callers in other zones are refused
	}
	id := zone.ID(-1)
	err := c.call(&wire.Request{Op: wire.OpLookup, Name: name}, nil, &id)
	return id, err
}

// Version returns the version of the interface; see [zone.System].
func (c *Client) Version() (n int, err error) {
	err = c.call(&wire.Request{Op: wire.OpVersion}, nil, &n)
	return n, err
}

// AddDatalink assigns a link to a zone; see [zone.System].
func (c *Client) AddDatalink(id zone.ID, link zone.LinkID) error {
	return c.call(&wire.Request{Op: wire.OpAddLink, ID: id}, link, nil)
}

// RemoveDatalink takes the link away; see [zone.System].
func (c *Client) RemoveDatalink(id zone.ID, link zone.LinkID) error {
	return c.call(&wire.Request{Op: wire.OpRemoveLink, ID: id}, link, nil)
}

// CheckDatalink returns the zone that has a link; see [zone.System].
func (c *Client) CheckDatalink(id zone.ID, link zone.LinkID) (zone.ID, error) {
	owner := id
	err := c.call(&wire.Request{Op: wire.OpCheckLink, ID: id}, link, &owner)
	return owner, err
}

// ListDatalinks fills links; see [zone.System].
func (c *Client) ListDatalinks(id zone.ID, links []zone.LinkID) (int, error) {
	var got wire.Links
	if err := c.call(&wire.Request{Op: wire.OpListLinks, ID: id}, len(links), &got); err != nil {
		return 0, err
	}
	copy(links, got.Links)
	return got.N, nil
}
