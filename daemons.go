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
	zone.Kernel // as the daemons see it
	config      Config
	doors       *zoneadm.Doors
	closed      context.Context
	close1      context.CancelFunc
	running     sync.WaitGroup
}

var _ Daemon = (*daemons)(nil)

func newDaemons(c Config) *daemons {
	d := &daemons{Kernel: c.Kernel, config: c, doors: zoneadm.NewDoors(c.RunDir, io.Discard)}
	d.closed, d.close1 = context.WithCancel(context.Background())
	d.doors.Launch = d.launch
	return d
}

// Request passes a request on to a zone's daemon.
func (d *daemons) Request(name string, r zone.CommandRequest) (zone.CommandReply, error) {
	return d.doors.Request(name, r)
}

// Notify tells a zone's daemon something, if there is one.
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

// Watch follows the kernel for a daemon, to which it ends with the Machine.
func (d *daemons) Watch(ctx context.Context) (<-chan zone.Event, error) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(d.closed, cancel)
	events, err := d.Kernel.Watch(ctx)
	if err != nil {
		stop()
		cancel()
	}
	return events, err
}

// close has the daemons leave, and returns when they have.
func (d *daemons) close() error {
	d.close1()
	d.running.Wait()
	return nil
}
