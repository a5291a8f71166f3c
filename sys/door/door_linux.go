package door

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// MaxMessage is the most bytes that a request or a reply may have.
const MaxMessage = 128 << 10

// maxFiles is the most descriptors that go with a message.
const maxFiles = 8

// Cred is who is at the other end of a connection: the process that connected,
// as the system saw it at that moment.
type Cred struct {
	Pid      int32
	UID, GID uint32
	// Inside tells that the process is inside a zone, or in something else that
	// has processes of its own, or that it has ended and can't be looked at.
	Inside bool
}

// Conn is a connection to a door, or of a caller to a door that is served here.
// Send and Receive may be used by one goroutine each at a time.
type Conn struct {
	conn *net.UnixConn
}

// Dial opens the door at path: ENOENT when there is none, ECONNREFUSED when
// nobody serves it.
func Dial(path string) (*Conn, error) {
	short, done, err := shorten(path)
	if err != nil {
		return nil, err
	}
	defer done()
	conn, err := net.DialUnix("unixpacket", nil, &net.UnixAddr{Name: short, Net: "unixpacket"})
	if err != nil {
		return nil, fmt.Errorf("door %s: %w", path, innermost(err))
	}
	return &Conn{conn: conn}, nil
}

// innermost drops what net says around a system's error.
func innermost(err error) error {
	var call *os.SyscallError
	if errors.As(err, &call) {
		return call.Err
	}
	return err
}

// shorten returns a name for path that fits a socket address, through an open
// descriptor of its folder where the path itself is too long.
func shorten(path string) (string, func(), error) {
	const room = 107
	if len(path) <= room {
		return path, func() {}, nil
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", folder.Fd(), filepath.Base(path)), func() { folder.Close() }, nil
}

// Send sends a message with descriptors, which stay open here too.
func (c *Conn) Send(message []byte, files ...*os.File) error {
	if len(message) > MaxMessage {
		return fmt.Errorf("door: a message of %d bytes, %d are possible: %w", len(message), MaxMessage, unix.EMSGSIZE)
	}
	var control []byte
	if len(files) > 0 {
		fds := make([]int, len(files))
		for i, f := range files {
			fds[i] = int(f.Fd())
		}
		control = unix.UnixRights(fds...)
	}
	_, _, err := c.conn.WriteMsgUnix(message, control, nil)
	runtime.KeepAlive(files) // until their numbers have been sent
	return err
}

var buffers = sync.Pool{New: func() any { b := make([]byte, MaxMessage+1); return &b }}

// Receive waits for a message. io.EOF when the other end is gone.
func (c *Conn) Receive() (message []byte, files []*os.File, err error) {
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	control := make([]byte, unix.CmsgSpace(4*maxFiles))
	n, controlLen, flags, _, err := c.conn.ReadMsgUnix(*buffer, control)
	if err != nil {
		return nil, nil, err
	}
	files, err = parseFiles(control[:controlLen])
	if err == nil && flags&(unix.MSG_TRUNC|unix.MSG_CTRUNC) != 0 {
		err = fmt.Errorf("door: a message that is too long was cut: %w", unix.EMSGSIZE)
	}
	if err != nil {
		closeAll(files)
		return nil, nil, err
	}
	return append([]byte(nil), (*buffer)[:n]...), files, nil
}

func parseFiles(control []byte) ([]*os.File, error) {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return nil, err
	}
	var files []*os.File
	for _, m := range messages {
		fds, err := unix.ParseUnixRights(&m)
		if err != nil {
			continue // not descriptors
		}
		for _, fd := range fds {
			unix.CloseOnExec(fd)
			files = append(files, os.NewFile(uintptr(fd), "passed"))
		}
	}
	return files, nil
}

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}

// Call sends a request and waits for the reply (door_call).
func (c *Conn) Call(request []byte, files ...*os.File) ([]byte, []*os.File, error) {
	if err := c.Send(request, files...); err != nil {
		return nil, nil, err
	}
	return c.Receive()
}

// Peer tells who is at the other end (door_ucred).
func (c *Conn) Peer() (Cred, error) {
	ucred, err := c.ucred()
	if err != nil {
		return Cred{}, err
	}
	return Cred{Pid: ucred.Pid, UID: ucred.Uid, GID: ucred.Gid, Inside: inside(ucred.Pid)}, nil
}

func (c *Conn) ucred() (ucred *unix.Ucred, err error) {
	raw, err := c.conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	var inner error
	err = raw.Control(func(fd uintptr) { ucred, inner = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) })
	return ucred, errors.Join(err, inner)
}

// inside tells that a process has numbers in more pid namespaces than the one
// that /proc shows. Everybody may read that, whoever the process belongs to.
func inside(pid int32) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return true
	}
	for line := range strings.Lines(string(text)) {
		if numbers, ok := strings.CutPrefix(line, "NSpid:"); ok {
			return len(strings.Fields(numbers)) != 1
		}
	}
	return false // a kernel without pid namespaces
}

// Close ends the connection.
func (c *Conn) Close() error { return c.conn.Close() }

// Server serves a door.
type Server struct {
	path     string
	listener *net.UnixListener
	mu       sync.Mutex // guards what follows, and closing listener; no other lock is taken under it
	conns    map[*Conn]struct{}
	shut     bool // the listener is closed
	closed   bool // and so are the connections
	work     sync.WaitGroup
}

// Listen makes a door at path (door_create, fattach); one that is there already
// and that nobody serves is replaced. Whoever gets the file may call: mode is the
// file's.
func Listen(path string, mode os.FileMode) (*Server, error) {
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

// Serve accepts callers and runs serve for each in a goroutine of its own, until
// Close. The connection is closed when serve returns.
func (s *Server) Serve(serve func(*Conn)) error {
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
			c.Close() // it came while the door was being closed
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

// Callers returns how many connections there are.
func (s *Server) Callers() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// Shut removes the door: nobody finds it any more, and those who are in go on.
func (s *Server) Shut() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shut {
		return nil
	}
	s.shut = true
	os.Remove(s.path)
	return s.listener.Close()
}

// Close revokes the door (door_revoke): no caller gets in, those who are lose
// their connection. It returns when nothing is being served any more.
func (s *Server) Close() error {
	err := s.Shut()
	s.mu.Lock()
	s.closed = true
	for c := range s.conns {
		c.Close()
	}
	s.mu.Unlock()
	s.work.Wait()
	return err
}
