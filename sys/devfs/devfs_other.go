//go:build !illumos

package devfs

import "github.com/gozones/zones/sys/errno"

func mountDev(_, _, _ string) (string, error) { return "", errno.ENOTSUP }
func commit([]byte) error                     { return errno.ENOTSUP }
