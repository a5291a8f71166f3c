package zoneadmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// Console is a zone's console: a terminal whose other side the zone has, and the
// socket where one client at a time is connected to it. What the zone writes while
// nobody is there is lost.
type Console struct {
	events   *queue
	say      func(format string, args ...any)
	terminal *terminal // nil where this machine gives none
	socket   net.Listener
	path     string
	clients  chan *client    // that have asked in the right way
	restart  chan struct{}   // one asked in the wrong way
	gone     chan *client    // their connection has ended
	ctx      context.Context // done with Close
	close    context.CancelFunc
	work     sync.WaitGroup
	closing  sync.Once

	mu     sync.Mutex // guards client, and is held while one is told that it is; no other lock is taken under it
	client *client
}

// socketPath is where clients of a zone's console connect.
func socketPath(runDir, name string) string { return filepath.Join(runDir, name+".console_sock") }

// openConsole makes the socket of a terminal, which it takes, and begins to read what
// the zone writes.
func openConsole(runDir, name string, t *terminal, events *queue, say func(string, ...any)) (*Console, error) {
	c := &Console{
		events: events, say: say, terminal: t, path: socketPath(runDir, name),
		clients: make(chan *client), restart: make(chan struct{}), gone: make(chan *client),
	}
	c.ctx, c.close = context.WithCancel(context.Background())
	removeFile(c.path)
	var err error
	if c.socket, err = listenUnix(c.path); err != nil {
		t.close()
		return nil, fmt.Errorf("console socket %s: %s", c.path, reason(err))
	}
	c.work.Go(c.accept)
	if t != nil {
		c.work.Go(c.output)
	}
	return c, nil
}

// terminal is the two sides of a zone's console.
type terminal struct {
	manager *os.File // the daemon's side
	// zone is the zone's side, held so that the manager's goes on working while the
	// zone hasn't got it open.
	zone *os.File
}

// openTerminal makes a terminal. The manager is one that a close wakes the reader
// of, which the one that is opened isn't.
func openTerminal() (*terminal, error) {
	blocking, zone, err := pty.Open()
	if err != nil {
		return nil, err
	}
	defer blocking.Close()
	fd, err := unix.FcntlInt(blocking.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err == nil {
		err = unix.SetNonblock(fd, true)
	}
	if err != nil {
		zone.Close()
		return nil, err
	}
	return &terminal{os.NewFile(uintptr(fd), blocking.Name()), zone}, nil
}

// device is the path of the zone's side.
func (t *terminal) device() string { return t.zone.Name() }

func (t *terminal) close() {
	if t != nil {
		t.manager.Close()
		t.zone.Close()
	}
}

// listenUnix listens below directories whose path is too long for a socket's address,
// too.
func listenUnix(path string) (net.Listener, error) {
	const room = 103 // of the smallest address that a system has
	address := path
	if len(path) > room {
		dir, err := os.Open(filepath.Dir(path))
		if err != nil {
			return nil, err
		}
		defer dir.Close()
		address = fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), filepath.Base(path))
	}
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: address, Net: "unix"})
	if err != nil {
		return nil, err
	}
	listener.SetUnlinkOnClose(false)
	if err := os.Chmod(path, 0o600); err != nil {
		listener.Close()
		return nil, err
	}
	return listener, nil
}

// Close disconnects the client and removes terminal and socket.
func (c *Console) Close() {
	c.closing.Do(func() {
		c.close()
		removeFile(c.path)
		c.socket.Close()
		c.setClient(nil)
		c.terminal.close()
	})
	c.work.Wait()
}

// output takes what the zone writes to the client, or throws it away.
func (c *Console) output() {
	buffer := make([]byte, 8192)
	for {
		n, err := c.terminal.manager.Read(buffer)
		if n > 0 {
			if client := c.current(); client != nil {
				client.write(buffer[:n])
			}
		}
		if err != nil {
			select {
			case <-c.ctx.Done():
			default:
				c.say("the zone's console is lost: %s", reason(err))
			}
			return
		}
	}
}

func (c *Console) current() *client {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.client
}

// setClient replaces the client, whose connection ends.
func (c *Console) setClient(next *client) {
	c.mu.Lock()
	old := c.client
	c.client = next
	c.mu.Unlock()
	if old != nil {
		old.conn.Close()
	}
}

// serve passes on what comes until it is time to look whether the daemon is still
// needed: the client has gone, or something has happened and no client is there.
func (c *Console) serve() {
	for {
		select {
		case next := <-c.clients:
			c.admit(next)
		case old := <-c.gone:
			if old == c.current() {
				c.setClient(nil)
				return
			}
		case <-c.restart:
			if c.current() == nil { // nobody loses the console by another's mistake
				return
			}
		case <-c.events.ready:
			if c.show(c.events.take()) {
				return
			}
		}
	}
}

// show tells the client of events; true when it is time to look.
func (c *Console) show(events []event) bool {
	look := false
	for _, e := range events {
		client := c.current()
		if client == nil || e.kind == eventKernelGone {
			look = true
			continue
		}
		text, leaving := e.text(client.disconnect)
		if text != "" {
			client.notice(text)
		}
		if leaving {
			c.setClient(nil)
			look = true
		}
	}
	return look
}

// admit connects a client, or tells it who is connected.
func (c *Console) admit(next *client) {
	if present := c.current(); present != nil {
		next.refuse(present.pid)
		return
	}
	// Whoever reads this may have the zone write at once, and gets it.
	c.mu.Lock()
	err := next.tell("OK\n")
	if err == nil {
		c.client = next
	}
	c.mu.Unlock()
	if err != nil {
		next.conn.Close()
		return
	}
	c.work.Go(func() {
		if c.terminal != nil {
			io.Copy(c.terminal.manager, next.in)
		} else {
			io.Copy(io.Discard, next.in)
		}
		select {
		case c.gone <- next:
		case <-c.ctx.Done():
		}
	})
}

// accept takes connections and lets each say who it is.
func (c *Console) accept() {
	for {
		conn, err := c.socket.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			c.say("console socket: %s", reason(err))
			select {
			case <-c.ctx.Done():
				return
			case <-time.After(time.Second): // no descriptors, most likely
			}
			continue
		}
		c.work.Go(func() { c.greet(conn) })
	}
}

// greet reads a client's first line and hands it over.
func (c *Console) greet(conn net.Conn) {
	// Whoever is connected and says nothing must not hold up the end.
	stop := context.AfterFunc(c.ctx, func() { conn.Close() })
	defer stop()
	next, err := readIdent(conn)
	if err != nil {
		conn.Close()
		select {
		case c.restart <- struct{}{}:
		case <-c.ctx.Done():
		}
		return
	}
	select {
	case c.clients <- next:
	case <-c.ctx.Done():
		conn.Close()
	}
}
