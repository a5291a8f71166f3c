package client

import (
	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/zone"
)

var _ rctl.System = (*Client)(nil)

// RctlControls returns the dictionary of zone controls; see [rctl.System].
func (c *Client) RctlControls() ([]rctl.Control, error) {
	reply, _, err := c.call(&wire.Request{Op: wire.OpRctlControls})
	if err != nil {
		return nil, err
	}
	return reply.Controls, nil
}

// RctlValues returns the values of a control of a zone; see [rctl.System].
func (c *Client) RctlValues(id int32, name string) ([]rctl.Value, error) {
	reply, _, err := c.call(&wire.Request{Op: wire.OpRctlValues, ID: zone.ID(id), Name: name})
	if err != nil {
		return nil, err
	}
	return reply.Values, nil
}

// RctlUsage returns how much of what a control limits is in use; see [rctl.System].
func (c *Client) RctlUsage(id int32, name string) (uint64, error) {
	reply, _, err := c.call(&wire.Request{Op: wire.OpRctlUsage, ID: zone.ID(id), Name: name})
	if err != nil {
		return 0, err
	}
	return reply.Usage, nil
}

// RctlInsert adds a value to a control of a zone; see [rctl.System].
func (c *Client) RctlInsert(id int32, name string, v rctl.Value) error {
	return c.simple(&wire.Request{Op: wire.OpRctlInsert, ID: zone.ID(id), Name: name, Value: &v})
}

// RctlReplace puts a value in the place of another; see [rctl.System].
func (c *Client) RctlReplace(id int32, name string, old, v rctl.Value) error {
	return c.simple(&wire.Request{Op: wire.OpRctlReplace, ID: zone.ID(id), Name: name, Old: &old, Value: &v})
}

// RctlDelete removes a value; see [rctl.System].
func (c *Client) RctlDelete(id int32, name string, v rctl.Value) error {
	return c.simple(&wire.Request{Op: wire.OpRctlDelete, ID: zone.ID(id), Name: name, Value: &v})
}
