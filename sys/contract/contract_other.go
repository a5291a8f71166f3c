//go:build !illumos

package contract

import "github.com/gozones/zones/sys/errno"

// Active is terms that hold for the calling thread.
type Active struct{}

// Activate fails: this system has no contracts.
func (t Terms) Activate() (*Active, error) { return nil, failed("activating terms", errno.ENOTSUP) }

// Clear does nothing.
func (a *Active) Clear() error { return nil }

// Latest fails: this system has no contracts.
func Latest() (ID, error) { return 0, failed("latest", errno.ENOTSUP) }

// StatusOf fails: this system has no contracts.
func StatusOf(ID, Detail) (*Status, error) { return nil, failed("status", errno.ENOTSUP) }

// Abandon fails: this system has no contracts.
func Abandon(ID) error { return failed("abandoning", errno.ENOTSUP) }

// Adopt fails: this system has no contracts.
func Adopt(ID) error { return failed("adopting", errno.ENOTSUP) }

// Ack fails: this system has no contracts.
func Ack(ID, uint64) error { return failed("acknowledging", errno.ENOTSUP) }

// Endpoint is where events are read.
type Endpoint struct{}

// Watch fails: this system has no contracts.
func Watch(ID) (*Endpoint, error) { return nil, failed("watching", errno.ENOTSUP) }

// WatchOwn fails: this system has no contracts.
func WatchOwn() (*Endpoint, error) { return nil, failed("watching", errno.ENOTSUP) }

// Next fails.
func (e *Endpoint) Next() (*Event, error) { return nil, failed("watching", errno.ENOTSUP) }

// Reliable fails.
func (e *Endpoint) Reliable() error { return failed("watching", errno.ENOTSUP) }

// Close does nothing.
func (e *Endpoint) Close() error { return nil }
