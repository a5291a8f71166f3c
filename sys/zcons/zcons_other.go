//go:build !illumos

package zcons

import (
	"os"

	"github.com/gozones/zones/sys/errno"
)

func makeDevice(string) error       { return errno.ENOTSUP }
func open(string) (*os.File, error) { return nil, errno.ENOTSUP }
func removeDevice(string) error     { return errno.ENOTSUP }
