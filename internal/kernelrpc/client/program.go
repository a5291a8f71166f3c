package client

import (
	"os"
	"syscall"

	"github.com/gozones/zones/internal/anytext"
	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// Start runs a program in a zone; see [zone.Executor].
func (c *Client) Start(id zone.ID, cmd *zone.Cmd) (zone.Process, error) {
	run, files := command(cmd)
	var started wire.Started
	conn, passed, err := c.converse(&wire.Request{Op: wire.OpStart, ID: id}, run, &started, files...)
	if err != nil {
		closeAll(passed)
		if conn != nil {
			c.give(conn)
		}
		return nil, err
	}
	p := &process{client: c, conn: conn, handle: started.Handle, pid: started.PID}
	if cmd.Pty && len(passed) > 0 {
		p.pty, passed = passed[0], passed[1:]
	}
	closeAll(passed)
	return p, nil
}

// command returns a command as it is sent, and the files that go with the message.
func command(cmd *zone.Cmd) (*wire.Cmd, []*os.File) {
	run := &wire.Cmd{
		Path: anytext.Text(cmd.Path), Args: anytext.Of(cmd.Args), Env: anytext.Of(cmd.Env), Dir: anytext.Text(cmd.Dir),
		Pty: cmd.Pty, TTY: cmd.Controlling, Like: cmd.Like != nil, UID: cmd.UID, GID: cmd.GID, Groups: cmd.Groups,
	}
	var files []*os.File
	for i, f := range []*os.File{cmd.Stdin, cmd.Stdout, cmd.Stderr} {
		if f != nil {
			run.Std[i] = true
			files = append(files, f)
		}
	}
	if cmd.Like != nil {
		files = append(files, cmd.Like)
	}
	return run, files
}

// process is a program that the kernel has started. It keeps its connection open, which
// tells the kernel process that a caller may still wait for the program.
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
	message, err := wire.EncodeRequest(r, p.handle)
	if err != nil {
		return status, err
	}
	passed, failure, err := exchange(p.conn, r.Op, message, &status)
	closeAll(passed)
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
