package pty

import (
	"fmt"
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

// message sends a request to the driver at the end of the stream (I_STR).
func message(fd uintptr, request int32, data unsafe.Pointer, size int32) error {
	var pin runtime.Pinner
	defer pin.Unpin()
	pin.Pin(data)
	s := &abi.Strioctl{Cmd: request, Len: size, Data: data}
	return outcome(libc.Ioctl(fd, abi.I_STR, uintptr(unsafe.Pointer(s))))
}

var nameBuffer sync.Mutex // guards the buffer in libc that ptsname returns

func open() (*os.File, string, error) {
	// Non-blocking, so that closing the file wakes its readers.
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, "", err
	}
	manager := os.NewFile(uintptr(fd), "/dev/ptmx")
	name := ""
	err = outcome(libc.Grantpt(uintptr(fd)))
	if err == nil {
		err = outcome(libc.Unlockpt(uintptr(fd)))
	}
	if err == nil {
		name, err = ptsname(uintptr(fd))
	}
	if err != nil {
		manager.Close()
		return nil, "", err
	}
	return manager, name, nil
}

func ptsname(manager uintptr) (string, error) {
	nameBuffer.Lock()
	defer nameBuffer.Unlock()
	text, e := libc.Ptsname(manager)
	if text == 0 {
		return "", outcome(0, max(e, syscall.ENOTTY))
	}
	return libc.Text(text), nil
}

func nameOf(manager *os.File) (name string, err error) {
	err = on(manager, func(fd uintptr) error {
		name, err = ptsname(fd)
		return err
	})
	return name, err
}

func giveToZone(manager *os.File, zone int32) error {
	return on(manager, func(fd uintptr) error { return message(fd, abi.ZONEPT, unsafe.Pointer(&zone), 4) })
}

func setOwner(manager *os.File, uid, gid uint32) error {
	owner := [2]uint32{uid, gid} // pt_own_t
	return on(manager, func(fd uintptr) error { return message(fd, abi.OWNERPT, unsafe.Pointer(&owner), 8) })
}

func openTerminal(name string) (*os.File, error) {
	fd, err := unix.Open(name, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	terminal := os.NewFile(uintptr(fd), name)
	for i, module := range Modules {
		err := push(uintptr(fd), module)
		if err == nil && i == 0 {
			err = anchor(uintptr(fd))
		}
		if err != nil {
			terminal.Close()
			return nil, fmt.Errorf("pushing %s: %w", module, err)
		}
	}
	return terminal, nil
}

func anchor(fd uintptr) error { return outcome(libc.Ioctl(fd, abi.I_ANCHOR, 0)) }

// push pushes a module unless the stream has it.
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

func makeControlling(terminal *os.File) error {
	return on(terminal, func(fd uintptr) error { return outcome(libc.Ioctl(fd, abi.TIOCSCTTY, 0)) })
}
