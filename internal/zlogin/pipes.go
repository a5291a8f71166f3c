package zlogin

import (
	"errors"
	"io"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gozones/zones/internal/posix"
	"github.com/gozones/zones/sys/zone"
)

// drainFor is how long output may still arrive after the program has exited. A process
// left behind in the zone with the pipe open doesn't delay the session longer.
const drainFor = 100 * time.Millisecond

// source is the zone's side of a stream.
type source interface {
	io.ReadWriteCloser
	SetReadDeadline(time.Time) error
}

// stream copies what comes from a zone to one of the caller's files.
type stream struct {
	from  source
	to    io.Writer
	state atomic.Int32 // flowing or one of the states after it
	done  chan struct{}
	lost  error // of writing to the caller; set before done is closed
}

// The states of a stream.
const (
	flowing  = iota
	draining // the program has exited: copy until nothing arrives for drainFor
	stopped  // output is discarded
)

// newStream returns a stream and the program's end of it.
func newStream(to *os.File) (*stream, *os.File, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	return &stream{from: r, to: to, done: make(chan struct{})}, ForChild(w), nil
}

// ForChild makes a file of this process usable by a program: Go has set O_NONBLOCK on
// it, which the program wouldn't expect.
func ForChild(f *os.File) *os.File {
	_ = posix.Blocking(f) // fails only for a file that is closed, which no program can use
	return f
}

const pieceSize = 64 << 10

// copy copies until the end, then closes the zone's side, so that a program whose output
// is no longer read gets EPIPE.
func (s *stream) copy() {
	defer close(s.done)
	defer s.from.Close()
	piece := make([]byte, pieceSize)
	for {
		n, err := s.from.Read(piece)
		if s.state.Load() == stopped {
			return
		}
		if n > 0 {
			if _, err := s.to.Write(piece[:n]); err != nil {
				s.lost = err
				return
			}
			if s.state.Load() == draining {
				s.from.SetReadDeadline(time.Now().Add(drainFor))
			}
		}
		if err != nil {
			return
		}
	}
}

// drain returns when all output has been copied.
func (s *stream) drain() {
	s.state.Store(draining)
	s.from.SetReadDeadline(time.Now().Add(drainFor))
	<-s.done
}

// stop returns when no more will be written, or when the caller's side has accepted
// nothing for a while.
func (s *stream) stop() {
	s.state.Store(stopped)
	s.from.SetReadDeadline(time.Now())
	select {
	case <-s.done:
	case <-time.After(drainFor):
	}
}

// Feed copies the caller's input to a program. If the input is a file, its offset is set
// back to what the program has read.
type Feed struct {
	from     *os.File
	r, w     *os.File
	seekable bool
	taken    int64 // bytes read from the file
	done     chan struct{}
}

// newFeed returns a feed and the program's end of it.
func newFeed(from *os.File) (*Feed, *os.File, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	f := &Feed{from: from, r: r, w: w, done: make(chan struct{})}
	if info, err := from.Stat(); err == nil && info.Mode().IsRegular() {
		_, err := from.Seek(0, io.SeekCurrent)
		f.seekable = err == nil
	}
	return f, ForChild(r), nil
}

// Copy copies until either side is closed.
func (f *Feed) Copy() {
	defer close(f.done)
	defer f.w.Close()
	piece := make([]byte, pieceSize/2)
	for {
		n, err := f.from.Read(piece)
		f.taken += int64(n)
		if n > 0 {
			written, err := f.w.Write(piece[:n])
			if err != nil {
				f.giveBack(int64(n - written))
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// End ends the feed of a program that has exited.
func (f *Feed) End() {
	if !f.seekable {
		// A read of the terminal could wait forever.
		f.r.Close()
		return
	}
	f.w.SetWriteDeadline(time.Now())
	<-f.done
	// Read what is left in the pipe; it has no writer any more.
	left, _ := io.Copy(io.Discard, f.r)
	f.giveBack(left)
	f.r.Close()
}

func (f *Feed) giveBack(n int64) {
	if f.seekable && n > 0 {
		_, _ = f.from.Seek(-n, io.SeekCurrent)
	}
}

// forwarded are the signals of this process that are meant for the program, without those
// that the caller has it ignore, as nohup(1) does.
func forwarded() (signals []os.Signal) {
	for _, sig := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(sig) {
			signals = append(signals, sig)
		}
	}
	return signals
}

// Run runs a program with the caller's input, output and error, and returns its exit
// status. SIGINT, SIGTERM and SIGHUP are forwarded to it: nobody else would end it. The
// second of the latter two kills it. If it dies of them the status is that of a shell, 128
// and the number.
//
// The only file of the caller that the program gets is a pipe to read from. Everything
// else is copied through pipes: a program in a zone that has one of the host's files
// could change its mode, its owner or other parts of it, and on a terminal it could act
// as the terminal's user.
func (l *Login) Run(p *Program, noInput bool) (zone.ExitStatus, error) {
	c := &connection{}
	defer c.close()
	if err := c.connect(l, p, noInput); err != nil {
		return zone.ExitStatus{}, err
	}
	interrupts := make(chan os.Signal, 2)
	if signals := forwarded(); len(signals) > 0 { // none would be all
		signal.Notify(interrupts, signals...)
		defer signal.Stop(interrupts)
	}
	process, err := l.Start(p, func(text string) { io.WriteString(l.Err, text+"\n") })
	c.started()
	if err != nil {
		return zone.ExitStatus{}, err
	}
	defer process.Close()
	l.dropPrivileges(keepForPipes)
	if c.in != nil {
		go c.in.Copy()
	}
	go c.out.copy()
	go c.err.copy()
	ended := make(chan struct{})
	defer close(ended)
	var leaving atomic.Bool
	go func() {
		for {
			select {
			case sig := <-interrupts:
				if sig != syscall.SIGINT && leaving.Swap(true) {
					sig = syscall.SIGKILL
				}
				process.Signal(sig)
			case <-ended:
				return
			}
		}
	}()
	status, err := process.Wait()
	if leaving.Load() && status.Signal != 0 {
		status.Code = 128 + status.Signal
	}
	if c.in != nil {
		c.in.End()
	}
	c.out.drain()
	c.err.drain()
	if err != nil {
		return zone.ExitStatus{}, failed("the program in zone "+p.Zone+" was lost", err)
	}
	for _, s := range []*stream{c.out, c.err} {
		if s.lost != nil && status.Code == 0 {
			return zone.ExitStatus{}, failed("could not write the program's output", s.lost)
		}
	}
	return status, nil
}

// connection connects a program in a zone with the caller's files.
type connection struct {
	in       *Feed
	out, err *stream
	given    []*os.File // the program's ends, closed here after it has started
}

// connect makes the files of a program. Errors are of type *[Error].
func (c *connection) connect(l *Login, p *Program, noInput bool) error {
	if !noInput {
		if err := c.input(l, p); err != nil {
			return failed("could not create STDIN pipe", err)
		}
	}
	var err error
	if c.out, p.Cmd.Stdout, err = newStream(l.Out); err != nil {
		return failed("could not create STDOUT pipe", err)
	}
	c.given = append(c.given, p.Cmd.Stdout)
	if c.err, p.Cmd.Stderr, err = newStream(l.Err); err != nil {
		return failed("could not create STDERR pipe", err)
	}
	c.given = append(c.given, p.Cmd.Stderr)
	return nil
}

func (c *connection) input(l *Login, p *Program) (err error) {
	p.Cmd.Stdin, c.in, err = Input(l.In)
	return err
}

// Input returns the standard input of a program in a zone for a file of the host: the
// file itself only if it is an unnamed pipe, otherwise the reading end of a feed, which
// the caller must run. nil is the zone's /dev/null.
func Input(from *os.File) (given *os.File, feed *Feed, err error) {
	switch {
	case from == nil || sameAs(from, os.DevNull):
		return nil, nil, nil
	case isPipe(from):
		return from, nil, nil
	}
	feed, given, err = newFeed(from)
	return given, feed, err
}

// started closes the program's ends.
func (c *connection) started() {
	for _, f := range c.given {
		f.Close()
	}
	c.given = nil
}

func (c *connection) close() {
	c.started()
	if c.in != nil {
		c.in.r.Close()
	}
	for _, s := range []*stream{c.out, c.err} {
		if s != nil {
			s.from.Close()
		}
	}
}

func sameAs(f *os.File, path string) bool {
	a, err1 := f.Stat()
	b, err2 := os.Stat(path)
	return errors.Join(err1, err2) == nil && os.SameFile(a, b)
}

// isPipe reports whether a file is an unnamed pipe. A FIFO with a name is a file of the
// host.
func isPipe(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		return false
	}
	r, w, err := os.Pipe()
	if err != nil {
		return false
	}
	defer r.Close()
	defer w.Close()
	model, err := r.Stat()
	if err != nil {
		return false
	}
	a, errA := posix.StatOf(info)
	b, errB := posix.StatOf(model)
	return errA == nil && errB == nil && a.Device == b.Device
}
