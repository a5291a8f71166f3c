package client

import (
	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/sys/rctl"
	"github.com/gozones/zones/sys/zone"
)

var _ rctl.System = (*Client)(nil)

// RctlControls returns the dictionary of zone controls; see [rctl.System].
func (c *Client) RctlControls() (controls []rctl.Control, err error) {
	err = c.call(&wire.Request{Op: wire.OpRctlControls}, nil, &controls)
	return controls, err
}

// RctlValues returns the values of a control of a zone; see [rctl.System].
func (c *Client) RctlValues(id int32, name string) (values []rctl.Value, err error) {
	err = c.call(&wire.Request{Op: wire.OpRctlValues, ID: zone.ID(id), Name: name}, nil, &values)
	return values, err
}

// RctlUsage returns how much of what a control limits is used; see [rctl.System].
func (c *Client) RctlUsage(id int32, name string) (usage uint64, err error) {
	err = c.call(&wire.Request{Op: wire.OpRctlUsage, ID: zone.ID(id), Name: name}, nil, &usage)
	return usage, err
}

// RctlInsert adds a value to a control of a zone; see [rctl.System].
func (c *Client) RctlInsert(id int32, name string, v rctl.Value) error {
	return c.call(&wire.Request{Op: wire.OpRctlInsert, ID: zone.ID(id), Name: name}, v, nil)
}

// RctlReplace replaces a value; see [rctl.System].
func (c *Client) RctlReplace(id int32, name string, old, v rctl.Value) error {
	return c.call(&wire.Request{Op: wire.OpRctlReplace, ID: zone.ID(id), Name: name}, wire.Replace{Old: old, Value: v}, nil)
}

// RctlDelete removes a value; see [rctl.System].
func (c *Client) RctlDelete(id int32, name string, v rctl.Value) error {
	return c.call(&wire.Request{Op: wire.OpRctlDelete, ID: zone.ID(id), Name: name}, v, nil)
}
