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
	"github.com/gozones/zones/internal/posix"
	"github.com/gozones/zones/sys/zone"
)

// Console is a zone's console: a terminal whose other side the zone has open, and a
// socket that connects one client at a time to it. Output of the zone is lost while no
// client is connected.
type Console struct {
	events   *queue
	say      func(format string, args ...any)
	terminal *terminal // nil if the kernel has no terminals for zones
	socket   net.Listener
	path     string
	clients  chan *client    // clients that have identified themselves
	restart  chan struct{}   // receives when a client sent a bad first line
	gone     chan *client    // clients whose connection has closed
	ctx      context.Context // done after Close
	close    context.CancelFunc
	work     sync.WaitGroup
	closing  sync.Once

	mu     sync.Mutex // guards client, and is held while OK is sent to a new client; no other lock is taken under it
	client *client
}

// socketPath is where clients of a zone's console connect.
func socketPath(runDir, name string) string { return filepath.Join(runDir, name+".console_sock") }

// openConsole makes the socket and starts to read the zone's output from the terminal,
// which the console then owns.
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
	device  string   // path of the zone's side
	// zone is the zone's side of a pseudo-terminal. It is kept open so that the manager's
	// side keeps working while the zone has its side closed.
	zone *os.File
	// remove removes a console that is a device of its own, which stays when the daemon
	// dies; nil for a pseudo-terminal.
	remove func() error
}

// openTerminal makes the terminal of the zone's console: a device of its own if the kernel
// has that, else a pseudo-terminal.
func (d *Daemon) openTerminal() (*terminal, error) {
	k, ok := d.Kernel.(zone.Consoles)
	if !ok {
		return openPty()
	}
	manager, device, err := k.OpenConsole(d.Zone)
	if err != nil {
		return nil, err
	}
	return &terminal{manager: manager, device: device, remove: func() error { return k.RemoveConsole(d.Zone) }}, nil
}

// own reports whether the console is a device of its own.
func (t *terminal) own() bool { return t.remove != nil }

// openPty makes a pseudo-terminal. The manager's side is reopened in non-blocking mode, so
// that closing it wakes its reader.
func openPty() (*terminal, error) {
	blocking, zone, err := pty.Open()
	if err != nil {
		return nil, err
	}
	defer blocking.Close()
	manager, err := posix.NonBlocking(blocking)
	if err != nil {
		zone.Close()
		return nil, err
	}
	return &terminal{manager: manager, device: zone.Name(), zone: zone}, nil
}

func (t *terminal) close() {
	if t == nil {
		return
	}
	t.manager.Close()
	if t.zone != nil {
		t.zone.Close()
	}
}

// listenUnix also listens in directories whose path is too long for a socket address.
func listenUnix(path string) (net.Listener, error) {
	const room = 103 // bytes in the shortest socket address of the supported systems
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

// Close disconnects the client and removes the terminal and the socket.
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

// output copies the zone's output to the client, or discards it.
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
				c.say("reading the zone's console failed: %s", reason(err))
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

// setClient replaces the client and closes the old one's connection.
func (c *Console) setClient(next *client) {
	c.mu.Lock()
	old := c.client
	c.client = next
	c.mu.Unlock()
	if old != nil {
		old.conn.Close()
	}
}

// serve handles clients and events until the daemon should check whether it is still
// needed: the client has disconnected, or an event has come and no client is
// connected.
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
			if c.current() == nil { // a bad client must not disconnect the present one
				return
			}
		case <-c.events.ready:
			if c.show(c.events.take()) {
				return
			}
		}
	}
}

// show sends events to the client. It reports whether the daemon should check whether
// it is still needed.
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

// admit connects a client, or refuses it with the present client's process ID.
func (c *Console) admit(next *client) {
	if present := c.current(); present != nil {
		next.refuse(present.pid)
		return
	}
	// The client must get all output that the zone writes after OK.
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
			_, _ = io.Copy(c.terminal.manager, next.in)
		} else {
			_, _ = io.Copy(io.Discard, next.in)
		}
		select {
		case c.gone <- next:
		case <-c.ctx.Done():
		}
	})
}

// accept accepts connections and starts a goroutine to greet each.
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
			case <-time.After(time.Second): // probably out of file descriptors
			}
			continue
		}
		c.work.Go(func() { c.greet(conn) })
	}
}

// greet reads a client's first line and passes the client to serve.
func (c *Console) greet(conn net.Conn) {
	// A client that sends nothing must not delay Close.
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
