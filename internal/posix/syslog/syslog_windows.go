// Package syslog writes to the system's log, which Windows hasn't.
package syslog

import (
	"errors"
	"fmt"
)

// Open fails: the event log of Windows takes events of registered programs only.
func Open(name string) (write func(text string) error, err error) {
	return nil, fmt.Errorf("syslog of %s: %w on Windows", name, errors.ErrUnsupported)
}
