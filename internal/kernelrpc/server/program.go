package server

import (
	"os"
	"syscall"

	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// start runs a program with the files that came with the request. Its terminal, where
// it has one, goes with the reply.
func (c *caller) start(r *wire.Request, files []*os.File) (started *wire.Started, pty *os.File, err error) {
	var run wire.Cmd
	if err := r.Take(&run); err != nil {
		return nil, nil, err
	}
	cmd := &zone.Cmd{Path: run.Path, Args: run.Args, Env: run.Env, Dir: run.Dir, Pty: run.Pty,
		UID: run.UID, GID: run.GID, Groups: run.Groups}
	passed := [...]struct {
		is   bool
		into **os.File
	}{{run.Std[0], &cmd.Stdin}, {run.Std[1], &cmd.Stdout}, {run.Std[2], &cmd.Stderr}, {run.Like, &cmd.Like}}
	for _, file := range passed {
		if !file.is {
			continue
		}
		if len(files) == 0 {
			return nil, nil, errno.EBADF
		}
		*file.into, files = files[0], files[1:]
	}
	process, err := c.proc.Start(r.ID, cmd)
	if err != nil {
		return nil, nil, err
	}
	c.mu.Lock()
	c.last++
	handle := c.last
	c.processes[handle] = &program{process, c.uid}
	c.mu.Unlock()
	c.mine = append(c.mine, handle)
	return &wire.Started{Handle: handle, PID: process.Pid()}, process.Pty(), nil
}

// process finds a program that a caller of this user had started.
func (c *caller) process(handle int64) (*program, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.processes[handle]
	if p == nil || p.uid != c.uid {
		return nil, errno.ESRCH
	}
	return p, nil
}

func (c *caller) wait(_ *wire.Request, handle int64) (any, error) {
	p, err := c.process(handle)
	if err != nil {
		return nil, err
	}
	return p.Wait()
}

// lastSignal is the highest that any system here has.
const lastSignal = 64

func (c *caller) signal(_ *wire.Request, s wire.Signal) (any, error) {
	if s.Number <= 0 || s.Number > lastSignal {
		return nil, errno.EINVAL
	}
	p, err := c.process(s.Handle)
	if err != nil {
		return nil, err
	}
	return nil, p.Signal(signalNumber(uint64(s.Number)))
}

func signalNumber(n uint64) os.Signal { return syscall.Signal(n & 0x7f) }
