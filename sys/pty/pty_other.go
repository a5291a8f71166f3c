//go:build !illumos

package pty

import (
	"os"

	"github.com/gozones/zones/sys/errno"
)

func open() (*os.File, string, error)         { return nil, "", errno.ENOTSUP }
func giveToZone(*os.File, int32) error        { return errno.ENOTSUP }
func setOwner(*os.File, uint32, uint32) error { return errno.ENOTSUP }
func openTerminal(string) (*os.File, error)   { return nil, errno.ENOTSUP }
func makeControlling(*os.File) error          { return errno.ENOTSUP }
func anchor(uintptr) error                    { return errno.ENOTSUP }
