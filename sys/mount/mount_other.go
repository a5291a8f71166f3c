//go:build !illumos

package mount

import "github.com/gozones/zones/sys/errno"

func mount(_, _, _ string, _ Flags, _ string, _ []byte) (string, error) { return "", errno.ENOTSUP }
func unmount(string, int32) error                                       { return errno.ENOTSUP }
func releaseAutofs(int32) error                                         { return errno.ENOTSUP }
