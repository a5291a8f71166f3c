package server

import (
	"encoding/json"
	"os"
	"sync"
	"syscall"

	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/errno"
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
	processes map[int64]*started
	last      int64
	guests    map[int32]*guest // by process id
}

// started is a program that a caller had started. It is forgotten when it has
// been waited for or its caller is gone.
type started struct {
	zone.Process
	uid uint32
}

// New returns a server of k. Callers of the user owner and root have every
// privilege in it.
func New(k *kernel.Kernel, owner uint32) *Server {
	return &Server{kernel: k, owner: owner, processes: map[int64]*started{}, guests: map[int32]*guest{}}
}

// caller is one connection.
type caller struct {
	*Server
	conn  *door.Conn
	cred  door.Cred
	uid   uint32
	proc  *kernel.Proc
	mine  []int64 // processes that this connection started
	guest *guest  // when it makes raw system calls
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
		reply, passed := c.answer(message, files)
		closeAll(files)
		if reply == nil {
			return
		}
		raw, err := json.Marshal(reply)
		if err == nil {
			err = conn.Send(raw, passed...)
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

// answer makes a call. A nil reply ends the connection: what came was no request,
// or the answer has already been given.
func (c *caller) answer(message []byte, files []*os.File) (*wire.Reply, []*os.File) {
	r, err := wire.DecodeRequest(message)
	if err != nil {
		return &wire.Reply{Failed: true, Text: err.Error()}, nil
	}
	reply := new(wire.Reply)
	switch r.Op {
	case wire.OpStart:
		return c.start(r, files)
	case wire.OpWatch:
		c.watch()
		return nil, nil
	}
	if err := c.system(r, reply); err != nil {
		return failure(r, err), nil
	}
	return reply, nil
}

// failure turns an error into a reply: a number where it has one.
func failure(r *wire.Request, err error) *wire.Reply {
	reply := &wire.Reply{Failed: true, Text: err.Error()}
	if e, ok := err.(*zone.Error); ok {
		reply.Ext = e.Ext
		if e.Op != r.Op {
			reply.Op, reply.Name = e.Op, e.Name
		}
	}
	reply.Errno = zone.ErrnoOf(err)
	return reply
}

// maxRoom bounds what a caller can make the kernel allocate.
const maxRoom = 64 << 10

// system answers the calls that are one request and one reply.
func (c *caller) system(r *wire.Request, reply *wire.Reply) error {
	p := c.proc
	room := min(max(r.Room, 0), maxRoom)
	switch r.Op {
	case wire.OpCreate:
		if r.Def == nil {
			return errno.EFAULT
		}
		id, err := p.Create(r.Def)
		if err == nil {
			c.created = id
		}
		reply.N = int64(id)
		return err
	case wire.OpBoot:
		return p.Boot(r.ID)
	case wire.OpShutdown:
		return p.Shutdown(r.ID)
	case wire.OpDestroy:
		return p.Destroy(r.ID)
	case wire.OpGetattr:
		var buf []byte
		if !r.Null {
			buf = make([]byte, room)
			copy(buf, r.Buf)
		}
		n, err := p.Getattr(r.ID, r.Attr, buf)
		reply.N, reply.Buf = int64(n), buf[:min(n, len(buf))]
		return err
	case wire.OpSetattr:
		return p.Setattr(r.ID, r.Attr, r.Buf)
	case wire.OpList:
		ids := make([]zone.ID, room)
		n, err := p.List(ids)
		reply.N, reply.IDs = int64(n), ids[:min(n, room)]
		return err
	case wire.OpLookup:
		id, err := p.Lookup(r.Name)
		reply.N = int64(id)
		return err
	case wire.OpVersion:
		n, err := p.Version()
		reply.N = int64(n)
		return err
	case wire.OpAddLink:
		return p.AddDatalink(r.ID, r.Link)
	case wire.OpRemoveLink:
		return p.RemoveDatalink(r.ID, r.Link)
	case wire.OpCheckLink:
		id, err := p.CheckDatalink(r.ID, r.Link)
		reply.N = int64(id)
		return err
	case wire.OpListLinks:
		links := make([]zone.LinkID, room)
		n, err := p.ListDatalinks(r.ID, links)
		reply.N, reply.Links = int64(n), links[:min(n, room)]
		return err
	case wire.OpWait:
		return c.wait(r, reply)
	case wire.OpSignal:
		return c.signal(r)
	}
	if ok, err := c.rctls(r, reply); ok {
		return err
	}
	return c.machine(r, reply)
}

// machine answers what is asked of the host.
func (c *caller) machine(r *wire.Request, reply *wire.Reply) error {
	h := c.kernel.Host()
	switch r.Op {
	case wire.OpReport:
		reply.Report = c.report()
		return nil
	case wire.OpKstats:
		reply.Kstats = c.kstats()
		return nil
	case wire.OpLinkByName:
		id, err := h.LinkByName(r.Name)
		reply.N = int64(id)
		return err
	case wire.OpLinkName:
		name, err := h.LinkName(r.Link)
		reply.Text = name
		return err
	}
	if !c.privileged() {
		return &zone.Error{Op: r.Op, ID: r.ID, Errno: errno.EPERM}
	}
	switch r.Op {
	case wire.OpMount:
		if r.Mount == nil {
			return errno.EFAULT
		}
		m := host.Mount{Point: r.Mount.Point, Resource: r.Mount.Special, FSType: r.Mount.FSType, Options: r.Mount.Options, MakePoint: r.Mount.MakePoint}
		return c.proc.Mount(r.ID, m)
	case wire.OpUnmount:
		return c.proc.Unmount(r.ID, r.Point, r.Force)
	case wire.OpSetAddress:
		return c.proc.SetAddress(r.ID, r.Name, r.Prefix, r.Add)
	}
	return &zone.Error{Op: r.Op, Errno: errno.EINVAL}
}

func (c *caller) report() *zone.Report {
	h := c.kernel.Host()
	report := &zone.Report{Host: h.Name(), Detail: c.Detail, PID: os.Getpid()}
	for _, capability := range h.Capabilities() {
		report.Capabilities = append(report.Capabilities, zone.Capability{
			Concept: capability.Concept, Mechanism: capability.Mechanism, Class: string(capability.Class), Missing: capability.Missing})
	}
	return report
}

func (c *caller) kstats() []zone.Kstat {
	var all []zone.Kstat
	for _, ks := range c.kernel.Kstats(c.proc.Zone().ID()) {
		data := map[string]any{}
		for _, v := range ks.Data {
			data[v.Name] = v.Value
		}
		all = append(all, zone.Kstat{Module: ks.Module, Instance: ks.Instance, Name: ks.Name, Class: ks.Class, Data: data})
	}
	return all
}

// start runs a program with the files that came with the request.
func (c *caller) start(r *wire.Request, files []*os.File) (*wire.Reply, []*os.File) {
	if r.Cmd == nil {
		return failure(r, errno.EFAULT), nil
	}
	cmd := &zone.Cmd{Path: r.Cmd.Path, Args: r.Cmd.Args, Env: r.Cmd.Env, Dir: r.Cmd.Dir, Pty: r.Cmd.Pty,
		UID: r.Cmd.UID, GID: r.Cmd.GID, Groups: r.Cmd.Groups}
	std := []**os.File{&cmd.Stdin, &cmd.Stdout, &cmd.Stderr}
	for i, passed := range r.Cmd.Std {
		if !passed {
			continue
		}
		if len(files) == 0 {
			return failure(r, errno.EBADF), nil
		}
		*std[i], files = files[0], files[1:]
	}
	if r.Cmd.Like {
		if len(files) == 0 {
			return failure(r, errno.EBADF), nil
		}
		cmd.Like = files[0]
	}
	process, err := c.proc.Start(r.ID, cmd)
	if err != nil {
		return failure(r, err), nil
	}
	c.mu.Lock()
	c.last++
	handle := c.last
	c.processes[handle] = &started{process, c.uid}
	c.mu.Unlock()
	c.mine = append(c.mine, handle)
	reply := &wire.Reply{N: int64(process.Pid()), Handle: handle}
	if pty := process.Pty(); pty != nil {
		return reply, []*os.File{pty}
	}
	return reply, nil
}

// process finds a program that a caller of this user had started.
func (c *caller) process(handle int64) (*started, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.processes[handle]
	if p == nil || p.uid != c.uid {
		return nil, errno.ESRCH
	}
	return p, nil
}

func (c *caller) wait(r *wire.Request, reply *wire.Reply) error {
	p, err := c.process(r.Handle)
	if err == nil {
		reply.Exit, err = p.Wait()
	}
	return err
}

// watch sends state changes until the caller is gone.
func (c *caller) watch() {
	w := c.kernel.Watch()
	defer w.Close()
	send := func(reply *wire.Reply) bool {
		raw, err := json.Marshal(reply)
		return err == nil && c.conn.Send(raw) == nil
	}
	if !send(&wire.Reply{}) {
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
		reply := &wire.Reply{}
		for _, e := range events {
			reply.Events = append(reply.Events, zone.Event{ID: e.ID, Name: e.Name, Old: e.Old, New: e.New, Status: e.Status})
		}
		if len(events) > 0 && !send(reply) || !more {
			return
		}
	}
}

// lastSignal is the highest that any system here has.
const lastSignal = 64

func (c *caller) signal(r *wire.Request) error {
	if r.Signal <= 0 || r.Signal > lastSignal {
		return errno.EINVAL
	}
	p, err := c.process(r.Handle)
	if err != nil {
		return err
	}
	return p.Signal(signalNumber(uint64(r.Signal)))
}

func signalNumber(n uint64) os.Signal { return syscall.Signal(n & 0x7f) }
