package machine

import (
	"context"
	"errors"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/sysevent"
	"github.com/gozones/zones/sys/zone"
)

func subscribe() (*sysevent.Subscription, error) {
	return sysevent.Subscribe(zone.EventChannel, zone.EventStatusClass)
}

// Watch receives state changes on the kernel's event channel. For a caller who may not use
// the channel it polls: states that last only for a moment are missed then, and Report says
// so.
func (k *kernel) Watch(ctx context.Context) (<-chan zone.Event, error) {
	return k.WatchZone(ctx, "")
}

// WatchZone is Watch for the zones of one name.
func (k *kernel) WatchZone(ctx context.Context, name string) (<-chan zone.Event, error) {
	before, err := look(k)
	if err != nil {
		return nil, err
	}
	s, err := subscribe()
	if errors.Is(err, errno.EPERM) || errors.Is(err, errno.EACCES) || errors.Is(err, errno.ENOENT) || errors.Is(err, errno.ENXIO) {
		return poll(ctx, k, name)
	}
	if err != nil {
		return nil, err
	}
	// The first events are read by the states that the zones were in, unless a zone has
	// changed while the subscription was made.
	zones, err := look(k)
	if err != nil {
		s.Close()
		return nil, err
	}
	known := states{map[zone.ID]zone.Status{}, func(id zone.ID) (zone.Status, error) { return zone.StatusOf(k, id) }}
	for id, z := range zones {
		if before[id] == z {
			known.known[id] = z.status
		}
	}
	q := newQueue()
	stop := context.AfterFunc(ctx, func() { s.Close() })
	go func() {
		defer q.end()
		defer s.Close()
		defer stop()
		for {
			e, err := s.Next()
			if err != nil {
				return
			}
			if z, ok := known.event(e); ok && about(z, name) {
				q.add(z)
			}
		}
	}()
	return q.deliver(ctx), nil
}
