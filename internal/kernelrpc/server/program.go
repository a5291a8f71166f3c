package server

import (
	"os"
	"syscall"

	"github.com/gozones/zones/internal/anytext"
	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// started is a program that a caller has started. The server keeps it until a caller has
// waited for it or the one that started it disconnects.
type started struct {
	zone.Process
	uid uint32
}

// start starts a program with the files of the request. Its terminal, if it has one, goes
// with the reply.
func (c *caller) start(r *wire.Request, run wire.Cmd) (any, error) {
	cmd := &zone.Cmd{
		Path: string(run.Path), Args: anytext.Strings(run.Args), Env: anytext.Strings(run.Env), Dir: string(run.Dir),
		Pty: run.Pty, Controlling: run.TTY, UID: run.UID, GID: run.GID, Groups: run.Groups,
	}
	files := c.files
	for _, file := range [...]struct {
		passed bool
		to     **os.File
	}{{run.Std[0], &cmd.Stdin}, {run.Std[1], &cmd.Stdout}, {run.Std[2], &cmd.Stderr}, {run.Like, &cmd.Like}} {
		if !file.passed {
			continue
		}
		if len(files) == 0 {
			return nil, errno.EBADF
		}
		*file.to, files = files[0], files[1:]
	}
	process, err := c.local.Start(r.ID, cmd)
	if err != nil {
		return nil, err
	}
	if pty := process.Pty(); pty != nil {
		c.passed = []*os.File{pty}
	}
	return wire.Started{Handle: c.remember(process), PID: process.Pid()}, nil
}

func (c *caller) remember(process zone.Process) (handle int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lastHandle++
	c.processes[c.lastHandle] = &started{process, c.cred.UID}
	c.started = append(c.started, c.lastHandle)
	return c.lastHandle
}

// forget releases a process; the program continues.
func (s *Server) forget(handle int64) {
	s.mu.Lock()
	p := s.processes[handle]
	delete(s.processes, handle)
	s.mu.Unlock()
	if p != nil {
		p.Close()
	}
}

// process finds a program that a caller of this user started.
func (c *caller) process(handle int64) (*started, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.processes[handle]
	if p == nil || p.uid != c.cred.UID {
		return nil, errno.ESRCH
	}
	return p, nil
}

func (c *caller) wait(_ *wire.Request, handle int64) (any, error) {
	p, err := c.process(handle)
	if err != nil {
		return nil, err
	}
	defer c.forget(handle) // also ends Wait
	type exit struct {
		status zone.ExitStatus
		err    error
	}
	exited := make(chan exit, 1)
	go func() {
		status, err := p.Wait()
		exited <- exit{status, err}
	}()
	select {
	case e := <-exited:
		return e.status, e.err
	case <-c.disconnected():
		return nil, os.ErrClosed
	}
}

// lastSignal is the highest signal number of Linux.
const lastSignal = 64

func (c *caller) signal(_ *wire.Request, s wire.Signal) (any, error) {
	if s.Number <= 0 || s.Number > lastSignal {
		return nil, errno.EINVAL
	}
	p, err := c.process(s.Handle)
	if err != nil {
		return nil, err
	}
	return nil, p.Signal(syscall.Signal(s.Number))
}
