//go:build !linux && !illumos

package door

import (
	"errors"
	"fmt"
	"os"
)

// MaxMessage is the most bytes that a request or a reply may have.
const MaxMessage = 128 << 10

// Cred is who is at the other end of a connection.
type Cred struct {
	Pid      int32
	UID, GID uint32
	Inside   bool // the process is inside a zone
}

// Conn is a connection to a door.
type Conn struct{}

// Server serves a door.
type Server struct{}

var errNone = fmt.Errorf("doors between processes: %w here; Linux and illumos have them", errors.ErrUnsupported)

// Dial fails: this system has no doors.
func Dial(path string) (*Conn, error) { return nil, errNone }

// Listen fails: this system has no doors.
func Listen(path string, mode os.FileMode) (*Server, error) { return nil, errNone }

// Send fails.
func (c *Conn) Send(message []byte, files ...*os.File) error { return errNone }

// Receive fails.
func (c *Conn) Receive() ([]byte, []*os.File, error) { return nil, nil, errNone }

// Call fails.
func (c *Conn) Call(request []byte, files ...*os.File) ([]byte, []*os.File, error) {
	return nil, nil, errNone
}

// Peer fails.
func (c *Conn) Peer() (Cred, error) { return Cred{}, errNone }

// Close does nothing.
func (c *Conn) Close() error { return nil }

// Serve fails.
func (s *Server) Serve(serve func(*Conn)) error { return errNone }

// Callers returns 0.
func (s *Server) Callers() int { return 0 }

// Shut does nothing.
func (s *Server) Shut() error { return nil }

// Close does nothing.
func (s *Server) Close() error { return nil }
