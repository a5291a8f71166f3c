//go:build !linux

package door

import (
	"errors"
	"fmt"
	"os"
)

var errNoPair = fmt.Errorf("door: only Linux connects to a door that doesn't exist yet: %w", errors.ErrUnsupported)

func pair() (*Conn, *os.File, error) { return nil, nil, errNoPair }

func inherit(uintptr) (*Conn, error) { return nil, errNoPair }

func (c *Conn) serverPid() (int32, error) {
	cred, err := c.peer()
	return cred.Pid, err
}
