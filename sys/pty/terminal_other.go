//go:build !illumos && !linux

package pty

import (
	"os"

	"github.com/gozones/zones/sys/errno"
)

// State is a terminal's mode.
type State struct{}

// ModeOf fails.
func ModeOf(*os.File) (*State, error) { return nil, failed("mode", errno.ENOTSUP) }

// Keys returns none.
func (s *State) Keys() Keys { return Keys{} }

// MakeRaw fails.
func MakeRaw(*os.File) (*State, error) { return nil, failed("mode", errno.ENOTSUP) }

// Restore fails.
func (s *State) Restore(*os.File) error { return failed("mode", errno.ENOTSUP) }

// SizeOf fails.
func SizeOf(*os.File) (Size, error) { return Size{}, failed("size", errno.ENOTSUP) }

// Resize fails.
func Resize(*os.File, Size) error { return failed("size", errno.ENOTSUP) }

// NameOf fails.
func NameOf(*os.File) (string, error) { return "", failed("name", errno.ENOTSUP) }

// SetLooks fails.
func SetLooks(*os.File, *State, Size) error { return failed("mode", errno.ENOTSUP) }
