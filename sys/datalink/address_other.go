//go:build !illumos

package datalink

import (
	"net/netip"

	"github.com/gozones/zones/sys/errno"
)

func add(int32, string, netip.Prefix) error    { return errno.ENOTSUP }
func remove(int32, string, netip.Prefix) error { return errno.ENOTSUP }

func addressZone(netip.Addr) (int32, error) { return 0, errno.ENOTSUP }

func removeAll(int32) error        { return errno.ENOTSUP }
func abortConnections(int32) error { return errno.ENOTSUP }
