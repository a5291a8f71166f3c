//go:build !linux

package door

import (
	"errors"
	"fmt"
	"os"
)

var errNoPair = fmt.Errorf("door: a connection to a door that isn't there yet: %w", errors.ErrUnsupported)

// Pair fails: only Linux's doors are sockets, which come in pairs.
func Pair() (*Conn, *os.File, error) { return nil, nil, errNoPair }

// Inherit fails.
func Inherit(fd uintptr) (*Conn, error) { return nil, errNoPair }

// ServerPid returns the process that serves an open door.
func (c *Conn) ServerPid() (int32, error) {
	cred, err := c.Peer()
	return cred.Pid, err
}
