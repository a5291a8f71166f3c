package zlogin

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/gozones/zones/internal/posix"
	"github.com/gozones/zones/sys/pty"
)

func isTerminal(f *os.File) bool {
	if f == nil {
		return false
	}
	_, err := pty.ModeOf(f)
	return err == nil
}

// interact gives the user a terminal of the zone with a login on it, and returns the
// exit status.
func (l *Login) interact(p *Program, o *Options) (int, error) {
	p.Cmd.Pty, p.Cmd.Like = true, l.In
	warning := ""
	process, err := l.Start(p, func(text string) { warning = text + "\n" })
	if err != nil {
		return 0, err
	}
	defer process.Close()
	manager := process.Pty()
	defer manager.Close()
	line, err := pty.NameOf(manager)
	if err != nil {
		return 0, failed("failed to obtain a pseudo-tty", err)
	}
	line = strings.TrimPrefix(line, "/dev/")
	if !o.Quiet {
		fmt.Fprintf(l.Out, "[Connected to zone '%s' %s]\n", p.Zone, line)
	}
	mode, err := pty.MakeRaw(l.In)
	if err != nil {
		return 0, failed("failed to set stdin pty to raw mode", err)
	}
	defer restoreOnSignal(l.In, mode)()
	io.WriteString(l.Out, warning)
	defer followSize(l.In, manager)()
	l.dropPrivileges(keepForInteractive)
	ended := make(chan struct{})
	go func() {
		_, _ = process.Wait()
		close(ended)
	}()
	t := &talk{Scanner: Scanner{Escape: o.Escape, Keys: mode.Keys()}, in: l.In, out: l.Out, zone: manager, ended: ended}
	end := t.run()
	mode.Restore(l.In)
	if !o.Quiet {
		fmt.Fprintf(l.Err, "\n[Connection to zone '%s' %s closed]\n", p.Zone, line)
	}
	if end == inputClosed {
		fmt.Fprintf(l.Err, "Error: connection closed due to unexpected pollevents=0x%x.\n", pollNVal)
		return ExitFailed, nil
	}
	return ExitOK, nil
}

// pollNVal is what poll(2) returns for the zone's side after the user's input has ended,
// because it is closed then (POLLNVAL).
const pollNVal = 0x20

// restoreOnSignal restores the terminal's mode when a signal ends the process. The
// returned function stops that.
func restoreOnSignal(terminal *os.File, mode *pty.State) (stop func()) {
	signals := make(chan os.Signal, 1)
	done := make(chan struct{})
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	go func() {
		select {
		case sig := <-signals:
			mode.Restore(terminal)
			signal.Reset(sig)
			_ = posix.Raise(sig.(syscall.Signal))
		case <-done:
		}
	}()
	return func() {
		signal.Stop(signals)
		close(done)
	}
}

// followSize keeps the size of the terminal in the zone equal to that of the user's
// terminal.
func followSize(from, to *os.File) (stop func()) {
	changes := make(chan os.Signal, 1)
	done := make(chan struct{})
	signal.Notify(changes, posix.SIGWINCH)
	// The size may have changed since the program was started.
	changes <- posix.SIGWINCH
	go func() {
		for {
			select {
			case <-changes:
				if size, err := pty.SizeOf(from); err == nil {
					_ = pty.Resize(to, size)
				}
			case <-done:
				return
			}
		}
	}()
	return func() {
		signal.Stop(changes)
		close(done)
	}
}

// ending is why a session's conversation ended.
type ending int

const (
	zoneClosed  ending = iota // the program has exited or closed the terminal
	userLeft                  // by the escape
	inputClosed               // the user's terminal was closed
)

// talk sends what a user types to the zone and shows what the zone writes.
type talk struct {
	Scanner
	in, out *os.File
	zone    source
	ended   <-chan struct{} // closed when the program has exited; nil: there is no program
}

// typedSize is how much is read at once of what a user types.
const typedSize = 1024

// run returns when the conversation has ended. Everything the zone wrote until then has
// been shown, unless the user left. A pending read of the user's terminal is abandoned:
// it ends with the process.
func (t *talk) run() ending {
	shown := &stream{from: t.zone, to: t.out, done: make(chan struct{})}
	go shown.copy()
	typed := make(chan ending, 1)
	echo := ""
	go func() {
		end, text := t.listen()
		echo = text
		typed <- end
	}()
	select {
	case <-shown.done:
		return zoneClosed
	case <-t.ended:
		shown.drain()
		return zoneClosed
	case end := <-typed:
		if end != userLeft {
			shown.drain()
			return end
		}
		shown.stop()
		io.WriteString(t.out, echo)
		return end
	}
}

// listen sends on what is typed until that ends the conversation, and returns what of it
// to show.
func (t *talk) listen() (ending, string) {
	typed := make([]byte, typedSize)
	for {
		n, err := t.in.Read(typed)
		toZone, echo, leave := t.Scan(typed[:n])
		if len(toZone) > 0 {
			if _, err := t.zone.Write(toZone); err != nil {
				return zoneClosed, ""
			}
		}
		switch {
		case leave:
			return userLeft, echo
		case errors.Is(err, io.EOF):
			return inputClosed, ""
		case err != nil:
			return zoneClosed, ""
		}
	}
}
