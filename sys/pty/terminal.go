package pty

import (
	"os"

	"golang.org/x/sys/unix"
)

// Size is how large a terminal's window is (struct winsize).
type Size struct {
	Rows, Cols     uint16 // characters
	XPixel, YPixel uint16 // mostly 0
}

// on calls f with the descriptor while it can't be closed. The file keeps its way
// of waiting, which Fd would take from it.
func on(f *os.File, call func(fd uintptr) error) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	if err := raw.Control(func(fd uintptr) { inner = call(fd) }); err != nil {
		return err
	}
	return inner
}

// Chars are the characters by which a terminal's user edits a line and sends
// signals; 0 for one that is switched off.
type Chars struct {
	Interrupt, Kill, EOF, EOL, Suspend byte // VINTR, VKILL, VEOF, VEOL, VSUSP
}

// State is a terminal's mode.
type State struct {
	Chars   Chars
	termios unix.Termios
}

// StateOf returns a terminal's mode. ENOTTY for what is none.
func StateOf(f *os.File) (*State, error) {
	s := new(State)
	err := on(f, func(fd uintptr) error {
		t, err := unix.IoctlGetTermios(int(fd), getMode)
		if err != nil {
			return err
		}
		s.termios = *t
		s.Chars = Chars{
			Interrupt: char(t.Cc[unix.VINTR]), Kill: char(t.Cc[unix.VKILL]), EOF: char(t.Cc[unix.VEOF]),
			EOL: char(t.Cc[unix.VEOL]), Suspend: char(t.Cc[unix.VSUSP]),
		}
		return nil
	})
	if err != nil {
		return nil, failed("mode", err)
	}
	return s, nil
}

// char is a control character as [Chars] has it.
func char(c byte) byte {
	if c == disabled {
		return 0
	}
	return c
}

// MakeRaw makes a terminal pass every byte on as it is, and returns the mode that
// it had. Input that nobody has read is thrown away.
func MakeRaw(f *os.File) (*State, error) {
	s, err := StateOf(f)
	if err != nil {
		return nil, err
	}
	t := s.termios
	t.Iflag &^= unix.ISTRIP | unix.IXON | unix.IXANY | unix.INLCR | unix.ICRNL | unix.IGNCR | lowerCase
	t.Oflag &^= unix.OPOST
	t.Lflag &^= unix.ICANON | unix.ISIG | unix.ECHO | unix.IEXTEN
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	err = on(f, func(fd uintptr) error { return unix.IoctlSetTermios(int(fd), setModeFlush, &t) })
	if err != nil {
		return nil, failed("raw mode", err)
	}
	return s, nil
}

// Restore gives the terminal that mode again, once what was written has been
// shown.
func (s *State) Restore(f *os.File) error {
	t := s.termios
	return failed("mode", on(f, func(fd uintptr) error { return unix.IoctlSetTermios(int(fd), setModeDrain, &t) }))
}

// SizeOf returns how large a terminal's window is. ENOTTY for what is none.
func SizeOf(f *os.File) (Size, error) {
	var size Size
	err := on(f, func(fd uintptr) error {
		w, err := unix.IoctlGetWinsize(int(fd), unix.TIOCGWINSZ)
		if err == nil {
			size = Size{w.Row, w.Col, w.Xpixel, w.Ypixel}
		}
		return err
	})
	return size, failed("size", err)
}

// Resize sets it; the foreground processes get SIGWINCH when it has changed.
func Resize(f *os.File, size Size) error {
	return failed("size", on(f, func(fd uintptr) error {
		return unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, &unix.Winsize{Row: size.Rows, Col: size.Cols, Xpixel: size.XPixel, Ypixel: size.YPixel})
	}))
}
