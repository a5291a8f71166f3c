package client

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"

	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/internal/trace"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

var _ zone.Kernel = (*Client)(nil)

// Client is a kernel in another process. It keeps connections that no call uses.
// When that process ends so does the use of the client: every call fails with EIO.
// A kernel that is started later has other zones, whatever their ids are.
type Client struct {
	mu     sync.Mutex // guards what follows; no other lock is taken under it
	pid    int32      // of the kernel process
	idle   []*door.Conn
	closed bool
	// answered: a call has been. Until then a kernel process that turns out to have
	// been ending when it was found is no loss.
	answered bool
}

// Open connects to the machine's kernel process, starting it where none runs.
func Open() (*Client, error) {
	conn, err := connect()
	if err != nil {
		return nil, err
	}
	pid, err := conn.ServerPid()
	if err != nil {
		conn.Close()
		return nil, err
	}
	return &Client{pid: pid, idle: []*door.Conn{conn}}, nil
}

// ServerPid is the kernel process, known without asking it.
func (c *Client) ServerPid() int32 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pid
}

// dial makes another connection to the kernel process, which must still be pid.
func dial(pid int32) (*door.Conn, error) {
	conn, err := door.Dial(locate.KernelDoor(locate.RunDir()))
	if errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.ECONNREFUSED) {
		return nil, errKernelGone
	}
	if err != nil {
		return nil, err
	}
	if now, err := conn.ServerPid(); err != nil || now != pid {
		conn.Close()
		return nil, errKernelGone
	}
	return conn, nil
}

var errKernelGone error = &zone.Error{Errno: errno.EIO, Text: "the kernel process that this program was connected to has ended"}

func (c *Client) take() (*door.Conn, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, os.ErrClosed
	}
	if n := len(c.idle); n > 0 {
		conn := c.idle[n-1]
		c.idle = c.idle[:n-1]
		return conn, nil
	}
	return dial(c.pid)
}

func (c *Client) give(conn *door.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answered = true
	if c.closed {
		conn.Close()
		return
	}
	c.idle = append(c.idle, conn)
}

// lost is the error of a call that did not reach the kernel, or had no answer.
func lost(r *wire.Request, err error) error {
	if errors.Is(err, os.ErrClosed) {
		return err
	}
	return &zone.Error{Op: r.Op, ID: r.ID, Name: r.Name, Errno: errno.EIO, Text: "the kernel process does not answer", Cause: zone.AsError(err)}
}

// call makes a call. body is what the op takes, answer points to what it returns; nil
// for nothing. What came with a failure is in answer, too.
func (c *Client) call(r *wire.Request, body, answer any) error {
	for {
		conn, err := c.take()
		if err != nil {
			return lost(r, err)
		}
		_, failure, err := exchange(conn, r, body, answer)
		if err == nil {
			c.give(conn)
			return failure
		}
		conn.Close()
		if !c.again() {
			return lost(r, err)
		}
	}
}

// again finds the next kernel process for a client that none has answered yet.
func (c *Client) again() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.answered || c.closed {
		return false
	}
	c.answered = true // one such chance is enough
	conn, err := connect()
	if err != nil {
		return false
	}
	if c.pid, err = conn.ServerPid(); err != nil {
		conn.Close()
		return false
	}
	for _, old := range c.idle {
		old.Close()
	}
	c.idle = []*door.Conn{conn}
	return true
}

// Close lets go of the connections. Programs that were started go on.
func (c *Client) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	for _, conn := range c.idle {
		conn.Close()
	}
	c.idle = nil
	return nil
}

// exchange makes a call on a connection. failure is what the kernel says, err that of a
// call which had no answer.
func exchange(c *door.Conn, r *wire.Request, body, answer any, files ...*os.File) (passed []*os.File, failure, err error) {
	r.Trace = trace.Active()
	defer trace.Begin(trace.Call, r.Op)()
	message, err := wire.EncodeRequest(r, body)
	if err != nil {
		return nil, nil, err
	}
	if err := c.Send(message, files...); err != nil {
		return nil, nil, err
	}
	passed, failed, spans, err := wire.ReceiveReply(c, answer)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", r.Op, err)
	}
	trace.Add(spans)
	if failed != nil {
		failure = failed
	}
	return passed, failure, nil
}
