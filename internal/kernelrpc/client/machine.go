package client

import (
	"context"

	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/sys/zone"
)

// Watch follows state changes; see [zone.Kernel].
func (c *Client) Watch(ctx context.Context) (<-chan zone.Event, error) {
	conn, err := dial(c.ServerPid())
	if err != nil {
		return nil, err
	}
	_, failure, err := exchange(conn, &wire.Request{Op: wire.OpWatch}, nil, nil)
	if err == nil {
		err = failure
	}
	if err != nil {
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
			var changes []zone.Event
			if _, _, _, err := wire.ReceiveReply(conn, &changes); err != nil {
				return
			}
			for _, e := range changes {
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
	out := &zone.Outcome{ID: -1}
	err := c.call(&wire.Request{Op: wire.OpMake, Name: def.Name}, def, out)
	return out, err
}

// BootWith takes the steps and boots the zone; see [zone.Kernel].
func (c *Client) BootWith(id zone.ID, steps []zone.Step) (*zone.Outcome, error) {
	out := &zone.Outcome{ID: -1}
	err := c.call(&wire.Request{Op: wire.OpBootWith, ID: id}, steps, out)
	return out, err
}

// Table tells of every zone; see [zone.Kernel].
func (c *Client) Table() (*zone.Table, error) {
	table := new(wire.Table)
	if err := c.call(&wire.Request{Op: wire.OpTable}, nil, table); err != nil {
		return nil, err
	}
	return (*zone.Table)(table), nil
}

// Inspect tells of a zone by its name; see [zone.Kernel].
func (c *Client) Inspect(name string) (info zone.Info, err error) {
	err = c.call(&wire.Request{Op: wire.OpInspect, Name: name}, nil, &info)
	return info, err
}

// MountAll mounts inside a zone; see [zone.Maker].
func (c *Client) MountAll(id zone.ID, mounts []zone.Mount) (done int, err error) {
	err = c.call(&wire.Request{Op: wire.OpMount, ID: id}, mounts, &done)
	return done, err
}

// Unmount unmounts there; see [zone.Kernel].
func (c *Client) Unmount(id zone.ID, point string, force bool) error {
	return c.call(&wire.Request{Op: wire.OpUnmount, ID: id}, wire.Unmount{Point: point, Force: force}, nil)
}

// LinkByName returns a link's id; see [zone.Kernel].
func (c *Client) LinkByName(name string) (id zone.LinkID, err error) {
	err = c.call(&wire.Request{Op: wire.OpLinkByName, Name: name}, nil, &id)
	return id, err
}

// LinkName returns a link's name; see [zone.Kernel].
func (c *Client) LinkName(id zone.LinkID) (name string, err error) {
	err = c.call(&wire.Request{Op: wire.OpLinkName}, id, &name)
	return name, err
}

// SetAddress puts an address on a link; see [zone.Kernel].
func (c *Client) SetAddress(id zone.ID, link, prefix string, add bool) error {
	return c.call(&wire.Request{Op: wire.OpSetAddress, ID: id, Name: link}, wire.Address{Prefix: prefix, Add: add}, nil)
}

// Kstats reads statistics; see [zone.Kernel].
func (c *Client) Kstats() (kstats []zone.Kstat, err error) {
	err = c.call(&wire.Request{Op: wire.OpKstats}, nil, &kstats)
	return kstats, err
}

// Report tells what answers; see [zone.Kernel].
func (c *Client) Report() (report zone.Report, err error) {
	err = c.call(&wire.Request{Op: wire.OpReport}, nil, &report)
	return report, err
}
