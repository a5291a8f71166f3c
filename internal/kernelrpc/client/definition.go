package client

import (
	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/sys/zone"
)

// Make makes a zone from a whole definition; see [zone.Kernel].
func (c *Client) Make(def *zone.Definition) (*zone.Outcome, error) {
	out := &zone.Outcome{ID: -1}
	err := c.call(&wire.Request{Op: wire.OpMake, Name: def.Name}, def, out)
	return out, err
}

// BootWith takes the steps and boots the zone; see [zone.Kernel].
func (c *Client) BootWith(id zone.ID, steps []zone.Step) (*zone.Outcome, error) {
	out := &zone.Outcome{ID: id}
	err := c.call(&wire.Request{Op: wire.OpBootWith, ID: id}, steps, out)
	return out, err
}

// Table returns every zone; see [zone.Kernel].
func (c *Client) Table() (*zone.Table, error) {
	table := new(wire.Table)
	if err := c.call(&wire.Request{Op: wire.OpTable}, nil, table); err != nil {
		return nil, err
	}
	return (*zone.Table)(table), nil
}

// Inspect returns a zone by its name; see [zone.Kernel].
func (c *Client) Inspect(name string) (info zone.Info, err error) {
	err = c.call(&wire.Request{Op: wire.OpInspect, Name: name}, nil, &info)
	return info, err
}
