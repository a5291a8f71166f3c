//go:build !illumos

package sysevent

import "github.com/gozones/zones/sys/errno"

// Subscription delivers the events of one class of a channel.
type Subscription struct{}

func subscribe(string, string) (*Subscription, error) { return nil, errno.ENOTSUP }
func (s *Subscription) next() (*Event, error)         { return nil, errno.ENOTSUP }
func (s *Subscription) close() error                  { return nil }
