//go:build illumos || linux

package pty

import (
	"os"

	"golang.org/x/sys/unix"
)

// on calls f with the file's descriptor, which can't be closed meanwhile. File.Fd would
// make the file blocking.
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

// State is a terminal's mode (struct termios).
type State struct{ termios unix.Termios }

func modeOf(f *os.File) (*State, error) {
	s := new(State)
	err := on(f, func(fd uintptr) error {
		t, err := unix.IoctlGetTermios(int(fd), unix.TCGETS)
		if err == nil {
			s.termios = *t
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (s *State) keys() Keys {
	cc := &s.termios.Cc
	return Keys{Interrupt: cc[unix.VINTR], Kill: cc[unix.VKILL], EOF: cc[unix.VEOF], EOL: cc[unix.VEOL], Suspend: cc[unix.VSUSP]}
}

func (s *State) makeRaw(f *os.File) error {
	t := s.termios
	t.Iflag &^= unix.ISTRIP | unix.IXON | unix.IXANY | unix.INLCR | unix.ICRNL | unix.IGNCR | unix.IUCLC
	t.Oflag &^= unix.OPOST
	t.Lflag &^= unix.ICANON | unix.ISIG | unix.ECHO | unix.IEXTEN
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	return (&State{t}).set(f)
}

func (s *State) set(f *os.File) error {
	return on(f, func(fd uintptr) error { return unix.IoctlSetTermios(int(fd), unix.TCSETSF, &s.termios) })
}

func (s *State) restore(f *os.File) error {
	return on(f, func(fd uintptr) error { return unix.IoctlSetTermios(int(fd), unix.TCSETSW, &s.termios) })
}

func sizeOf(f *os.File) (Size, error) {
	var size Size
	err := on(f, func(fd uintptr) error {
		w, err := unix.IoctlGetWinsize(int(fd), unix.TIOCGWINSZ)
		if err == nil {
			size = Size{w.Row, w.Col, w.Xpixel, w.Ypixel}
		}
		return err
	})
	return size, err
}

func resize(f *os.File, size Size) error {
	return on(f, func(fd uintptr) error {
		return unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, &unix.Winsize{Row: size.Rows, Col: size.Cols, Xpixel: size.XPixel, Ypixel: size.YPixel})
	})
}
