package client

import (
	"errors"
	"os"
	"sync"
	"syscall"

	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// Client is a kernel process. Once it has replied to a call, the client stays with it: after
// it has exited every call fails with EIO. The next kernel process has other zones, even if
// they have the same ids.
type Client struct {
	runDir string
	first  func(runDir string) (*door.Conn, error) // makes the first connection to a process

	mu      sync.Mutex // guards what follows; no other lock is taken under it
	pid     int32      // of the kernel process
	settled bool       // the client stays with that process
	idle    []*door.Conn
	closed  bool
}

// Dial connects to the kernel process that serves the run directory.
func Dial(runDir string) (*Client, error) { return Open(runDir, dial) }

// Open does the same; first makes the first connection to a process, and may start one.
func Open(runDir string, first func(runDir string) (*door.Conn, error)) (*Client, error) {
	c := &Client{runDir: runDir, first: first}
	if err := c.attach(); err != nil {
		return nil, err
	}
	return c, nil
}

func dial(runDir string) (*door.Conn, error) { return door.Dial(locate.KernelDoor(runDir)) }

// attach connects the client to the process that serves the door now.
func (c *Client) attach() error {
	conn, err := c.first(c.runDir)
	if err != nil {
		return err
	}
	pid, err := conn.ServerPid()
	if err != nil {
		conn.Close()
		return err
	}
	c.pid, c.idle = pid, []*door.Conn{conn}
	return nil
}

// ServerPid returns the process id of the kernel process.
func (c *Client) ServerPid() int32 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pid
}

// Close closes the connections. Programs that were started continue.
func (c *Client) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.dropLocked()
	return nil
}

func (c *Client) dropLocked() {
	for _, conn := range c.idle {
		conn.Close()
	}
	c.idle = nil
}

var errExited error = &zone.Error{Errno: errno.EIO, Text: "the kernel process that this program was connected to has exited"}

// take returns a connection for a call, and the id of the process at its other end.
func (c *Client) take() (conn *door.Conn, pid int32, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, c.pid, os.ErrClosed
	}
	if n := len(c.idle); n > 0 {
		conn, c.idle = c.idle[n-1], c.idle[:n-1]
		return conn, c.pid, nil
	}
	conn, err = c.redialLocked()
	return conn, c.pid, err
}

// redialLocked makes another connection to the process.
func (c *Client) redialLocked() (*door.Conn, error) {
	conn, err := dial(c.runDir)
	if errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.ECONNREFUSED) {
		return nil, errExited
	}
	if err != nil {
		return nil, err
	}
	if pid, err := conn.ServerPid(); err != nil || pid != c.pid {
		conn.Close()
		return nil, errExited
	}
	return conn, nil
}

// give keeps a connection for later calls.
func (c *Client) give(conn *door.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		conn.Close()
		return
	}
	c.idle = append(c.idle, conn)
}

// settle makes the client stay with the process, which has replied to a call.
func (c *Client) settle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settled = true
}

// again reports whether to repeat a call to which the process pid did not reply. An idle
// kernel process may exit just when a program connects to it: before the first reply a
// client moves on to the next process, once.
func (c *Client) again(pid int32) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return false
	case c.pid != pid:
		return true // another call has moved on already
	case c.settled:
		return false
	}
	c.settled = true
	c.dropLocked()
	return c.attach() == nil
}
