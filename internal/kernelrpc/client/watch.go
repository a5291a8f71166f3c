package client

import (
	"context"

	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/zone"
)

// Watch sends state changes; see [zone.Kernel]. It also closes the channel when the kernel
// process exits.
func (c *Client) Watch(ctx context.Context) (<-chan zone.Event, error) {
	return c.WatchZone(ctx, "")
}

// WatchZone is Watch for the zones of one name.
func (c *Client) WatchZone(ctx context.Context, name string) (<-chan zone.Event, error) {
	conn, files, err := c.converse(&wire.Request{Op: wire.OpWatch, Name: name}, nil, nil)
	closeAll(files)
	if err != nil {
		if conn != nil {
			conn.Close()
		}
		return nil, err
	}
	events := make(chan zone.Event)
	go follow(ctx, conn, events)
	return events, nil
}

// follow receives events on a connection until ctx is done.
func follow(ctx context.Context, conn *door.Conn, events chan<- zone.Event) {
	defer close(events)
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	for {
		message, files, err := wire.Receive(conn, wire.MaxReply)
		if err != nil {
			return
		}
		closeAll(files)
		var changes []zone.Event
		if _, _, err := wire.DecodeReply(message, &changes); err != nil {
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
}
