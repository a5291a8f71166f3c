//go:build !illumos

package uadmin

import "github.com/gozones/zones/sys/errno"

func do(Cmd, Fcn, string) error { return errno.ENOTSUP }
