package client

import (
	"context"
	"encoding/json"

	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// Watch follows state changes; see [zone.Kernel].
func (c *Client) Watch(ctx context.Context) (<-chan zone.Event, error) {
	conn, err := dial(c.ServerPid())
	if err != nil {
		return nil, err
	}
	r := &wire.Request{Op: wire.OpWatch}
	if reply, _, err := exchange(conn, r); err != nil {
		conn.Close()
		return nil, err
	} else if err := failure(reply); err != nil {
		conn.Close()
		return nil, err
	}
	events := make(chan zone.Event)
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	go func() {
		defer close(events)
		defer conn.Close()
		defer stop()
		for {
			message, _, err := conn.Receive()
			var reply wire.Reply
			if err != nil || json.Unmarshal(message, &reply) != nil {
				return
			}
			for _, e := range reply.Events {
				select {
				case events <- e:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return events, nil
}

// Make makes a zone from a whole definition; see [zone.Kernel].
func (c *Client) Make(def *zone.Definition) (*zone.Outcome, error) {
	return c.outcome(&wire.Request{Op: wire.OpMake, Name: def.Name, Definition: def})
}

// BootWith takes the steps and boots the zone; see [zone.Kernel].
func (c *Client) BootWith(id zone.ID, steps []zone.Step) (*zone.Outcome, error) {
	return c.outcome(&wire.Request{Op: wire.OpBootWith, ID: id, Steps: steps})
}

// outcome makes a call whose reply tells of its steps also when it fails.
func (c *Client) outcome(r *wire.Request) (*zone.Outcome, error) {
	reply, _, err := c.call(r)
	if reply == nil || reply.Outcome == nil {
		return &zone.Outcome{ID: -1}, err
	}
	return reply.Outcome, err
}

// Table tells of every zone; see [zone.Kernel].
func (c *Client) Table() (*zone.Table, error) {
	reply, _, err := c.call(&wire.Request{Op: wire.OpTable})
	if err != nil {
		return nil, err
	}
	if reply.Table == nil {
		return nil, &zone.Error{Op: wire.OpTable, Errno: errno.EIO, Text: "the kernel process answered without a table"}
	}
	return reply.Table, nil
}

// Inspect tells of a zone by its name; see [zone.Kernel].
func (c *Client) Inspect(name string) (zone.Info, error) {
	reply, _, err := c.call(&wire.Request{Op: wire.OpInspect, Name: name})
	if err != nil || reply.Info == nil {
		return zone.Info{}, err
	}
	return *reply.Info, nil
}

// MountAll mounts inside a zone; see [zone.Maker].
func (c *Client) MountAll(id zone.ID, mounts []zone.Mount) (done int, err error) {
	reply, _, err := c.call(&wire.Request{Op: wire.OpMount, ID: id, Mounts: mounts})
	if reply != nil {
		done = int(reply.N)
	}
	return done, err
}

// Unmount unmounts there; see [zone.Kernel].
func (c *Client) Unmount(id zone.ID, point string, force bool) error {
	return c.simple(&wire.Request{Op: wire.OpUnmount, ID: id, Point: point, Force: force})
}

// LinkByName returns a link's id; see [zone.Kernel].
func (c *Client) LinkByName(name string) (zone.LinkID, error) {
	reply, _, err := c.call(&wire.Request{Op: wire.OpLinkByName, Name: name})
	if err != nil {
		return 0, err
	}
	return zone.LinkID(reply.N), nil
}

// LinkName returns a link's name; see [zone.Kernel].
func (c *Client) LinkName(id zone.LinkID) (string, error) {
	reply, _, err := c.call(&wire.Request{Op: wire.OpLinkName, Link: id})
	if err != nil {
		return "", err
	}
	return reply.Name, nil
}

// SetAddress puts an address on a link; see [zone.Kernel].
func (c *Client) SetAddress(id zone.ID, link, prefix string, add bool) error {
	return c.simple(&wire.Request{Op: wire.OpSetAddress, ID: id, Name: link, Prefix: prefix, Add: add})
}

// Kstats reads statistics; see [zone.Kernel].
func (c *Client) Kstats() ([]zone.Kstat, error) {
	reply, _, err := c.call(&wire.Request{Op: wire.OpKstats})
	if err != nil {
		return nil, err
	}
	return reply.Kstats, nil
}

// Report tells what answers; see [zone.Kernel].
func (c *Client) Report() (zone.Report, error) {
	reply, _, err := c.call(&wire.Request{Op: wire.OpReport})
	if err != nil || reply.Report == nil {
		return zone.Report{}, err
	}
	return *reply.Report, nil
}
