package server

import (
	"fmt"
	"os"

	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/internal/trace"
	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// caller is one connection. One goroutine serves it.
type caller struct {
	*Server
	conn    *door.Conn
	cred    door.Cred
	proc    *kernel.Proc
	local   *kernel.Local // the kernel as the caller sees it
	started []int64       // handles of the processes that this connection started
	guest   *guest        // when it makes raw system calls

	// Of the current call:
	files  []*os.File // that came with the request
	passed []*os.File // that go with the reply
	made   zone.ID    // the zone that it has made; the global one for none
}

// next receives a request and replies to it. It reports whether another may follow.
func (c *caller) next() bool {
	message, files, err := c.conn.Receive()
	if err != nil {
		return false
	}
	c.files = files
	defer func() {
		closeAll(c.files)
		closeAll(c.passed)
		c.files, c.passed = nil, nil
	}()
	if wire.IsRaw(message) {
		return c.raw(message, c.files)
	}
	if message, err = wire.Join(c.conn, message, wire.MaxRequest); err != nil {
		_ = c.send(nil, zone.AsError(err), nil)
		return false
	}
	r, err := wire.DecodeRequest(message)
	if err != nil {
		return c.send(nil, zone.AsError(err), nil) == nil
	}
	if r.Op == wire.OpWatch {
		c.watch(r.Name)
		return false
	}
	c.made = zone.GlobalID
	body, spans, err := c.call(r)
	if c.send(body, failure(r, err), spans) == nil {
		return r.Op != wire.OpWait
	}
	if c.made != zone.GlobalID {
		// The caller has disconnected: no program knows this zone.
		_ = c.proc.Shutdown(c.made)
		_ = c.proc.Destroy(c.made)
	}
	return false
}

// disconnected returns a channel that is closed when the caller disconnects. The call is
// the last one of the connection: a request that follows disconnects it.
func (c *caller) disconnected() <-chan struct{} {
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_, files, _ := c.conn.Receive()
		closeAll(files)
	}()
	return gone
}

// send sends a reply.
func (c *caller) send(body any, failure *zone.Error, spans []trace.Span) error {
	reply, err := wire.EncodeReply(body, failure, spans)
	if err != nil {
		reply, err = wire.EncodeReply(nil, &zone.Error{Op: "reply", Errno: errno.EIO, Cause: zone.AsError(err)}, nil)
	}
	if err != nil {
		return err
	}
	return wire.Send(c.conn, reply, c.passed...)
}

// call makes a call. It returns the spans if the caller asks for them.
func (c *caller) call(r *wire.Request) (body any, spans []trace.Span, err error) {
	handle, known := calls[r.Op]
	if !known {
		return nil, nil, &zone.Error{Op: "request", Errno: errno.EINVAL, Text: fmt.Sprintf("there is no operation %q", r.Op)}
	}
	if !r.Trace {
		body, err = handle(c, r)
		return body, nil, err
	}
	recording := trace.Start(locate.Program)
	end := trace.Begin(trace.Step, r.Op)
	body, err = handle(c, r)
	end()
	return body, recording.Stop(), err
}

// failure is the error of a call as its caller gets it. An error without an operation, such
// as a number, becomes one of the call.
func failure(r *wire.Request, err error) *zone.Error {
	e := zone.AsError(err)
	if e == nil || e.Op != "" {
		return e
	}
	told := &zone.Error{Op: r.Op, ID: r.ID, Name: r.Name, Errno: zone.ErrnoOf(e)}
	if e.Text != "" || e.Cause != nil {
		told.Cause = e
	}
	return told
}

// leave makes the caller's process in the kernel exit. Programs that it has started continue.
func (c *caller) leave() {
	c.proc.Exit()
	if c.guest != nil {
		c.dropGuest(c.guest)
	}
	for _, handle := range c.started {
		c.forget(handle)
	}
}

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}
