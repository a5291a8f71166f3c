package server

import (
	"os"
	"sync"

	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/internal/trace"
	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/zone"
)

// Server answers the calls of programs for a kernel.
type Server struct {
	// Detail is told in reports: why the host isn't the one that one would expect.
	Detail string

	kernel *kernel.Kernel
	owner  uint32

	mu        sync.Mutex // guards what follows; no other lock is taken under it
	processes map[int64]*program
	last      int64
	guests    map[int32]*guest // by process id
}

// program is one that a caller had started. It is forgotten when it has
// been waited for or its caller is gone.
type program struct {
	zone.Process
	uid uint32
}

// New returns a server of k. Callers of the user owner and root have every
// privilege in it.
func New(k *kernel.Kernel, owner uint32) *Server {
	return &Server{kernel: k, owner: owner, processes: map[int64]*program{}, guests: map[int32]*guest{}}
}

// caller is one connection.
type caller struct {
	*Server
	conn  *door.Conn
	cred  door.Cred
	uid   uint32
	proc  *kernel.Proc
	local *kernel.Local // the kernel as the caller sees it
	mine  []int64       // processes that this connection started
	guest *guest        // when it makes raw system calls
	// created is the zone that the present call has made; the global one for none.
	created zone.ID
}

// Serve answers one caller until it is gone; it is the function for
// [door.Server.Serve].
func (s *Server) Serve(conn *door.Conn) {
	cred, err := conn.Peer()
	if err != nil {
		return
	}
	c := &caller{Server: s, conn: conn, cred: cred, uid: cred.UID, proc: s.identify(cred)}
	if c.proc == nil {
		return
	}
	c.local = c.proc.Local()
	c.local.Detail = s.Detail
	defer func() {
		c.proc.Exit()
		if c.guest != nil {
			s.leave(c.guest)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, handle := range c.mine {
			delete(s.processes, handle)
		}
	}()
	for {
		message, files, err := conn.Receive()
		if err != nil {
			return
		}
		if wire.IsRaw(message) {
			more := c.raw(message, files)
			closeAll(files)
			if !more {
				return
			}
			continue
		}
		c.created = zone.GlobalID
		reply, passed, err := c.answer(message, files)
		closeAll(files)
		if reply == nil && err == nil {
			return
		}
		if err == nil {
			err = wire.SendReply(conn, reply, passed...)
		}
		closeAll(passed)
		if err != nil {
			if c.created != zone.GlobalID {
				// Whoever wanted it is gone: nobody knows of it.
				c.proc.Shutdown(c.created)
				c.proc.Destroy(c.created)
			}
			return
		}
	}
}

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}

// identify makes the caller known to the kernel. A process inside a zone is one of
// that zone and can ask only what a zone may; nil when its zone is gone.
func (s *Server) identify(cred door.Cred) *kernel.Proc {
	spec := kernel.ProcSpec{UID: cred.UID}
	if cred.UID == 0 || cred.UID == s.owner {
		all := ^uint32(0)
		spec.Effective = priv.Set{all, all, all}
		spec.Permitted = spec.Effective
	}
	key, err := s.kernel.Host().ZoneOf(cred.Pid)
	if err != nil {
		return nil
	}
	if key.ID != zone.GlobalID {
		return nil
	}
	return s.kernel.AddProc(spec)
}

// privileged tells that the caller may do what the host does for it.
func (c *caller) privileged() bool { return c.uid == 0 || c.uid == c.owner }

// answer makes a call and returns the reply and the files that go with it. A nil reply
// ends the connection: the answer has already been given.
func (c *caller) answer(message []byte, files []*os.File) (reply []byte, passed []*os.File, err error) {
	r, err := wire.DecodeRequest(message)
	if err != nil {
		reply, err = wire.EncodeReply(nil, zone.AsError(err), nil)
		return reply, nil, err
	}
	switch r.Op {
	case wire.OpStart:
		started, pty, err := c.start(r, files)
		if pty != nil {
			passed = []*os.File{pty}
		}
		reply, err = wire.EncodeReply(started, failure(r, err), nil)
		return reply, passed, err
	case wire.OpWatch:
		c.watch()
		return nil, nil, nil
	}
	body, spans, err := c.record(r)
	reply, err = wire.EncodeReply(body, failure(r, err), spans)
	return reply, nil, err
}

// record makes a call, and returns its spans where the caller wants them.
func (c *caller) record(r *wire.Request) (body any, spans []trace.Span, err error) {
	if !r.Trace {
		body, err = c.call(r)
		return body, nil, err
	}
	recording := trace.Start(locate.Program)
	end := trace.Begin(trace.Step, r.Op)
	body, err = c.call(r)
	end()
	return body, recording.Stop(), err
}

// watch sends state changes until the caller is gone.
func (c *caller) watch() {
	w := c.kernel.Watch()
	defer w.Close()
	send := func(changes []zone.Event) bool {
		reply, err := wire.EncodeReply(changes, nil, nil)
		return err == nil && wire.SendReply(c.conn, reply) == nil
	}
	if !send(nil) {
		return
	}
	gone := make(chan struct{})
	go func() {
		c.conn.Receive() // nothing more is asked on this connection
		close(gone)
	}()
	for {
		select {
		case <-gone:
			return
		case <-w.More():
		}
		events, more := w.Events()
		var changes []zone.Event
		for _, e := range events {
			changes = append(changes, zone.Event{ID: e.ID, Name: e.Name, Old: e.Old, New: e.New, Status: e.Status})
		}
		if len(events) > 0 && !send(changes) || !more {
			return
		}
	}
}
