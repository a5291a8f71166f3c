//go:build illumos || linux

package pty

import (
	"os"

	"golang.org/x/sys/unix"
)

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

// State is a terminal's mode.
type State struct{ termios unix.Termios }

// ModeOf returns a terminal's mode. ENOTTY for what is none.
func ModeOf(f *os.File) (*State, error) {
	s := new(State)
	err := on(f, func(fd uintptr) error {
		t, err := unix.IoctlGetTermios(int(fd), unix.TCGETS)
		if err == nil {
			s.termios = *t
		}
		return err
	})
	if err != nil {
		return nil, failed("mode", err)
	}
	return s, nil
}

// Keys returns the bytes of its keys.
func (s *State) Keys() Keys {
	cc := &s.termios.Cc
	return Keys{Interrupt: cc[unix.VINTR], Kill: cc[unix.VKILL], EOF: cc[unix.VEOF], EOL: cc[unix.VEOL], Suspend: cc[unix.VSUSP]}
}

// MakeRaw makes a terminal pass every byte on as it is, and returns the mode that
// it had. Input that wasn't read yet is dropped. Bits and parity of a line are left
// alone, as zlogin(1) does.
func MakeRaw(f *os.File) (*State, error) {
	s, err := ModeOf(f)
	if err != nil {
		return nil, err
	}
	t := s.termios
	t.Iflag &^= unix.ISTRIP | unix.IXON | unix.IXANY | unix.INLCR | unix.ICRNL | unix.IGNCR | unix.IUCLC
	t.Oflag &^= unix.OPOST
	t.Lflag &^= unix.ICANON | unix.ISIG | unix.ECHO | unix.IEXTEN
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	err = on(f, func(fd uintptr) error { return unix.IoctlSetTermios(int(fd), unix.TCSETSF, &t) })
	if err != nil {
		return nil, failed("raw mode", err)
	}
	return s, nil
}

// Restore gives the terminal that mode again, once its output is out.
func (s *State) Restore(f *os.File) error {
	return failed("mode", on(f, func(fd uintptr) error { return unix.IoctlSetTermios(int(fd), unix.TCSETSW, &s.termios) }))
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

// SetLooks gives a terminal a mode and a size.
func SetLooks(f *os.File, mode *State, size Size) error {
	err := on(f, func(fd uintptr) error { return unix.IoctlSetTermios(int(fd), unix.TCSETSF, &mode.termios) })
	if err != nil {
		return failed("mode", err)
	}
	return Resize(f, size)
}
