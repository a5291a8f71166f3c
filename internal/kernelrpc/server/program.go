package server

import (
	"os"
	"syscall"

	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// start runs a program with the files that came with the request.
func (c *caller) start(r *wire.Request, files []*os.File) (*wire.Reply, []*os.File) {
	if r.Cmd == nil {
		return &wire.Reply{Err: failure(r, errno.EFAULT)}, nil
	}
	cmd := &zone.Cmd{Path: r.Cmd.Path, Args: r.Cmd.Args, Env: r.Cmd.Env, Dir: r.Cmd.Dir, Pty: r.Cmd.Pty,
		UID: r.Cmd.UID, GID: r.Cmd.GID, Groups: r.Cmd.Groups}
	std := []**os.File{&cmd.Stdin, &cmd.Stdout, &cmd.Stderr}
	for i, passed := range r.Cmd.Std {
		if !passed {
			continue
		}
		if len(files) == 0 {
			return &wire.Reply{Err: failure(r, errno.EBADF)}, nil
		}
		*std[i], files = files[0], files[1:]
	}
	if r.Cmd.Like {
		if len(files) == 0 {
			return &wire.Reply{Err: failure(r, errno.EBADF)}, nil
		}
		cmd.Like = files[0]
	}
	process, err := c.proc.Start(r.ID, cmd)
	if err != nil {
		return &wire.Reply{Err: failure(r, err)}, nil
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
