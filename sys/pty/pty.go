package pty

import (
	"fmt"
	"os"
)

// Modules are the STREAMS modules that make a stream a terminal, from the bottom up.
// [OpenTerminal] pushes those that autopush(8) hasn't pushed. After the first one it sets the
// stream's anchor.
var Modules = []string{"ptem", "ldterm", "ttcompat"}

// Size is the size of a terminal's window (struct winsize).
type Size struct {
	Rows, Cols     uint16 // in characters
	XPixel, YPixel uint16 // in pixels; often 0
}

// Keys are a terminal's control characters, such as 3 (Control-C) for Interrupt. A key
// that is disabled is 0.
type Keys struct{ Interrupt, Kill, EOF, EOL, Suspend byte }

// Open opens the manager of a new pair and returns it with the name of its terminal,
// which is granted to the caller and unlocked (grantpt(3C), unlockpt(3C), ptsname(3C)).
func Open() (manager *os.File, name string, err error) {
	manager, name, err = open()
	return manager, name, failed("opening /dev/ptmx", err)
}

// NameOf returns the name of a manager's terminal, in the zone that the terminal is in
// (ptsname(3C)). ENOTTY when the file isn't a manager.
func NameOf(manager *os.File) (string, error) {
	name, err := nameOf(manager)
	return name, failed("name", err)
}

// GiveToZone moves a pair into a zone (ZONEPT): from then on only processes of that zone
// can open the terminal. Where it is open it stays open. EINVAL for an id that no zone can
// have.
func GiveToZone(manager *os.File, zone int32) error {
	return failed("giving it to a zone", giveToZone(manager, zone))
}

// SetOwner sets the owner and group of a manager's terminal (OWNERPT).
func SetOwner(manager *os.File, uid, gid uint32) error {
	return failed("setting the owner", setOwner(manager, uid, gid))
}

// OpenTerminal opens a terminal by name and pushes the missing [Modules]. It doesn't
// become the controlling terminal.
func OpenTerminal(name string) (*os.File, error) {
	f, err := openTerminal(name)
	return f, failed("opening "+name, err)
}

// Anchor sets the anchor of a stream above its modules (I_ANCHOR): processes of other zones
// than the caller's can't pop these. EINVAL or ENOTTY when the file isn't such a stream.
func Anchor(fd uintptr) error { return failed("anchor", anchor(fd)) }

// MakeControlling makes a terminal the controlling terminal of the calling process
// (TIOCSCTTY), which must be a session leader without one, else ENOTTY.
func MakeControlling(terminal *os.File) error {
	return failed("making it controlling", makeControlling(terminal))
}

// ModeOf returns a terminal's mode (tcgetattr(3C)). ENOTTY when the file isn't a
// terminal.
func ModeOf(f *os.File) (*State, error) {
	s, err := modeOf(f)
	return s, failed("mode", err)
}

// Keys returns the control characters of the mode.
func (s *State) Keys() Keys { return s.keys() }

// MakeRaw makes a terminal pass every byte on unchanged, and returns the mode that it
// had. It drops unread input, and leaves character size and parity alone, as zlogin(1)
// does. ENOTTY when the file isn't a terminal.
func MakeRaw(f *os.File) (*State, error) {
	s, err := ModeOf(f)
	if err != nil {
		return nil, err
	}
	if err := s.makeRaw(f); err != nil {
		return nil, failed("raw mode", err)
	}
	return s, nil
}

// Restore sets the terminal's mode to s once all output has been sent.
func (s *State) Restore(f *os.File) error { return failed("mode", s.restore(f)) }

// SizeOf returns the size of a terminal's window (TIOCGWINSZ). ENOTTY when the file
// isn't a terminal.
func SizeOf(f *os.File) (Size, error) {
	size, err := sizeOf(f)
	return size, failed("size", err)
}

// Resize sets the size of a terminal's window (TIOCSWINSZ). The foreground processes get
// SIGWINCH when it changes.
func Resize(f *os.File, size Size) error { return failed("size", resize(f, size)) }

// SetLooks sets a terminal's mode and size, and drops unread input.
func SetLooks(f *os.File, mode *State, size Size) error {
	if err := mode.set(f); err != nil {
		return failed("mode", err)
	}
	return Resize(f, size)
}

func failed(op string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("pseudo-terminal: %s: %w", op, err)
}
