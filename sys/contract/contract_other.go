//go:build !illumos

package contract

import (
	"os"

	"github.com/gozones/zones/sys/errno"
)

type active struct{}

func (t Terms) activate() (*Active, error) { return nil, errno.ENOTSUP }
func (a *Active) clear() error             { return errno.ENOTSUP }
func latest() (ID, error)                  { return 0, errno.ENOTSUP }
func statusOf(ID, Detail) (*Status, error) { return nil, errno.ENOTSUP }
func abandon(ID) error                     { return errno.ENOTSUP }
func adopt(ID) error                       { return errno.ENOTSUP }
func ack(ID, uint64) error                 { return errno.ENOTSUP }
func open(...string) (*os.File, error)     { return nil, errno.ENOTSUP }
func (e *Endpoint) reliable() error        { return errno.ENOTSUP }
func (e *Endpoint) next() (*Event, error)  { return nil, errno.ENOTSUP }
