package server

import (
	"os"
	"time"

	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/priv"
)

// guest is a program that makes raw system calls, see [wire.Raw]. Each of its threads
// has a connection. In the kernel they are one process: when one of them enters a zone, all
// are in it.
type guest struct {
	pid   int32
	proc  *kernel.Proc
	conns int
}

// findGuest returns the guest of a caller. The first connection of a guest makes it a
// process of the kernel.
func (s *Server) findGuest(cred door.Cred) *guest {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.guests[cred.Pid]
	if g == nil {
		spec := kernel.ProcSpec{UID: cred.UID, Effective: priv.Basic(), Permitted: priv.Basic()}
		if s.privileged(cred) {
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

// dropGuest ends a connection of a guest. The process exits with the last one.
func (s *Server) dropGuest(g *guest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g.conns--; g.conns == 0 {
		delete(s.guests, g.pid)
		g.proc.Exit()
	}
}

// privilegesOf writes the effective set of a guest to the memory of the one that asks. A guest
// that has made no call has the set with which it would start.
func (s *Server) privilegesOf(r *wire.Raw, asking kernel.Memory) (int64, errno.Errno) {
	other := s.findGuest(door.Cred{Pid: int32(r.A[0]), UID: uint32(r.A[1])})
	defer s.dropGuest(other)
	const privsys, get, effective = 82, 1, 0 // SYS_privsys, PRIVSYS_GETPPRIV
	return other.proc.SystemCall(privsys, [6]uint64{get, 0, effective, r.A[2], priv.SetSize}, asking)
}

// rawConn is a guest's connection during a call.
type rawConn struct {
	*caller
	err error // why the connection can't be used any more
}

// copyTime is how long a thread may take to copy memory. Other callers may have to wait for
// it.
const copyTime = 10 * time.Second

// raw makes a system call of a guest. It reports whether another may follow.
func (c *caller) raw(message []byte, files []*os.File) bool {
	r, err := wire.DecodeRaw(message)
	if err != nil || r.Kind != wire.RawCall {
		return false
	}
	if c.guest == nil {
		c.guest = c.Server.findGuest(c.cred)
	}
	p := c.guest.proc
	if p.Exited() {
		return false // killed with its zone
	}
	conn := &rawConn{caller: c}
	if r.Number == wire.RawExec {
		return conn.exec(p, r, files)
	}
	var (
		result int64
		e      errno.Errno
	)
	if r.Number == wire.RawPrivileges {
		result, e = c.Server.privilegesOf(r, conn)
	} else {
		result, e = p.SystemCall(r.Number, r.A, conn)
	}
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

// ask makes the calling thread copy memory.
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
	closeAll(files)
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

// ReadMem reads the caller's memory.
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

// WriteMem writes the caller's memory.
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
