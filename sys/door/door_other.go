//go:build !linux && !illumos

package door

import (
	"errors"
	"fmt"
	"os"
)

// Conn is a connection to a door.
type Conn struct{}

// Server serves a door.
type Server struct{}

var errNone = fmt.Errorf("door: %w on this system: Linux and illumos have doors", errors.ErrUnsupported)

func dial(string) (*Conn, error)                                        { return nil, errNone }
func listen(string, os.FileMode) (*Server, error)                       { return nil, errNone }
func (c *Conn) send([]byte, []*os.File) error                           { return errNone }
func (c *Conn) receive() ([]byte, []*os.File, error)                    { return nil, nil, errNone }
func (c *Conn) exchange([]byte, []*os.File) ([]byte, []*os.File, error) { return nil, nil, errNone }
func (c *Conn) peer() (Cred, error)                                     { return Cred{}, errNone }
func (c *Conn) close() error                                            { return nil }
func (s *Server) run(func(*Conn)) error                                 { return errNone }
func (s *Server) callers() int                                          { return 0 }
func (s *Server) remove() error                                         { return nil }
func (s *Server) revoke() error                                         { return nil }
