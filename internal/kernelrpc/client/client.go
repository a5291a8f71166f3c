package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"

	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/internal/locate"
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

var errKernelGone = fmt.Errorf("the kernel process that this program was connected to has ended: %w", errno.EIO)

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

// lost is the error of a call that did not reach the kernel.
func (c *Client) lost(r *wire.Request, err error) error {
	if errors.Is(err, os.ErrClosed) {
		return err
	}
	return &zone.Error{Op: r.Op, ID: r.ID, Name: r.Name, Errno: errno.EIO}
}

// call makes a call and turns what the kernel answered into an error where it
// failed.
func (c *Client) call(r *wire.Request, files ...*os.File) (*wire.Reply, []*os.File, error) {
	for {
		conn, err := c.take()
		if err != nil {
			return nil, nil, c.lost(r, err)
		}
		reply, passed, err := exchange(conn, r, files...)
		if err == nil {
			c.give(conn)
			return reply, passed, answered(r, reply)
		}
		conn.Close()
		if !c.again() {
			return nil, nil, &zone.Error{Op: r.Op, ID: r.ID, Name: r.Name, Errno: errno.EIO}
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

// answered is the error of a reply, nil when the call succeeded.
func answered(r *wire.Request, reply *wire.Reply) error {
	if !reply.Failed {
		return nil
	}
	if reply.Errno == 0 {
		return errors.New(reply.Text)
	}
	op := r.Op
	if reply.Op != "" {
		op = reply.Op
	}
	name := r.Name
	if r.Def != nil {
		name = r.Def.Name
	}
	if reply.Name != "" {
		name = reply.Name
	}
	return &zone.Error{Op: op, ID: r.ID, Name: name, Errno: reply.Errno, Ext: reply.Ext}
}

// simple makes a call of which only the outcome counts.
func (c *Client) simple(r *wire.Request) error {
	_, _, err := c.call(r)
	return err
}

// Create makes a zone; see [zone.System].
func (c *Client) Create(def *zone.Def) (zone.ID, error) {
	reply, _, err := c.call(&wire.Request{Op: wire.OpCreate, Def: def})
	if err != nil {
		return -1, err
	}
	return zone.ID(reply.N), nil
}

// Boot starts a zone's init; see [zone.System].
func (c *Client) Boot(id zone.ID) error { return c.simple(&wire.Request{Op: wire.OpBoot, ID: id}) }

// Shutdown ends everything in a zone; see [zone.System].
func (c *Client) Shutdown(id zone.ID) error {
	return c.simple(&wire.Request{Op: wire.OpShutdown, ID: id})
}

// Destroy removes a zone; see [zone.System].
func (c *Client) Destroy(id zone.ID) error {
	return c.simple(&wire.Request{Op: wire.OpDestroy, ID: id})
}

// Enter always fails with ENOTSUP: a Linux process can't move into a zone. Start
// runs a program inside.
func (c *Client) Enter(id zone.ID) error {
	return &zone.Error{Op: wire.OpEnter, ID: id, Errno: errno.ENOTSUP}
}

// Getattr copies an attribute; see [zone.System].
func (c *Client) Getattr(id zone.ID, attr zone.Attr, buf []byte) (int, error) {
	r := &wire.Request{Op: wire.OpGetattr, ID: id, Attr: attr, Room: len(buf), Null: buf == nil}
	if attr == zone.AttrNetwork {
		r.Buf = buf
	}
	reply, _, err := c.call(r)
	if err != nil {
		return 0, err
	}
	copy(buf, reply.Buf)
	return int(reply.N), nil
}

// Setattr sets an attribute; see [zone.System].
func (c *Client) Setattr(id zone.ID, attr zone.Attr, buf []byte) error {
	return c.simple(&wire.Request{Op: wire.OpSetattr, ID: id, Attr: attr, Buf: buf})
}

// List fills ids; see [zone.System].
func (c *Client) List(ids []zone.ID) (int, error) {
	reply, _, err := c.call(&wire.Request{Op: wire.OpList, Room: len(ids)})
	if err != nil {
		return 0, err
	}
	copy(ids, reply.IDs)
	return int(reply.N), nil
}

// Lookup finds a zone by name; see [zone.System].
func (c *Client) Lookup(name string) (zone.ID, error) {
	reply, _, err := c.call(&wire.Request{Op: wire.OpLookup, Name: name})
	if err != nil {
		return -1, err
	}
	return zone.ID(reply.N), nil
}

// Version returns the version of the interface; see [zone.System].
func (c *Client) Version() (int, error) {
	reply, _, err := c.call(&wire.Request{Op: wire.OpVersion})
	if err != nil {
		return 0, err
	}
	return int(reply.N), nil
}

// AddDatalink gives a zone a link; see [zone.System].
func (c *Client) AddDatalink(id zone.ID, link zone.LinkID) error {
	return c.simple(&wire.Request{Op: wire.OpAddLink, ID: id, Link: link})
}

// RemoveDatalink takes it away; see [zone.System].
func (c *Client) RemoveDatalink(id zone.ID, link zone.LinkID) error {
	return c.simple(&wire.Request{Op: wire.OpRemoveLink, ID: id, Link: link})
}

// CheckDatalink asks who has a link; see [zone.System].
func (c *Client) CheckDatalink(id zone.ID, link zone.LinkID) (zone.ID, error) {
	reply, _, err := c.call(&wire.Request{Op: wire.OpCheckLink, ID: id, Link: link})
	if err != nil {
		return id, err
	}
	return zone.ID(reply.N), nil
}

// ListDatalinks fills links; see [zone.System].
func (c *Client) ListDatalinks(id zone.ID, links []zone.LinkID) (int, error) {
	reply, _, err := c.call(&wire.Request{Op: wire.OpListLinks, ID: id, Room: len(links)})
	if err != nil {
		return 0, err
	}
	copy(links, reply.Links)
	return int(reply.N), nil
}

// Start runs a program in a zone; see [zone.Executor].
func (c *Client) Start(id zone.ID, cmd *zone.Cmd) (zone.Process, error) {
	run := &wire.Cmd{Path: cmd.Path, Args: cmd.Args, Env: cmd.Env, Dir: cmd.Dir, Pty: cmd.Pty, UID: cmd.UID, GID: cmd.GID, Groups: cmd.Groups}
	var files []*os.File
	for i, f := range []*os.File{cmd.Stdin, cmd.Stdout, cmd.Stderr} {
		if f != nil {
			run.Std[i] = true
			files = append(files, f)
		}
	}
	if cmd.Like != nil {
		run.Like = true
		files = append(files, cmd.Like)
	}
	conn, err := c.take()
	if err != nil {
		return nil, err
	}
	r := &wire.Request{Op: wire.OpStart, ID: id, Cmd: run}
	reply, passed, err := exchange(conn, r, files...)
	if err != nil {
		conn.Close()
		return nil, err
	}
	if err := answered(r, reply); err != nil {
		c.give(conn)
		return nil, err
	}
	p := &process{client: c, conn: conn, handle: reply.Handle, pid: int(reply.N)}
	if len(passed) > 0 {
		p.pty = passed[0]
	}
	return p, nil
}

// process is a program that the kernel started; its connection is kept for the
// wait, so that the kernel knows when nobody waits any more.
type process struct {
	client *Client
	conn   *door.Conn
	handle int64
	pid    int
	pty    *os.File
}

func (p *process) Pid() int      { return p.pid }
func (p *process) Pty() *os.File { return p.pty }

func (p *process) Wait() (zone.ExitStatus, error) {
	r := &wire.Request{Op: wire.OpWait, Handle: p.handle}
	reply, _, err := exchange(p.conn, r)
	if err != nil {
		return zone.ExitStatus{}, &zone.Error{Op: wire.OpWait, Name: "the program", Errno: errno.EIO}
	}
	return reply.Exit, answered(r, reply)
}

func (p *process) Signal(sig os.Signal) error {
	number, ok := sig.(syscall.Signal)
	if !ok {
		return errno.EINVAL
	}
	return p.client.simple(&wire.Request{Op: wire.OpSignal, Handle: p.handle, Signal: int(number)})
}

func (p *process) Close() error { return p.conn.Close() }

// Watch follows state changes; see [zone.Kernel].
func (c *Client) Watch(ctx context.Context) (<-chan zone.Event, error) {
	conn, err := dial(c.ServerPid())
	if err != nil {
		return nil, err
	}
	r := &wire.Request{Op: wire.OpWatch}
	if reply, _, err := exchange(conn, r); err != nil {
		conn.Close()
		return nil, err
	} else if err := answered(r, reply); err != nil {
		conn.Close()
		return nil, err
	}
	events := make(chan zone.Event)
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	go func() {
		defer close(events)
		defer conn.Close()
		defer stop()
		for {
			message, _, err := conn.Receive()
			var reply wire.Reply
			if err != nil || json.Unmarshal(message, &reply) != nil {
				return
			}
			for _, e := range reply.Events {
				select {
				case events <- e:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return events, nil
}

// Mount mounts inside a zone; see [zone.Kernel].
func (c *Client) Mount(id zone.ID, m zone.Mount) error {
	return c.simple(&wire.Request{Op: wire.OpMount, ID: id, Mount: &m})
}

// Unmount unmounts there; see [zone.Kernel].
func (c *Client) Unmount(id zone.ID, point string, force bool) error {
	return c.simple(&wire.Request{Op: wire.OpUnmount, ID: id, Point: point, Force: force})
}

// LinkByName returns a link's id; see [zone.Kernel].
func (c *Client) LinkByName(name string) (zone.LinkID, error) {
	reply, _, err := c.call(&wire.Request{Op: wire.OpLinkByName, Name: name})
	if err != nil {
		return 0, err
	}
	return zone.LinkID(reply.N), nil
}

// LinkName returns a link's name; see [zone.Kernel].
func (c *Client) LinkName(id zone.LinkID) (string, error) {
	reply, _, err := c.call(&wire.Request{Op: wire.OpLinkName, Link: id})
	if err != nil {
		return "", err
	}
	return reply.Text, nil
}

// SetAddress puts an address on a link; see [zone.Kernel].
func (c *Client) SetAddress(id zone.ID, link, prefix string, add bool) error {
	return c.simple(&wire.Request{Op: wire.OpSetAddress, ID: id, Name: link, Prefix: prefix, Add: add})
}

// Kstats reads statistics; see [zone.Kernel].
func (c *Client) Kstats() ([]zone.Kstat, error) {
	reply, _, err := c.call(&wire.Request{Op: wire.OpKstats})
	if err != nil {
		return nil, err
	}
	return reply.Kstats, nil
}

// Report tells what answers; see [zone.Kernel].
func (c *Client) Report() (zone.Report, error) {
	reply, _, err := c.call(&wire.Request{Op: wire.OpReport})
	if err != nil || reply.Report == nil {
		return zone.Report{}, err
	}
	return *reply.Report, nil
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

// exchange makes a call on a connection.
func exchange(c *door.Conn, r *wire.Request, files ...*os.File) (*wire.Reply, []*os.File, error) {
	r.V = wire.Version
	message, err := json.Marshal(r)
	if err != nil {
		return nil, nil, err
	}
	answer, passed, err := c.Call(message, files...)
	if err != nil {
		return nil, nil, err
	}
	reply := new(wire.Reply)
	if err := json.Unmarshal(answer, reply); err != nil {
		for _, f := range passed {
			f.Close()
		}
		return nil, nil, fmt.Errorf("reply to %s: %w", r.Op, err)
	}
	return reply, passed, nil
}
