package zones

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/gozones/zones/internal/zoneadm"
	"github.com/gozones/zones/internal/zoneadmd"
	"github.com/gozones/zones/sys/zone"
)

// daemons runs the daemons of zones in this process.
type daemons struct {
	zone.Kernel // of the daemons; its Watch ends when they have to exit
	config      Config
	doors       *zoneadm.Doors
	closed      context.Context
	stop        context.CancelFunc
	running     sync.WaitGroup
}

var _ Daemon = (*daemons)(nil)

func newDaemons(c Config) *daemons {
	d := &daemons{Kernel: c.Kernel, config: c, doors: zoneadm.NewDoors(c.RunDir, io.Discard)}
	d.closed, d.stop = context.WithCancel(context.Background())
	d.doors.Launch = d.launch
	return d
}

// Request sends a request to the daemon of a zone, starting it if necessary.
func (d *daemons) Request(name string, r zone.CommandRequest) (zone.CommandReply, error) {
	return d.doors.Request(name, r)
}

// Notify sends a request to the daemon of a zone, if it runs.
func (d *daemons) Notify(name string, r zone.CommandRequest) { d.doors.Notify(name, r) }

func (d *daemons) launch(name string) error {
	daemon, err := zoneadmd.Start(zoneadmd.Config{
		Zone: name, Kernel: d, Store: d.config.Store, RunDir: d.config.RunDir, BrandDir: d.config.Brands})
	if errors.Is(err, zoneadmd.ErrServed) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w: %w", zoneadm.ErrNoDaemon, err)
	}
	d.running.Go(daemon.Run)
	return nil
}

// WatchZone watches one zone for its daemon, which exits when the Machine is closed.
func (d *daemons) WatchZone(ctx context.Context, name string) (<-chan zone.Event, error) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(d.closed, cancel)
	events, err := d.Kernel.WatchZone(ctx, name)
	if err != nil {
		stop()
		cancel()
	}
	return events, err
}

// close stops the daemons and returns when they have exited.
func (d *daemons) close() error {
	d.stop()
	d.running.Wait()
	return nil
}
