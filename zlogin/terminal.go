package zlogin

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/gozones/zones/sys/pty"
)

// terminal runs the program on a terminal of the zone's own, and has the user's
// terminal in raw mode meanwhile.
func (s *session) terminal() int {
	state, err := pty.ModeOf(s.t.In)
	if err != nil {
		s.t.sayOf("failed to get terminal settings from stdin", err)
		return ExitFailed
	}
	s.cmd.Pty = true
	p, err := s.start()
	if err != nil {
		return s.notStarted(err)
	}
	defer p.Close()
	manager := p.Pty()
	if manager == nil {
		s.t.say("failed to obtain a pseudo-tty")
		return ExitFailed
	}
	defer manager.Close()
	if size, err := pty.SizeOf(s.t.In); err == nil {
		pty.Resize(manager, size)
	}
	name := terminalName(manager)
	s.tell(s.t.Out, "[Connected to zone '%s' %s]\n", s.o.zone, name)
	if _, err := pty.MakeRaw(s.t.In); err != nil {
		s.t.say("failed to set stdin pty to raw mode")
		return ExitFailed
	}
	stop := followSize(s.t.In, manager)
	c := state.Keys()
	conversation{
		in: s.t.In, out: s.t.Out, zone: manager,
		escapes: newEscapes(s.o.escape, s.o.noEscape, c.Interrupt, c.Kill, c.Suspend, c.EOL, c.EOF),
	}.run()
	stop()
	state.Restore(s.t.In)
	s.tell(s.t.Err, "\n[Connection to zone '%s' %s closed]\n", s.o.zone, name)
	return ExitOK
}

// terminalName is the zone's name for the terminal, as far as it can be told.
func terminalName(manager *os.File) string {
	if name := filepath.Base(manager.Name()); filepath.Dir(manager.Name()) == "/dev/pts" {
		return "pts/" + name
	}
	return "pts"
}

// tell prints a line about the connection, unless the user wants none.
func (s *session) tell(to io.Writer, format string, args ...any) {
	if !s.o.quiet {
		fmt.Fprintf(to, format, args...)
	}
}

// followSize gives the zone's terminal the size of the user's window whenever that
// changes.
func followSize(window, manager *os.File) (stop func()) {
	changes := make(chan os.Signal, 1)
	signal.Notify(changes, syscall.SIGWINCH)
	var wg sync.WaitGroup
	wg.Go(func() {
		for range changes {
			if size, err := pty.SizeOf(window); err == nil {
				pty.Resize(manager, size)
			}
		}
	})
	return func() {
		signal.Stop(changes)
		close(changes)
		wg.Wait()
	}
}

// conversation is what passes between a user and a zone's terminal or console.
type conversation struct {
	in, out *os.File
	zone    io.ReadWriter
	escapes *escapes
}

// run returns when the zone's side has ended, or the user has asked to disconnect.
// Reading the user's input may go on after that: the process is at its end.
func (c conversation) run() {
	ended := make(chan struct{})
	left := make(chan string, 1)
	go func() {
		defer close(ended)
		io.Copy(c.out, toEnd{c.zone})
	}()
	go func() {
		buf := make([]byte, 1024)
		for {
			n, err := c.in.Read(buf)
			if n > 0 {
				out, echo, done := c.escapes.feed(buf[:n])
				if len(out) > 0 {
					if _, err := c.zone.Write(out); err != nil {
						return // the other side has ended, which the reader learns too
					}
				}
				if done {
					left <- echo
					return
				}
			}
			if err != nil {
				left <- ""
				return
			}
		}
	}()
	select {
	case <-ended:
	case echo := <-left:
		io.WriteString(c.out, echo)
	}
}

// toEnd reads from a terminal's manager, where the end is told by an error.
type toEnd struct{ io.Reader }

func (r toEnd) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if errors.Is(err, syscall.EIO) {
		err = io.EOF
	}
	return n, err
}
