//go:build !illumos

package secflags

import "github.com/gozones/zones/sys/errno"

func change(IDType, int32, Which, Delta) error { return errno.ENOTSUP }
