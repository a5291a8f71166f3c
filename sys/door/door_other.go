//go:build !linux && !illumos

package door

import "os"

// Conn is a connection to a door of this process.
type Conn struct{ *localConn }

// Server serves a door for the callers in this process.
type Server struct{ *localServer }

func dial(path string) (*Conn, error) {
	c, err := dialLocal(path)
	if err != nil {
		return nil, err
	}
	return &Conn{c}, nil
}

func listen(path string, _ os.FileMode) (*Server, error) {
	s, err := listenLocal(path)
	if err != nil {
		return nil, err
	}
	return &Server{s}, nil
}

func (s *Server) run(serve func(*Conn)) error {
	return s.localServer.run(func(c *localConn) { serve(&Conn{c}) })
}
