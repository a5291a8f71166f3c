//go:build !illumos

package pty

import (
	"os"

	"github.com/gozones/zones/sys/errno"
)

// Open fails: this system's pseudo-terminals are made by others.
func Open() (*os.File, string, error) { return nil, "", failed("opening", errno.ENOTSUP) }

// GiveToZone fails.
func GiveToZone(*os.File, int32) error { return failed("giving it to a zone", errno.ENOTSUP) }

// SetOwner fails.
func SetOwner(*os.File, uint32, uint32) error { return failed("setting the owner", errno.ENOTSUP) }

// OpenTerminal fails.
func OpenTerminal(string) (*os.File, error) { return nil, failed("opening", errno.ENOTSUP) }

// MakeControlling fails.
func MakeControlling(*os.File) error { return failed("making it controlling", errno.ENOTSUP) }
