package zones

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/gozones/zones/internal/zlogin"
	"github.com/gozones/zones/sys/zone"
)

// cmdIO connects a program in a zone with the caller's readers and writers.
type cmdIO struct {
	given  []*os.File     // the program's ends of the pipes, closed here after its start
	ours   []io.Closer    // the other ends, closed after its exit
	copies []func() error // run while the program runs; Wait waits for them
	copied chan error     // their results
	alone  []func() error // run while the program runs; Wait doesn't wait for them
	feed   *zlogin.Feed   // copies from a file; nil if Stdin isn't one
	piped  [3]*os.File    // the program's ends of StdinPipe, StdoutPipe and StderrPipe
}

// StdinPipe returns a pipe that will be connected to the program's standard input.
// Close it to end the input; Wait closes it, too.
func (c *Cmd) StdinPipe() (io.WriteCloser, error) {
	if c.Stdin != nil || c.io.piped[0] != nil {
		return nil, errors.New("zones: Stdin already set")
	}
	r, w, err := c.pipe("StdinPipe")
	if err != nil {
		return nil, err
	}
	c.io.piped[0] = zlogin.ForChild(r)
	pipe := &closeOnce{File: w}
	c.io.keep(r, pipe)
	return pipe, nil
}

// StdoutPipe returns a pipe that will be connected to the program's standard output.
// Read it to its end before calling Wait, which closes it.
func (c *Cmd) StdoutPipe() (io.ReadCloser, error) {
	if c.Stdout != nil {
		return nil, errors.New("zones: Stdout already set")
	}
	return c.outPipe("StdoutPipe", 1)
}

// StderrPipe returns a pipe that will be connected to the program's standard error.
// Read it to its end before calling Wait, which closes it.
func (c *Cmd) StderrPipe() (io.ReadCloser, error) {
	if c.Stderr != nil {
		return nil, errors.New("zones: Stderr already set")
	}
	return c.outPipe("StderrPipe", 2)
}

func (c *Cmd) outPipe(what string, number int) (io.ReadCloser, error) {
	if c.io.piped[number] != nil {
		return nil, errors.New("zones: " + what + " already called")
	}
	r, w, err := c.pipe(what)
	if err != nil {
		return nil, err
	}
	c.io.piped[number] = zlogin.ForChild(w)
	c.io.keep(w, r)
	return r, nil
}

func (c *Cmd) pipe(what string) (r, w *os.File, err error) {
	if c.ended != nil {
		return nil, nil, errors.New("zones: " + what + " after the program was started")
	}
	return os.Pipe()
}

// closeOnce is a pipe that both the caller and Wait may close.
type closeOnce struct {
	*os.File
	once sync.Once
	err  error
}

// Close closes the pipe.
func (c *closeOnce) Close() error {
	c.once.Do(func() { c.err = c.File.Close() })
	return c.err
}

// keep records the two ends of a pipe.
func (p *cmdIO) keep(given *os.File, ours io.Closer) {
	p.given = append(p.given, given)
	p.ours = append(p.ours, ours)
}

// connect creates the program's files.
func (p *cmdIO) connect(c *Cmd, cmd *zone.Cmd) error {
	if c.Pty {
		if c.Stderr != nil || p.piped != [3]*os.File{} {
			return errors.New("a program with a terminal has neither Stderr nor pipes")
		}
		return nil
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = p.piped[0], p.piped[1], p.piped[2]
	var err error
	if c.Stdin != nil {
		if cmd.Stdin, err = p.input(c.Stdin); err != nil {
			return err
		}
	}
	if c.Stdout != nil {
		if cmd.Stdout, err = p.output(c.Stdout); err != nil {
			return err
		}
	}
	switch {
	case c.Stderr == nil:
	case same(c.Stdout, c.Stderr):
		cmd.Stderr = cmd.Stdout
	default:
		cmd.Stderr, err = p.output(c.Stderr)
	}
	return err
}

// same reports whether two writers are equal; false for types that can't be compared.
func same(a, b io.Writer) bool {
	defer func() { _ = recover() }()
	return a == b
}

// input copies from a reader. If that is a file, it is sought back to what the program
// has not read, and Wait doesn't wait for its end.
func (p *cmdIO) input(from io.Reader) (*os.File, error) {
	if file, ok := from.(*os.File); ok {
		given, feed, err := zlogin.Input(file)
		if feed != nil {
			p.feed = feed
			p.given = append(p.given, given)
		}
		return given, err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p.keep(r, w)
	p.copies = append(p.copies, func() error {
		_, err := io.Copy(w, from)
		w.Close()
		if errors.Is(err, syscall.EPIPE) || errors.Is(err, os.ErrClosed) {
			return nil // the program has closed its input
		}
		return err
	})
	return zlogin.ForChild(r), nil
}

// output copies to a writer.
func (p *cmdIO) output(to io.Writer) (*os.File, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p.keep(w, r)
	p.copies = append(p.copies, func() error {
		_, err := io.Copy(to, r)
		r.Close() // after an error, so that the program gets one, too
		return err
	})
	return zlogin.ForChild(w), nil
}

// endOfFile is the character that ends the input of a terminal.
const endOfFile = "\x04"

// terminal copies from and to the program's terminal.
func (p *cmdIO) terminal(t *os.File, in io.Reader, out io.Writer) {
	p.ours = append(p.ours, t)
	if in != nil {
		p.copies = append(p.copies, func() error {
			_, err := io.Copy(t, in)
			io.WriteString(t, endOfFile)
			if errors.Is(err, syscall.EIO) || errors.Is(err, os.ErrClosed) {
				return nil // the terminal has been closed
			}
			return err
		})
	}
	if out != nil {
		p.copies = append(p.copies, func() error {
			_, err := io.Copy(out, t)
			if errors.Is(err, syscall.EIO) || errors.Is(err, os.ErrClosed) {
				return nil // the last process has closed the terminal
			}
			return err
		})
	}
}

// run starts the copying.
func (p *cmdIO) run() {
	p.copied = make(chan error, len(p.copies))
	for _, copy := range p.copies {
		go func() { p.copied <- copy() }()
	}
	for _, copy := range p.alone {
		go func() { _ = copy() }()
	}
	if p.feed != nil {
		go p.feed.Copy()
	}
}

// wait returns the first error of the copies when all have ended, or exec.ErrWaitDelay
// when the timer fires. If timer is nil, it starts one of that delay.
func (p *cmdIO) wait(delay time.Duration, timer *time.Timer) (err error) {
	if p.feed != nil {
		p.feed.End()
	}
	if timer == nil && delay > 0 {
		timer = time.NewTimer(delay)
	}
	var late <-chan time.Time
	if timer != nil {
		defer timer.Stop()
		late = timer.C
	}
	for range p.copies {
		select {
		case failed := <-p.copied:
			if err == nil {
				err = failed
			}
		case <-late:
			return exec.ErrWaitDelay
		}
	}
	return err
}

// close closes all files.
func (p *cmdIO) close() {
	for _, f := range p.given {
		f.Close()
	}
	for _, f := range p.ours {
		f.Close()
	}
	p.given, p.ours = nil, nil
}

// ends keeps the beginning and the end of what is written to it.
type ends struct {
	head, tail []byte
	left       int64 // number of bytes dropped in between
}

// endSize limits the length of each.
const endSize = 32 << 10

func (e *ends) Write(p []byte) (int, error) {
	n := len(p)
	take := min(endSize-len(e.head), n)
	e.head = append(e.head, p[:take]...)
	e.tail = append(e.tail, p[take:]...)
	if over := len(e.tail) - endSize; over > 0 {
		e.tail = append(e.tail[:0], e.tail[over:]...)
		e.left += int64(over)
	}
	return n, nil
}

func (e *ends) bytes() []byte {
	text := e.head
	if e.left > 0 {
		text = append(text, "\n... left out ...\n"...)
	}
	return append(text, e.tail...)
}
