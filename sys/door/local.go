package door

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// localConn is one end of a connection within this process: all that there is on systems
// without doors.
type localConn struct {
	in    <-chan []byte
	out   chan<- []byte
	end   *ending // of this end
	other *ending // of the other
}

// ending tells when an end of a connection is closed.
type ending struct {
	once   sync.Once
	closed chan struct{}
}

func (e *ending) close() { e.once.Do(func() { close(e.closed) }) }

// localServer serves a door for the callers in this process.
type localServer struct {
	path    string
	arrived chan *localConn // dialed, and not served yet
	shut    ending
	mu      sync.Mutex // guards the following fields; no other lock is taken under it
	conns   map[*localConn]struct{}
	closed  bool // the connections are closed
	work    sync.WaitGroup
}

// backlog is the number of callers that wait until they are served.
const backlog = 128

// served are the doors of this process by path. No other lock is taken under its lock.
var served = struct {
	sync.Mutex
	doors map[string]*localServer
}{doors: map[string]*localServer{}}

// errOther is the error of what needs another process.
var errOther = fmt.Errorf("%w on this system: Linux and illumos have doors between processes", errors.ErrUnsupported)

func dialLocal(path string) (*localConn, error) {
	served.Lock()
	defer served.Unlock()
	s := served.doors[filepath.Clean(path)]
	if s == nil {
		return nil, fmt.Errorf("door %s: %w in this process; %w", path, syscall.ENOENT, errOther)
	}
	requests, replies := make(chan []byte, 1), make(chan []byte, 1)
	caller, server := &ending{closed: make(chan struct{})}, &ending{closed: make(chan struct{})}
	select {
	case s.arrived <- &localConn{in: requests, out: replies, end: server, other: caller}:
	default:
		return nil, fmt.Errorf("door %s: %w", path, syscall.ECONNREFUSED)
	}
	return &localConn{in: replies, out: requests, end: caller, other: server}, nil
}

func listenLocal(path string) (*localServer, error) {
	served.Lock()
	defer served.Unlock()
	path = filepath.Clean(path)
	if served.doors[path] != nil {
		return nil, fmt.Errorf("door %s: %w", path, syscall.EADDRINUSE)
	}
	s := &localServer{path: path, arrived: make(chan *localConn, backlog), shut: ending{closed: make(chan struct{})}, conns: map[*localConn]struct{}{}}
	served.doors[path] = s
	return s, nil
}

func (c *localConn) send(message []byte, files []*os.File) error {
	if len(message) > MaxMessage {
		return fmt.Errorf("door: message of %d bytes, at most %d are allowed: %w", len(message), MaxMessage, syscall.EMSGSIZE)
	}
	if len(files) > 0 {
		return fmt.Errorf("door: passing files is %w", errOther)
	}
	select {
	case <-c.end.closed:
		return net.ErrClosed
	case <-c.other.closed:
		return syscall.EPIPE
	default:
	}
	select {
	case c.out <- append([]byte(nil), message...):
		return nil
	case <-c.end.closed:
		return net.ErrClosed
	case <-c.other.closed:
		return syscall.EPIPE
	}
}

func (c *localConn) receive() ([]byte, []*os.File, error) {
	select {
	case message := <-c.in:
		return message, nil, nil
	case <-c.end.closed:
		return nil, nil, net.ErrClosed
	case <-c.other.closed:
	}
	select {
	case message := <-c.in: // sent before the peer closed
		return message, nil, nil
	default:
		return nil, nil, io.EOF
	}
}

func (c *localConn) exchange(request []byte, files []*os.File) ([]byte, []*os.File, error) {
	if err := c.send(request, files); err != nil {
		return nil, nil, err
	}
	return c.receive()
}

func (c *localConn) peer() (Cred, error) {
	return Cred{Pid: int32(os.Getpid()), UID: uint32(os.Geteuid()), GID: uint32(os.Getegid())}, nil
}

func (c *localConn) close() error {
	c.end.close()
	return nil
}

func (s *localServer) run(serve func(*localConn)) error {
	for {
		var c *localConn
		select {
		case c = <-s.arrived:
		case <-s.shut.closed:
			return nil
		}
		s.mu.Lock()
		if s.closed {
			c.end.close() // accepted while the server was being closed
			s.mu.Unlock()
			continue
		}
		s.conns[c] = struct{}{}
		s.work.Go(func() {
			defer func() {
				c.end.close()
				s.mu.Lock()
				delete(s.conns, c)
				s.mu.Unlock()
			}()
			serve(c)
		})
		s.mu.Unlock()
	}
}

func (s *localServer) callers() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// remove removes the door. Callers that nobody serves any more find their connection
// closed.
func (s *localServer) remove() error {
	served.Lock()
	defer served.Unlock()
	if served.doors[s.path] == s {
		delete(served.doors, s.path)
	}
	s.shut.close()
	for {
		select {
		case c := <-s.arrived:
			c.end.close()
		default:
			return nil
		}
	}
}

func (s *localServer) revoke() error {
	err := s.remove()
	s.mu.Lock()
	s.closed = true
	for c := range s.conns {
		c.end.close()
	}
	s.mu.Unlock()
	s.work.Wait()
	return err
}
