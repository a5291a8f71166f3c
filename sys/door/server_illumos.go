package door

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/internal/abi"
	"github.com/gozones/zones/sys/internal/libc"
)

// Server serves a door.
type Server struct {
	path string
	fd   int

	mu     sync.Mutex // guards the following fields; no other lock is taken under it
	serve  func(*Conn)
	ready  chan struct{} // closed when serve is set or the server is closed
	shut   bool          // the door isn't in the file system any more
	closed bool
	calls  int
	idle   sync.Cond     // with mu: calls is 0
	done   chan struct{} // closed when the server is closed
}

func listen(path string, mode os.FileMode) (*Server, error) {
	if old, err := Dial(path); err == nil {
		old.Close()
		return nil, fmt.Errorf("door %s: %w", path, errno.EADDRINUSE)
	}
	libc.Fdetach(uintptr(unsafe.Pointer(libc.CString(path)))) // a door that is left from an earlier server
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	s := &Server{path: path, ready: make(chan struct{}), done: make(chan struct{})}
	s.idle.L = &s.mu
	fd, err := libc.CreateDoor(s.enter, abi.DOOR_NO_CANCEL)
	if err != nil {
		return nil, fmt.Errorf("door %s: %w", path, err)
	}
	s.fd = fd
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, mode)
	if err == nil {
		err = errors.Join(file.Chmod(mode), file.Close())
	}
	if err == nil {
		err = outcome(libc.Fattach(uintptr(fd), uintptr(unsafe.Pointer(libc.CString(path)))))
	}
	if err != nil {
		libc.DoorRevoke(uintptr(fd))
		unix.Close(fd)
		os.Remove(path)
		return nil, fmt.Errorf("door %s: %w", path, err)
	}
	return s, nil
}

// enter serves one call, on its own goroutine.
func (s *Server) enter(caller libc.Caller) {
	request, ok := caller.Request()
	files := taken(caller.Descriptors())
	c := &Conn{call: &call{caller: caller, request: request, files: files}}
	defer c.Close()
	if !ok || !s.begin() {
		return
	}
	defer s.end()
	c.call.cred, c.call.credErr = credOf(caller.Ucred())
	s.serve(c)
}

// begin waits for Serve. It returns false when the server is closed.
func (s *Server) begin() bool {
	<-s.ready
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.calls++
	return true
}

func (s *Server) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.calls--; s.calls == 0 {
		s.idle.Broadcast()
	}
}

func (s *Server) run(serve func(*Conn)) error {
	s.mu.Lock()
	if s.serve != nil {
		s.mu.Unlock()
		return fmt.Errorf("door %s: already served", s.path)
	}
	s.serve = serve
	if !s.closed {
		close(s.ready)
	}
	s.mu.Unlock()
	<-s.done
	return nil
}

func (s *Server) callers() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

func (s *Server) remove() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shut {
		return nil
	}
	s.shut = true
	err := outcome(libc.Fdetach(uintptr(unsafe.Pointer(libc.CString(s.path)))))
	os.Remove(s.path)
	return err
}

// revoke waits for the calls that are being served: the system has no way to end one.
func (s *Server) revoke() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return os.ErrClosed
	}
	s.closed = true
	if s.serve == nil {
		close(s.ready)
	}
	s.mu.Unlock()
	err := s.remove()
	err = errors.Join(outcome(libc.DoorRevoke(uintptr(s.fd))), err)
	unix.Close(s.fd)
	s.mu.Lock()
	for s.calls > 0 {
		s.idle.Wait()
	}
	s.mu.Unlock()
	close(s.done)
	return err
}
