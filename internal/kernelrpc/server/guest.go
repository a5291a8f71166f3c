package server

import (
	"encoding/binary"
	"os"
	"time"

	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
	"github.com/gozones/zones/sys/zone"
)

// guest is a program that makes system calls itself. Its threads have a connection
// each; to the kernel they are one process, which stays in the zone that one of
// them enters.
type guest struct {
	pid   int32
	proc  *kernel.Proc
	conns int
}

// guest finds the process that a connection is of, or makes it known.
func (s *Server) guest(cred door.Cred) *guest {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.guests[cred.Pid]
	if g == nil {
		spec := kernel.ProcSpec{UID: cred.UID, Effective: priv.Basic(), Permitted: priv.Basic()}
		if cred.UID == 0 || cred.UID == s.owner {
			spec.Effective, spec.Permitted = priv.Full(), priv.Full()
		}
		if s.kernel.Proc(cred.Pid) == nil {
			spec.Pid = cred.Pid
		}
		g = &guest{pid: cred.Pid, proc: s.kernel.AddProc(spec)}
		s.guests[cred.Pid] = g
	}
	g.conns++
	return g
}

func (s *Server) leave(g *guest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g.conns--; g.conns == 0 {
		delete(s.guests, g.pid)
		g.proc.Exit()
	}
}

// rawConn is a guest's connection while it makes a call.
type rawConn struct {
	*caller
	err error // the connection is of no use any more
}

// copyTime is how long a thread may take to copy: it does nothing else meanwhile,
// and others may have to wait for what it is about.
const copyTime = 10 * time.Second

// raw makes a system call of a guest. It reports false when the connection is to
// be closed.
func (c *caller) raw(message []byte, files []*os.File) bool {
	r, err := wire.DecodeRaw(message)
	if err != nil || r.Kind != wire.RawCall {
		return false
	}
	if c.guest == nil {
		c.guest = c.Server.guest(c.cred)
	}
	p := c.guest.proc
	if p.Exited() {
		return false // killed with its zone
	}
	conn := &rawConn{caller: c}
	if r.Number == wire.RawExec {
		return conn.exec(p, r, files)
	}
	result, e := p.SystemCall(r.Number, r.A, conn)
	if conn.err != nil {
		return false
	}
	return conn.send(&wire.Raw{Kind: wire.RawDone, Error: int32(e), A: [6]uint64{uint64(result)}}) == nil
}

func (c *rawConn) send(r *wire.Raw) error {
	message, err := r.AppendBinary(nil)
	if err != nil {
		return err
	}
	return c.conn.Send(message)
}

// ask has the thread that makes the call copy.
func (c *rawConn) ask(r *wire.Raw) (*wire.Raw, error) {
	if c.err != nil {
		return nil, c.err
	}
	late := time.AfterFunc(copyTime, func() { c.conn.Close() })
	defer late.Stop()
	reply, err := c.exchange(r)
	if err != nil {
		c.err = err
		return nil, err
	}
	if reply.Error != 0 {
		return nil, errno.Errno(reply.Error)
	}
	return reply, nil
}

func (c *rawConn) exchange(r *wire.Raw) (*wire.Raw, error) {
	if err := c.send(r); err != nil {
		return nil, err
	}
	message, files, err := c.conn.Receive()
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		f.Close()
	}
	reply, err := wire.DecodeRaw(message)
	if err != nil {
		return nil, err
	}
	if reply.Kind != r.Kind {
		return nil, wire.ErrRaw
	}
	return reply, nil
}

var _ kernel.Memory = (*rawConn)(nil)

// ReadMem has bytes of the caller's memory sent.
func (c *rawConn) ReadMem(addr uint64, p []byte) error {
	for len(p) > 0 {
		n := min(len(p), wire.RawData)
		reply, err := c.ask(&wire.Raw{Kind: wire.RawRead, A: [6]uint64{addr, uint64(n)}})
		if err != nil {
			return err
		}
		if len(reply.Data) != n {
			c.err = wire.ErrRaw
			return c.err
		}
		copy(p, reply.Data)
		p, addr = p[n:], addr+uint64(n)
	}
	return nil
}

// WriteMem has bytes stored there.
func (c *rawConn) WriteMem(addr uint64, p []byte) error {
	for len(p) > 0 {
		n := min(len(p), wire.RawData)
		if _, err := c.ask(&wire.Raw{Kind: wire.RawWrite, A: [6]uint64{addr}, Data: p[:n]}); err != nil {
			return err
		}
		p, addr = p[n:], addr+uint64(n)
	}
	return nil
}

// Bounds of what exec takes, in bytes and words (ARG_MAX, NGROUPS_MAX).
const (
	argMax    = 2096640
	groupsMax = 1024
	pathMax   = zone.PathMax
)

// exec runs the program that a guest becomes, in the zone that it has entered, and
// relays signals and its end.
func (c *rawConn) exec(p *kernel.Proc, r *wire.Raw, files []*os.File) bool {
	cmd, e := c.command(r, files)
	var process zone.Process
	if e == 0 {
		var err error
		if process, err = p.Exec(cmd); err != nil {
			e = zone.ErrnoOf(err)
		}
	}
	if c.err != nil {
		return false
	}
	done := &wire.Raw{Kind: wire.RawDone, Error: int32(e)}
	if e != 0 {
		done.A[0] = ^uint64(0)
		return c.send(done) == nil
	}
	defer process.Close()
	if c.send(done) != nil {
		process.Signal(os.Kill)
		return false
	}
	go c.relay(process)
	status, err := process.Wait()
	// The process has ended as its program did: whoever hears of that and calls
	// again, under the same number, is another one.
	c.leave(c.guest)
	c.guest = nil
	if err == nil {
		c.send(&wire.Raw{Kind: wire.RawExit, A: [6]uint64{uint64(status.Code), uint64(status.Signal)}})
	}
	return false
}

// relay passes signals on to the program; it ends when its caller is gone.
func (c *rawConn) relay(process zone.Process) {
	for {
		message, _, err := c.conn.Receive()
		if err != nil {
			process.Signal(os.Kill)
			return
		}
		r, err := wire.DecodeRaw(message)
		if err == nil && r.Kind == wire.RawSignal {
			process.Signal(signalNumber(r.A[0]))
		}
	}
}

// command reads what exec is given from the caller's memory.
func (c *rawConn) command(r *wire.Raw, files []*os.File) (*zone.Cmd, errno.Errno) {
	path, e := c.text(r.A[0], pathMax)
	if e != 0 {
		return nil, e
	}
	cmd := &zone.Cmd{Path: path, UID: uint32(r.A[5]), GID: uint32(r.A[5] >> 32)}
	room := argMax
	if cmd.Args, e = c.list(r.A[1], &room); e != 0 {
		return nil, e
	}
	if cmd.Env, e = c.list(r.A[2], &room); e != 0 {
		return nil, e
	}
	if r.A[3] != 0 {
		if cmd.Dir, e = c.text(r.A[3], pathMax); e != 0 {
			return nil, e
		}
	}
	if r.A[4] != 0 {
		if cmd.Groups, e = c.groups(r.A[4]); e != 0 {
			return nil, e
		}
	}
	for i, f := range []**os.File{&cmd.Stdin, &cmd.Stdout, &cmd.Stderr} {
		if i < len(files) {
			*f = files[i]
		}
	}
	return cmd, 0
}

func (c *rawConn) text(addr uint64, limit int) (string, errno.Errno) {
	return kernel.ReadString(c, addr, limit)
}

// list reads a list of addresses of strings that ends with a null one.
func (c *rawConn) list(addr uint64, room *int) ([]string, errno.Errno) {
	var list []string
	for word := make([]byte, 8); addr != 0; addr += 8 {
		if c.ReadMem(addr, word) != nil {
			return nil, errno.EFAULT
		}
		at := binary.LittleEndian.Uint64(word)
		if at == 0 {
			break
		}
		if *room -= len(word); *room <= 0 {
			return nil, errno.E2BIG
		}
		text, e := c.text(at, *room)
		if e == errno.ENAMETOOLONG {
			e = errno.E2BIG
		}
		if e != 0 {
			return nil, e
		}
		*room -= len(text) + 1
		list = append(list, text)
	}
	return list, 0
}

// groups reads a count and that many group ids.
func (c *rawConn) groups(addr uint64) ([]uint32, errno.Errno) {
	word := make([]byte, 4)
	if c.ReadMem(addr, word) != nil {
		return nil, errno.EFAULT
	}
	n := binary.LittleEndian.Uint32(word)
	if n > groupsMax {
		return nil, errno.EINVAL
	}
	raw := make([]byte, 4*n)
	if c.ReadMem(addr+4, raw) != nil {
		return nil, errno.EFAULT
	}
	groups := make([]uint32, n)
	for i := range groups {
		groups[i] = binary.LittleEndian.Uint32(raw[4*i:])
	}
	return groups, 0
}
