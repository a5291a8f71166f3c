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
	zones, err := look(k)
	if err != nil {
		s.Close()
		return nil, err
	}
	known := states{unchanged(before, zones), func(id zone.ID) (zone.Status, error) { return zone.StatusOf(k, id) }}
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

// unchanged returns the states of the zones that are as they were. The first events are read by
// these: a zone may change while the subscription is made.
func unchanged(before, now map[zone.ID]seen) map[zone.ID]zone.Status {
	known := map[zone.ID]zone.Status{}
	for id, z := range now {
		if before[id] == z {
			known[id] = z.status
		}
	}
	return known
}
