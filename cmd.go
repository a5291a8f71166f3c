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

// Cmd is a program to run in a zone. It is used like [exec.Cmd], once. The differences:
//
//   - Start looks up the program inside the zone. Symbolic links of the zone can't lead
//     to files outside of it.
//   - Env and Dir don't default to the caller's. If Env is nil, the program gets the
//     environment of a login of the user. If Dir is empty, the program starts in the
//     user's home directory, or in the zone's root directory if that isn't possible.
//   - The program gets none of the caller's files. Input and output are copied through
//     pipes even if Stdin, Stdout or Stderr is an [*os.File]. The one exception is an
//     unnamed pipe as Stdin.
type Cmd struct {
	Path string   // a path inside the zone, or a name to look up in the zone's PATH
	Args []string // Args[0] is the program's name; empty means {Path}
	Env  []string
	Dir  string
	User string // a user of the zone; "" means root

	Stdin          io.Reader // nil: no input
	Stdout, Stderr io.Writer // nil: discarded. If both are equal, one goroutine at a time writes

	// Pty runs the program on a pseudo-terminal of the zone, as its controlling terminal
	// and its standard input, output and error. Stdin is copied to the terminal and the
	// terminal's output to Stdout, if they are set; Stderr must be nil. Start sets
	// Terminal to the manager side of the terminal, and Wait closes it. Package pty can
	// set its size.
	Pty      bool
	Like     *os.File // a terminal from which the mode and size are taken; may be nil
	Terminal *os.File

	Process      *Process      // set by Start
	ProcessState *ProcessState // set by Wait

	// Cancel is called if the context is done before the program exits. Command sets it
	// to kill the program. If it returns [os.ErrProcessDone], Wait succeeds when the
	// program does.
	Cancel func() error
	// WaitDelay limits how long Wait waits for the program to exit after the context is
	// done, and for its output to be closed after it has exited: a process left behind
	// in the zone may keep that open. Then Wait kills the program, closes the pipes and
	// returns [exec.ErrWaitDelay] if there is no other error. 0 means no limit.
	WaitDelay time.Duration

	zone      *Zone
	ctx       context.Context
	io        cmdIO
	cancelled chan cancellation // receives the result of the goroutine that waits for ctx
	ended     chan struct{}     // closed when the program has exited
}

// Command returns a Cmd that runs a program in the zone. The program is killed if ctx is
// done before it exits; see [Cmd.Cancel].
func (z *Zone) Command(ctx context.Context, name string, args ...string) *Cmd {
	c := &Cmd{Path: name, Args: append([]string{name}, args...), zone: z, ctx: ctx}
	c.Cancel = func() error { return c.Process.Kill() }
	return c
}

// String returns the program and its arguments, for messages.
func (c *Cmd) String() string {
	words := []string{c.Path}
	if len(c.Args) > 1 {
		words = append(words, c.Args[1:]...)
	}
	return strings.Join(words, " ")
}

// Run starts the program and waits until it exits.
func (c *Cmd) Run() error {
	if err := c.Start(); err != nil {
		return err
	}
	return c.Wait()
}

// Output runs the program and returns its standard output. If Stderr is nil, an
// [ExitError] has its standard error.
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

// CombinedOutput runs the program and returns its standard output and standard error.
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

// Start starts the program and returns when it has been executed. The error is
// [exec.ErrNotFound] if the zone's PATH has no program of that name, [fs.ErrNotExist] if
// a path doesn't exist, and [ErrState] if the zone isn't running.
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

// failed returns the error of a program that could not be started.
func (c *Cmd) failed(err error) error {
	if c.ctx.Err() != nil {
		return c.ctx.Err()
	}
	var login *zlogin.Error
	failed := &Error{Zone: c.zone.Name, Verb: "exec", Err: err}
	switch {
	case !errors.As(err, &login):
	case login.Status == zlogin.ExitNotFound && !strings.Contains(c.Path, "/"):
		failed.Err = &notFound{c.Path, err}
	case login.Err != nil:
		failed.Reason = login.Text + ": " + login.Err.Error() // zlogin(1) has only the errno's text
	}
	return failed
}

// notFound is the error of a name that isn't in the zone's PATH.
type notFound struct {
	name string
	err  error
}

func (e *notFound) Error() string   { return e.name + ": " + exec.ErrNotFound.Error() }
func (e *notFound) Unwrap() []error { return []error{exec.ErrNotFound, e.err} }

// execute starts the program. This can't be interrupted: if ctx is done first, execute
// returns and a goroutine kills the program once it runs.
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

// discard kills a program and waits for it.
func discard(p zone.Process) {
	(&Process{process: p}).Kill()
	if terminal := p.Pty(); terminal != nil {
		terminal.Close()
	}
	_, _ = p.Wait()
	p.Close()
}

// start starts the program of a Cmd with the ids and the environment of its user.
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

// login returns a Login that starts programs in the zones of the machine.
func (m *Machine) login() (*zlogin.Login, error) {
	caller, err := m.caller()
	if err != nil {
		return nil, err
	}
	return &zlogin.Login{Kernel: m.kernel, Store: m.admin.Store, Brands: m.admin.Brands, RunDir: m.admin.RunDir, Caller: caller}, nil
}

// cancellation is the result of follow.
type cancellation struct {
	err   error       // for Wait to return; nil if the program exited first
	timer *time.Timer // of WaitDelay; nil if it hasn't been started
}

// follow starts a goroutine that calls Cancel when ctx is done.
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
				result.timer.Reset(0) // so that Wait doesn't wait longer either
			}
		}
		c.cancelled <- result
	}()
}

// Wait waits until the program has exited and its output has been copied. It also waits
// until Stdin has been read to its end, unless Stdin is an [*os.File]. It returns an
// [*ExitError] if the program exits unsuccessfully.
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
