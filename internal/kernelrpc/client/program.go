package client

import (
	"os"
	"syscall"

	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

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
	var started wire.Started
	passed, failure, err := exchange(conn, &wire.Request{Op: wire.OpStart, ID: id}, run, &started, files...)
	if err != nil {
		conn.Close()
		return nil, err
	}
	if failure != nil {
		c.give(conn)
		return nil, failure
	}
	p := &process{client: c, conn: conn, handle: started.Handle, pid: started.PID}
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

func (p *process) Wait() (status zone.ExitStatus, err error) {
	r := &wire.Request{Op: wire.OpWait}
	_, failure, err := exchange(p.conn, r, p.handle, &status)
	if err != nil {
		return zone.ExitStatus{}, lost(r, err)
	}
	return status, failure
}

func (p *process) Signal(sig os.Signal) error {
	number, ok := sig.(syscall.Signal)
	if !ok {
		return errno.EINVAL
	}
	return p.client.call(&wire.Request{Op: wire.OpSignal}, wire.Signal{Handle: p.handle, Number: int(number)}, nil)
}

func (p *process) Close() error { return p.conn.Close() }
