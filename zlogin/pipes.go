package zlogin

import (
	"errors"
	"io"
	"os"
	"os/signal"
	"sync"
	"time"
)

// pipes runs the program with the caller's standard files, bytes unchanged and each
// of the three apart. A pipe or a file of the caller's is the program's own, so
// that nothing is read that it doesn't read; what isn't fit for a zone, such as a
// terminal, is copied through a pipe.
func (s *session) pipes() int {
	in := s.t.In
	if s.o.noInput {
		null, err := os.Open(os.DevNull)
		if err != nil {
			s.t.sayOf("failed to open null device", err)
			return ExitFailed
		}
		defer null.Close()
		in = null
	}
	r := &relay{}
	defer r.close()
	var err error
	if s.cmd.Stdin, err = r.input(in); err != nil {
		s.t.sayOf("could not create STDIN pipe", err)
		return ExitFailed
	}
	if s.cmd.Stdout, err = r.output(s.t.Out); err != nil {
		s.t.sayOf("could not create STDOUT pipe", err)
		return ExitFailed
	}
	if s.cmd.Stderr, err = r.output(s.t.Err); err != nil {
		s.t.sayOf("could not create STDERR pipe", err)
		return ExitFailed
	}
	p, err := s.start()
	if err != nil {
		return s.notStarted(err)
	}
	defer p.Close()
	r.begin()
	stop := forward(p)
	exit, err := p.Wait()
	stop()
	r.drain()
	if err != nil {
		s.t.say("the zone or its kernel went while the program ran: %s", reason(err))
		return ExitFailed
	}
	return status(exit)
}

// forward sends on interrupts to the program's process group.
func forward(p interface{ Signal(os.Signal) error }) (stop func()) {
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	var wg sync.WaitGroup
	wg.Go(func() {
		for sig := range interrupts {
			p.Signal(sig)
		}
	})
	return func() {
		signal.Stop(interrupts)
		close(interrupts)
		wg.Wait()
	}
}

// relay copies between the caller's files and those of the program that can't be
// the same.
type relay struct {
	theirs  []*os.File // the program's ends, closed here once it has them
	ours    []*os.File
	copies  []func()
	outputs sync.WaitGroup
	drained []*os.File // our ends of outputs
}

// input returns the program's standard input for a file of the caller's.
func (r *relay) input(f *os.File) (*os.File, error) {
	if passable(f) {
		return f, nil
	}
	theirs, ours, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	r.theirs, r.ours = append(r.theirs, theirs), append(r.ours, ours)
	// Nothing waits for this copy: its end is that of the caller's input, which may
	// be long after the program's.
	r.copies = append(r.copies, func() {
		go func() {
			io.Copy(ours, f)
			ours.Close()
		}()
	})
	return theirs, nil
}

// output returns the program's standard output or error.
func (r *relay) output(f *os.File) (*os.File, error) {
	if passable(f) {
		return f, nil
	}
	ours, theirs, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	r.theirs, r.ours, r.drained = append(r.theirs, theirs), append(r.ours, ours), append(r.drained, ours)
	r.copies = append(r.copies, func() {
		r.outputs.Go(func() { copyOutput(f, ours) })
	})
	return theirs, nil
}

// patience is how long output may take to come after the program's end, when
// something that it started still holds the pipe.
const patience = 100 * time.Millisecond

// copyOutput copies until the end, or until a deadline after which nothing came.
func copyOutput(to io.Writer, from *os.File) {
	buf := make([]byte, 8192)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded) && n > 0:
			from.SetReadDeadline(time.Now().Add(patience))
		case err != nil:
			return
		}
	}
}

// begin starts copying, once the program has its ends.
func (r *relay) begin() {
	for _, f := range r.theirs {
		f.Close()
	}
	r.theirs = nil
	for _, start := range r.copies {
		start()
	}
}

// drain returns when what the program wrote has been copied.
func (r *relay) drain() {
	for _, f := range r.drained {
		f.SetReadDeadline(time.Now().Add(patience))
	}
	r.outputs.Wait()
}

func (r *relay) close() {
	for _, f := range append(r.theirs, r.ours...) {
		f.Close()
	}
}
