//go:build !illumos

package priv

import "github.com/gozones/zones/sys/errno"

func own(Which) (Set, error)       { return Set{}, errno.ENOTSUP }
func change(Op, Which, Set) error  { return errno.ENOTSUP }
func getFlag(Flag) (bool, error)   { return false, errno.ENOTSUP }
func setFlag(Flag, bool) error     { return errno.ENOTSUP }
func kernelTable() ([]byte, error) { return nil, errno.ENOTSUP }
func elevated() bool               { return false }
