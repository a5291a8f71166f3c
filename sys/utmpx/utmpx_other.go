//go:build !illumos

package utmpx

import (
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/internal/abi"
)

func makeutx(*abi.Utmpx) (*abi.Utmpx, error) { return nil, errno.ENOTSUP }
func modutx(*abi.Utmpx) (*abi.Utmpx, error)  { return nil, errno.ENOTSUP }
func list() ([]Entry, error)                 { return nil, errno.ENOTSUP }
