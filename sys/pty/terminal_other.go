//go:build !illumos && !linux

package pty

import (
	"os"

	"github.com/gozones/zones/sys/errno"
)

// State is a terminal's mode (struct termios).
type State struct{}

func modeOf(*os.File) (*State, error)   { return nil, errno.ENOTSUP }
func (s *State) keys() Keys             { return Keys{} }
func (s *State) makeRaw(*os.File) error { return errno.ENOTSUP }
func (s *State) set(*os.File) error     { return errno.ENOTSUP }
func (s *State) restore(*os.File) error { return errno.ENOTSUP }
func sizeOf(*os.File) (Size, error)     { return Size{}, errno.ENOTSUP }
func resize(*os.File, Size) error       { return errno.ENOTSUP }
func nameOf(*os.File) (string, error)   { return "", errno.ENOTSUP }
