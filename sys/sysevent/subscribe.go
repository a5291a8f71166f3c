package sysevent

import "fmt"

// Subscribe subscribes to the events of one class of a channel, which is created if it
// doesn't exist. EPERM or EACCES unless the caller is root in the global zone, EAGAIN
// when the channel has too many subscribers, ENOTSUP on systems other than illumos.
func Subscribe(channel, class string) (*Subscription, error) {
	s, err := subscribe(channel, class)
	return s, failed("subscribing to "+channel, err)
}

// Next waits for an event and returns it. The error is [os.ErrClosed] once the
// subscription is closed.
func (s *Subscription) Next() (*Event, error) {
	e, err := s.next()
	return e, failed("event", err)
}

// Close ends the subscription. A Next that waits returns, and no event is delivered
// afterwards.
func (s *Subscription) Close() error { return failed("ending a subscription", s.close()) }

func failed(op string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("sysevent: %s: %w", op, err)
}
