package door

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// Server serves a door.
type Server struct {
	path     string
	listener *net.UnixListener
	mu       sync.Mutex // guards the following fields, and closing listener; no other lock is taken under it
	conns    map[*Conn]struct{}
	shut     bool // the listener is closed
	closed   bool // the connections are closed, too
	work     sync.WaitGroup
}

func listen(path string, mode os.FileMode) (*Server, error) {
	if old, err := Dial(path); err == nil {
		old.Close()
		return nil, fmt.Errorf("door %s: %w", path, unix.EADDRINUSE)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	short, done, err := shorten(path)
	if err != nil {
		return nil, err
	}
	defer done()
	listener, err := net.ListenUnix("unixpacket", &net.UnixAddr{Name: short, Net: "unixpacket"})
	if err != nil {
		return nil, fmt.Errorf("door %s: %w", path, innermost(err))
	}
	listener.SetUnlinkOnClose(false)
	if err := os.Chmod(path, mode); err != nil {
		listener.Close()
		return nil, err
	}
	return &Server{path: path, listener: listener, conns: map[*Conn]struct{}{}}, nil
}

func (s *Server) run(serve func(*Conn)) error {
	for {
		conn, err := s.listener.AcceptUnix()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		c := &Conn{conn: conn}
		s.mu.Lock()
		if s.closed {
			c.Close() // accepted while the server was being closed
			s.mu.Unlock()
			continue
		}
		s.conns[c] = struct{}{}
		s.work.Go(func() {
			defer func() {
				c.Close()
				s.mu.Lock()
				delete(s.conns, c)
				s.mu.Unlock()
			}()
			serve(c)
		})
		s.mu.Unlock()
	}
}

func (s *Server) callers() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

func (s *Server) remove() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shut {
		return nil
	}
	s.shut = true
	os.Remove(s.path)
	return s.listener.Close()
}

func (s *Server) revoke() error {
	err := s.remove()
	s.mu.Lock()
	s.closed = true
	for c := range s.conns {
		c.Close()
	}
	s.mu.Unlock()
	s.work.Wait()
	return err
}
