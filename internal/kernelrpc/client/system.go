package client

import (
	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// Create makes a zone; see [zone.System].
func (c *Client) Create(def *zone.Def) (zone.ID, error) {
	reply, _, err := c.call(&wire.Request{Op: wire.OpCreate, Def: def})
	if err != nil {
		return -1, err
	}
	return zone.ID(reply.N), nil
}

// Boot starts a zone's init; see [zone.System].
func (c *Client) Boot(id zone.ID) error { return c.simple(&wire.Request{Op: wire.OpBoot, ID: id}) }

// Shutdown ends everything in a zone; see [zone.System].
func (c *Client) Shutdown(id zone.ID) error {
	return c.simple(&wire.Request{Op: wire.OpShutdown, ID: id})
}

// Destroy removes a zone; see [zone.System].
func (c *Client) Destroy(id zone.ID) error {
	return c.simple(&wire.Request{Op: wire.OpDestroy, ID: id})
}

// Enter always fails with ENOTSUP: a Linux process can't move into a zone. Start
// runs a program inside.
func (c *Client) Enter(id zone.ID) error {
	return &zone.Error{Op: wire.OpEnter, ID: id, Errno: errno.ENOTSUP}
}

// Getattr copies an attribute; see [zone.System].
func (c *Client) Getattr(id zone.ID, attr zone.Attr, buf []byte) (int, error) {
	r := &wire.Request{Op: wire.OpGetattr, ID: id, Attr: attr, Room: len(buf), Null: buf == nil}
	if attr == zone.AttrNetwork {
		r.Buf = buf
	}
	reply, _, err := c.call(r)
	if err != nil {
		return 0, err
	}
	copy(buf, reply.Buf)
	return int(reply.N), nil
}

// Setattr sets an attribute; see [zone.System].
func (c *Client) Setattr(id zone.ID, attr zone.Attr, buf []byte) error {
	return c.simple(&wire.Request{Op: wire.OpSetattr, ID: id, Attr: attr, Buf: buf})
}

// List fills ids; see [zone.System].
func (c *Client) List(ids []zone.ID) (int, error) {
	reply, _, err := c.call(&wire.Request{Op: wire.OpList, Room: len(ids)})
	if err != nil {
		return 0, err
	}
	copy(ids, reply.IDs)
	return int(reply.N), nil
}

// Lookup finds a zone by name; see [zone.System].
func (c *Client) Lookup(name string) (zone.ID, error) {
	reply, _, err := c.call(&wire.Request{Op: wire.OpLookup, Name: name})
	if err != nil {
		return -1, err
	}
	return zone.ID(reply.N), nil
}

// Version returns the version of the interface; see [zone.System].
func (c *Client) Version() (int, error) {
	reply, _, err := c.call(&wire.Request{Op: wire.OpVersion})
	if err != nil {
		return 0, err
	}
	return int(reply.N), nil
}

// AddDatalink gives a zone a link; see [zone.System].
func (c *Client) AddDatalink(id zone.ID, link zone.LinkID) error {
	return c.simple(&wire.Request{Op: wire.OpAddLink, ID: id, Link: link})
}

// RemoveDatalink takes it away; see [zone.System].
func (c *Client) RemoveDatalink(id zone.ID, link zone.LinkID) error {
	return c.simple(&wire.Request{Op: wire.OpRemoveLink, ID: id, Link: link})
}

// CheckDatalink asks who has a link; see [zone.System].
func (c *Client) CheckDatalink(id zone.ID, link zone.LinkID) (zone.ID, error) {
	reply, _, err := c.call(&wire.Request{Op: wire.OpCheckLink, ID: id, Link: link})
	if err != nil {
		return id, err
	}
	return zone.ID(reply.N), nil
}

// ListDatalinks fills links; see [zone.System].
func (c *Client) ListDatalinks(id zone.ID, links []zone.LinkID) (int, error) {
	reply, _, err := c.call(&wire.Request{Op: wire.OpListLinks, ID: id, Room: len(links)})
	if err != nil {
		return 0, err
	}
	copy(links, reply.Links)
	return int(reply.N), nil
}
