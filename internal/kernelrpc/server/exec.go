package server

import (
	"encoding/binary"
	"os"
	"syscall"

	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/kernel"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// Limits of exec, in bytes and groups (ARG_MAX, NGROUPS_MAX).
const (
	argMax    = 2096640
	groupsMax = 1024
	pathMax   = zone.PathMax
)

// exec executes a program in the zone that the guest has entered, passes signals on to it
// and returns its exit status. The connection is closed after that.
func (c *rawConn) exec(p *kernel.Proc, r *wire.Raw, files []*os.File) bool {
	cmd, e := c.command(r, files)
	var process zone.Process
	if e == 0 {
		var err error
		if process, err = p.Exec(cmd); err != nil {
			e = zone.ErrnoOf(err)
		}
	}
	closeAll(files) // the program has its own
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
	// The guest's process exits before the caller learns of it: a process that calls
	// later with the same process id is another one.
	c.dropGuest(c.guest)
	c.guest = nil
	if err == nil {
		_ = c.send(&wire.Raw{Kind: wire.RawExit, A: [6]uint64{uint64(status.Code), uint64(status.Signal)}})
	}
	return false
}

// relay passes signals on to the program, and kills it when the caller disconnects.
func (c *rawConn) relay(process zone.Process) {
	for {
		message, files, err := c.conn.Receive()
		closeAll(files)
		if err != nil {
			process.Signal(os.Kill)
			return
		}
		r, err := wire.DecodeRaw(message)
		if err == nil && r.Kind == wire.RawSignal {
			process.Signal(syscall.Signal(r.A[0] & 0x7f))
		}
	}
}

// command reads the arguments of exec from the caller's memory.
func (c *rawConn) command(r *wire.Raw, files []*os.File) (*zone.Cmd, errno.Errno) {
	path, e := c.text(r.A[0], pathMax)
	if e != 0 {
		return nil, e
	}
	cmd := &zone.Cmd{Path: path, UID: uint32(r.A[5]), GID: uint32(r.A[5] >> 32), Controlling: r.Error == wire.RawTerminal}
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

// list reads a null-terminated array of strings, room bytes at most.
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
