package pty

import (
	"os"
	"runtime"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/internal/abi"
	"github.com/gozones/zones/sys/internal/libc"
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

func outcome(_ uintptr, e syscall.Errno) error {
	if e == 0 {
		return nil
	}
	return errno.Errno(e)
}

// message sends a request down the stream to its driver (I_STR).
func message(fd uintptr, request int32, data unsafe.Pointer, size int32) error {
	var pin runtime.Pinner
	defer pin.Unpin()
	if data != nil {
		pin.Pin(data)
	}
	s := &abi.Strioctl{Cmd: request, Len: size, Data: data}
	return outcome(libc.Ioctl(fd, abi.I_STR, uintptr(unsafe.Pointer(s))))
}

var nameBuffer sync.Mutex // guards libc's buffer of ptsname

// Open opens a new pair's manager and returns it with the terminal's name, which is
// granted to the caller and unlocked (grantpt(3C), unlockpt(3C), ptsname(3C)).
func Open() (*os.File, string, error) {
	// Non-blocking, so that a reader can be stopped by closing it.
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, "", failed("opening /dev/ptmx", err)
	}
	manager := os.NewFile(uintptr(fd), "/dev/ptmx")
	name := ""
	err = outcome(libc.Grantpt(uintptr(fd)))
	if err == nil {
		err = outcome(libc.Unlockpt(uintptr(fd)))
	}
	if err == nil {
		nameBuffer.Lock()
		var text uintptr
		var e syscall.Errno
		if text, e = libc.Ptsname(uintptr(fd)); text == 0 {
			err = outcome(0, max(e, syscall.ENOTTY))
		} else {
			name = libc.Text(text)
		}
		nameBuffer.Unlock()
	}
	if err != nil {
		manager.Close()
		return nil, "", failed("opening", err)
	}
	return manager, name, nil
}

// GiveToZone moves the pair into a zone (ZONEPT): processes there may open the
// terminal, and only they. EINVAL for an unknown zone, EBUSY once the terminal is
// open.
func GiveToZone(manager *os.File, zone int32) error {
	return failed("giving it to a zone", on(manager, func(fd uintptr) error {
		return message(fd, abi.ZONEPT, unsafe.Pointer(&zone), 4)
	}))
}

// SetOwner makes the terminal a user's (OWNERPT).
func SetOwner(manager *os.File, uid, gid uint32) error {
	owner := [2]uint32{uid, gid} // pt_own_t
	return failed("setting the owner", on(manager, func(fd uintptr) error {
		return message(fd, abi.OWNERPT, unsafe.Pointer(&owner), 8)
	}))
}

// OpenTerminal opens a terminal by its name, not as the controlling one, and pushes
// those of [Modules] that aren't there.
func OpenTerminal(name string) (*os.File, error) {
	fd, err := unix.Open(name, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, failed("opening "+name, err)
	}
	terminal := os.NewFile(uintptr(fd), name)
	for _, module := range Modules {
		if err := push(uintptr(fd), module); err != nil {
			terminal.Close()
			return nil, failed("pushing "+module+" on "+name, err)
		}
	}
	return terminal, nil
}

func push(fd uintptr, module string) error {
	text := libc.CString(module)
	found, e := libc.Ioctl(fd, abi.I_FIND, uintptr(unsafe.Pointer(text)))
	if e != 0 {
		return errno.Errno(e)
	}
	if int32(found) == 1 {
		return nil
	}
	return outcome(libc.Ioctl(fd, abi.I_PUSH, uintptr(unsafe.Pointer(text))))
}

// MakeControlling makes it the controlling terminal of the caller, who leads a
// session without one (TIOCSCTTY).
func MakeControlling(terminal *os.File) error {
	return failed("making it controlling", on(terminal, func(fd uintptr) error {
		return outcome(libc.Ioctl(fd, abi.TIOCSCTTY, 0))
	}))
}

// State is a terminal's mode.
type State struct{ termios unix.Termios }

// MakeRaw makes a terminal pass every byte on as it is, and returns the mode that
// it had.
func MakeRaw(f *os.File) (*State, error) {
	s := new(State)
	err := on(f, func(fd uintptr) error {
		t, err := unix.IoctlGetTermios(int(fd), unix.TCGETS)
		if err != nil {
			return err
		}
		s.termios = *t
		t.Iflag &^= abi.IGNBRK | abi.BRKINT | abi.PARMRK | abi.ISTRIP | abi.INLCR | abi.IGNCR | abi.ICRNL | abi.IXON | abi.IUCLC
		t.Oflag &^= abi.OPOST
		t.Lflag &^= abi.ECHO | abi.ECHONL | abi.ICANON | abi.ISIG | abi.IEXTEN
		t.Cflag = t.Cflag&^(abi.CSIZE|abi.PARENB) | abi.CS8
		t.Cc[abi.VMIN], t.Cc[abi.VTIME] = 1, 0
		return unix.IoctlSetTermios(int(fd), unix.TCSETSF, t)
	})
	if err != nil {
		return nil, failed("raw mode", err)
	}
	return s, nil
}

// Restore gives the terminal that mode again.
func (s *State) Restore(f *os.File) error {
	return failed("mode", on(f, func(fd uintptr) error { return unix.IoctlSetTermios(int(fd), unix.TCSETSF, &s.termios) }))
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
