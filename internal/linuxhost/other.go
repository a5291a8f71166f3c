//go:build !linux

package linuxhost

import (
	"errors"
	"fmt"

	"github.com/gozones/zones/kernel/host"
)

// Options configures a host.
type Options struct{ RunDir string }

// New returns an error: this isn't Linux.
func New(Options) (host.Host, error) {
	return nil, fmt.Errorf("the Linux host: %w on this system", errors.ErrUnsupported)
}

// IsZsched returns false: no zone runs here.
func IsZsched() bool { return false }

// ZschedMain is never called here.
func ZschedMain() int { return 1 }

// Isolate does nothing here.
func Isolate() error { return nil }
