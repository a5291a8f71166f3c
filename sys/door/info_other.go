//go:build !illumos

package door

import (
	"errors"
	"fmt"
)

func errNoInfo() error {
	return fmt.Errorf("door: only illumos describes doors: %w", errors.ErrUnsupported)
}

func (c *Conn) info() (Info, error)                 { return Info{}, errNoInfo() }
func (c *Conn) maxRequest() (uint64, uint64, error) { return 0, 0, errNoInfo() }
