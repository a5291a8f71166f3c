package zones

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/gozones/zones/internal/zlogin"
	"github.com/gozones/zones/sys/zone"
)

// Cmd is a program that is to run, runs or has run in a zone. It has the shape of
// [exec.Cmd] and can be used once, too. What differs:
//
//   - The program is looked for when it is started, by the zone's kernel and within
//     the zone, so that no link of the zone leads out of it.
//   - Env and Dir aren't the caller's. A nil Env is what the zone gives the user at a
//     login; a Dir of "" is the user's home directory, or the zone's root directory
//     when the program can't be started there.
//   - The program never gets a file of the machine: what it reads and writes is
//     copied through pipes, also when Stdin, Stdout or Stderr is an [*os.File].
type Cmd struct {
	Path string   // the program: a path within the zone, or a name for the zone's PATH
	Args []string // Args[0] is the program's name; empty means {Path}
	Env  []string
	Dir  string
	User string // who runs the program, a user of the zone; "" is root

	Stdin          io.Reader // nil: nothing to read
	Stdout, Stderr io.Writer // nil: dropped. When they are the same, one goroutine writes to it

	// Pty gives the program a terminal of the zone's own as its controlling terminal
	// and its standard files. Stdin, if any, is copied to it and what it shows to
	// Stdout; Stderr must be nil. Start sets Terminal to the side that shows and types,
	// whose size package pty can change. Wait closes it.
	Pty      bool
	Like     *os.File // a terminal whose mode and size that of the zone gets, nil: none
	Terminal *os.File

	Process      *Process      // once it is started
	ProcessState *ProcessState // once Wait has returned

	// Cancel is called when the context is done before the program has ended; it is
	// set by Command to kill the program. Once it returns [os.ErrProcessDone], Wait
	// doesn't mind that it was called.
	Cancel func() error
	// WaitDelay bounds how long Wait waits after the context is done or the program has
	// ended, for a program that goes on and for somebody who was left in the zone with
	// the program's output: the program is killed, the pipes are closed, and Wait
	// returns [exec.ErrWaitDelay] if nothing else is wrong. 0 is no bound.
	WaitDelay time.Duration

	zone      *Zone
	ctx       context.Context
	io        cmdIO
	cancelled chan cancellation // what the goroutine that follows ctx has done, once it has ended
	ended     chan struct{}     // closed when the program has
}

// Command returns a program of the zone that can be run. The context kills it (see
// [Cmd.Cancel]) when it is done before the program has ended.
func (z *Zone) Command(ctx context.Context, name string, args ...string) *Cmd {
	c := &Cmd{Path: name, Args: append([]string{name}, args...), zone: z, ctx: ctx}
	c.Cancel = func() error { return c.Process.Kill() }
	return c
}

// String is the program and its arguments, for people.
func (c *Cmd) String() string {
	words := []string{c.Path}
	if len(c.Args) > 1 {
		words = append(words, c.Args[1:]...)
	}
	return strings.Join(words, " ")
}

// Run starts the program and waits for its end.
func (c *Cmd) Run() error {
	if err := c.Start(); err != nil {
		return err
	}
	return c.Wait()
}

// Output runs the program and returns what it wrote to its standard output. In the
// [ExitError] is what it wrote to its standard error, if Stderr is nil.
func (c *Cmd) Output() ([]byte, error) {
	if c.Stdout != nil {
		return nil, errors.New("zones: Stdout already set")
	}
	var out bytes.Buffer
	c.Stdout = &out
	var said *ends
	if c.Stderr == nil && !c.Pty {
		said = new(ends)
		c.Stderr = said
	}
	err := c.Run()
	var failed *ExitError
	if said != nil && errors.As(err, &failed) {
		failed.Stderr = said.bytes()
	}
	return out.Bytes(), err
}

// CombinedOutput runs the program and returns what it wrote to its standard output and
// its standard error.
func (c *Cmd) CombinedOutput() ([]byte, error) {
	if c.Stdout != nil {
		return nil, errors.New("zones: Stdout already set")
	}
	if c.Stderr != nil {
		return nil, errors.New("zones: Stderr already set")
	}
	var out bytes.Buffer
	c.Stdout = &out
	if !c.Pty {
		c.Stderr = &out
	}
	err := c.Run()
	return out.Bytes(), err
}

// Start starts the program and returns once it has been executed. The error wraps
// [exec.ErrNotFound] when no program of that name is in the zone's PATH,
// [fs.ErrNotExist] when there is none at a path, [ErrState] when the zone doesn't run.
func (c *Cmd) Start() error {
	if c.ended != nil {
		return errors.New("zones: already started")
	}
	if err := c.ctx.Err(); err != nil {
		c.io.close()
		return err
	}
	cmd := zone.Cmd{Pty: c.Pty, Like: c.Like}
	if err := c.io.connect(c, &cmd); err != nil {
		c.io.close()
		return c.failed(err)
	}
	process, err := c.execute(cmd)
	if err != nil {
		c.io.close()
		return c.failed(err)
	}
	c.Process = &Process{process.Pid(), process}
	if c.Pty {
		c.Terminal = process.Pty()
		c.io.terminal(c.Terminal, c.Stdin, c.Stdout)
	}
	c.io.run()
	c.ended = make(chan struct{})
	c.follow()
	return nil
}

// failed is the error for a program that could not be started.
func (c *Cmd) failed(err error) error {
	if c.ctx.Err() != nil {
		return c.ctx.Err()
	}
	var login *zlogin.Error
	if errors.As(err, &login) && login.Status == zlogin.ExitNotFound && !strings.Contains(c.Path, "/") {
		err = &notFound{c.Path, err}
	}
	return &Error{Zone: c.zone.Name, Verb: "exec", Err: err}
}

// notFound is the error about a program that isn't in the zone's PATH.
type notFound struct {
	name string
	err  error
}

func (e *notFound) Error() string   { return e.name + ": " + exec.ErrNotFound.Error() }
func (e *notFound) Unwrap() []error { return []error{exec.ErrNotFound, e.err} }

// execute has the program executed. That can't be interrupted: when the context is
// done first, the program is killed as soon as it runs.
func (c *Cmd) execute(cmd zone.Cmd) (zone.Process, error) {
	type result struct {
		process zone.Process
		err     error
	}
	given := c.io.given
	c.io.given = nil
	done := make(chan result, 1)
	go func() {
		process, err := c.zone.start(c, cmd)
		for _, f := range given {
			f.Close()
		}
		done <- result{process, err}
	}()
	select {
	case r := <-done:
		return r.process, r.err
	case <-c.ctx.Done():
		go func() {
			if r := <-done; r.err == nil {
				discard(r.process)
			}
		}()
		return nil, c.ctx.Err()
	}
}

// discard kills a program that nobody wants any more.
func discard(p zone.Process) {
	(&Process{process: p}).Kill()
	if terminal := p.Pty(); terminal != nil {
		terminal.Close()
	}
	p.Wait()
	p.Close()
}

// start starts a command's program as the zone's login for its user would.
func (z *Zone) start(c *Cmd, cmd zone.Cmd) (zone.Process, error) {
	l, err := z.machine.login()
	if err != nil {
		return nil, err
	}
	user := c.User
	if user == "" {
		user = "root"
	}
	words := []string{c.Path}
	if len(c.Args) > 1 {
		words = append(words, c.Args[1:]...)
	}
	p, err := l.Program(&zlogin.Options{Zone: z.Name, User: user, Exec: true, Words: words})
	if err != nil {
		return nil, err
	}
	if len(c.Args) > 0 {
		p.Cmd.Args = c.Args
	}
	if c.Env != nil {
		p.Cmd.Env = c.Env
	}
	if c.Dir != "" {
		p.Cmd.Dir, p.NeedsDir = c.Dir, true
	}
	p.Cmd.Stdin, p.Cmd.Stdout, p.Cmd.Stderr = cmd.Stdin, cmd.Stdout, cmd.Stderr
	p.Cmd.Pty, p.Cmd.Like = cmd.Pty, cmd.Like
	return l.Start(p, func(string) {})
}

// login is where programs are started in the zones of the machine.
func (m *Machine) login() (*zlogin.Login, error) {
	caller, err := m.caller()
	if err != nil {
		return nil, err
	}
	return &zlogin.Login{Kernel: m.kernel, Store: m.admin.Store, Brands: m.admin.Brands, RunDir: m.admin.RunDir, Caller: caller}, nil
}

// cancellation is what came of a context's end.
type cancellation struct {
	err   error       // for Wait, nil: the program had ended before
	timer *time.Timer // of WaitDelay, nil: it hasn't begun
}

// follow ends the program when the context is done.
func (c *Cmd) follow() {
	c.cancelled = make(chan cancellation, 1)
	go func() {
		select {
		case <-c.ended:
			c.cancelled <- cancellation{}
			return
		case <-c.ctx.Done():
		}
		result := cancellation{err: c.ctx.Err()}
		if c.Cancel != nil {
			if err := c.Cancel(); errors.Is(err, os.ErrProcessDone) {
				result.err = nil
			} else if err != nil {
				result.err = errors.Join(err, result.err)
			}
		}
		if c.WaitDelay > 0 {
			result.timer = time.NewTimer(c.WaitDelay)
			select {
			case <-c.ended:
			case <-result.timer.C:
				c.Process.Kill()
				result.timer.Reset(0) // the time is up for Wait, too
			}
		}
		c.cancelled <- result
	}()
}

// Wait waits until the program has ended and all that it wrote is copied, and for
// Stdin until that has ended, unless it is an [*os.File]. It returns an [*ExitError]
// when the program's end was no success.
func (c *Cmd) Wait() error {
	switch {
	case c.Process == nil:
		return errors.New("zones: not started")
	case c.ProcessState != nil:
		return errors.New("zones: Wait was already called")
	}
	status, err := c.Process.process.Wait()
	close(c.ended)
	c.ProcessState = &ProcessState{c.Process.Pid, status}
	cancelled := <-c.cancelled
	switch {
	case err != nil:
		err = &Error{Zone: c.zone.Name, Verb: "exec", Reason: "the program was lost", Err: err}
	case !c.ProcessState.Success():
		err = &ExitError{ProcessState: c.ProcessState, ctx: cancelled.err}
	default:
		err = cancelled.err
	}
	if copied := c.io.wait(c.WaitDelay, cancelled.timer); err == nil {
		err = copied
	}
	c.io.close()
	c.Process.process.Close()
	return err
}
