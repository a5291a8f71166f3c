//go:build !illumos

package kstat

import "github.com/gozones/zones/sys/errno"

func open() (Reader, error) { return nil, errno.ENOTSUP }
