//go:build !illumos

package sysevent

import "github.com/gozones/zones/sys/errno"

// Subscription is the events of one class of a channel.
type Subscription struct{}

// Subscribe fails: this system has no event channels.
func Subscribe(channel, class string) (*Subscription, error) {
	return nil, failed("subscribing to "+channel, errno.ENOTSUP)
}

// Next fails.
func (s *Subscription) Next() (*Event, error) { return nil, failed("event", errno.ENOTSUP) }

// Close does nothing.
func (s *Subscription) Close() error { return nil }
