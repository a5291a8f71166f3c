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
		name, err = nameOf(uintptr(fd))
	}
	if err != nil {
		manager.Close()
		return nil, "", failed("opening", err)
	}
	return manager, name, nil
}

func nameOf(manager uintptr) (string, error) {
	nameBuffer.Lock()
	defer nameBuffer.Unlock()
	text, e := libc.Ptsname(manager)
	if text == 0 {
		return "", outcome(0, max(e, syscall.ENOTTY))
	}
	return libc.Text(text), nil
}

// NameOf returns the name that the terminal of a manager has, in the zone where it
// is one's (ptsname(3C)).
func NameOf(manager *os.File) (name string, err error) {
	err = on(manager, func(fd uintptr) error {
		name, err = nameOf(fd)
		return err
	})
	return name, failed("name", err)
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
