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

// cmdIO is what lies between a program in a zone and the caller's readers and writers.
type cmdIO struct {
	given  []*os.File     // the program's ends, closed here once it has them
	ours   []io.Closer    // the other ends, closed when the program has ended
	copies []func() error // run beside the program, and waited for
	copied chan error     // what they return
	alone  []func() error // run beside the program, and not waited for
	feed   *zlogin.Feed   // of a file of the machine's, nil: none
	piped  [3]*os.File    // the program's ends of StdinPipe and the others, nil: none
}

// StdinPipe returns what the program reads from when it has started. Closing it is the
// end of the program's input; Wait closes it, too.
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

// StdoutPipe returns what the program writes to its standard output when it has
// started. Wait closes it: read to its end first.
func (c *Cmd) StdoutPipe() (io.ReadCloser, error) {
	if c.Stdout != nil {
		return nil, errors.New("zones: Stdout already set")
	}
	return c.outPipe("StdoutPipe", 1)
}

// StderrPipe returns what the program writes to its standard error when it has
// started. Wait closes it: read to its end first.
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

// closeOnce is a pipe that the caller may close before Wait does.
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

// keep takes both ends of a pipe: the program's and the one that stays here.
func (p *cmdIO) keep(given *os.File, ours io.Closer) {
	p.given = append(p.given, given)
	p.ours = append(p.ours, ours)
}

// connect makes what the program is given.
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

// same tells that two writers are one; of types that can't be compared none is.
func same(a, b io.Writer) bool {
	defer func() { recover() }()
	return a == b
}

// input copies from a reader. A file of the machine gets back what the program hasn't
// read, and isn't waited for.
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
			return nil // the program wanted no more
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
		r.Close() // in case of an error: the program is to learn of it
		return err
	})
	return zlogin.ForChild(w), nil
}

// endOfFile is what is typed at the end of a terminal's input.
const endOfFile = "\x04"

// terminal copies from and to the terminal of a program.
func (p *cmdIO) terminal(t *os.File, in io.Reader, out io.Writer) {
	p.ours = append(p.ours, t)
	if in != nil {
		if _, file := in.(*os.File); !file {
		}
		p.copies = append(p.copies, func() error {
			_, err := io.Copy(t, in)
			io.WriteString(t, endOfFile)
			if errors.Is(err, syscall.EIO) || errors.Is(err, os.ErrClosed) {
				return nil // nobody reads there any more
			}
			return err
		})
	}
	if out != nil {
		p.copies = append(p.copies, func() error {
			_, err := io.Copy(out, t)
			if errors.Is(err, syscall.EIO) || errors.Is(err, os.ErrClosed) {
				return nil // the last one who had the terminal is gone
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
		go copy()
	}
	if p.feed != nil {
		go p.feed.Copy()
	}
}

// wait returns when all is copied, or soon after the time is up: that of timer, or
// delay from now on. The error is the first of those that copied.
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

// close closes what is open on this side, and what the program has not been given.
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
	left       int64 // bytes that were left out between the two
}

// endSize is how much each of the two is, at most.
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
