package zcons

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"runtime"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/internal/abi"
	"github.com/gozones/zones/sys/internal/libc"
	"github.com/gozones/zones/sys/nvlist"
)

const (
	driver = "zcons"
	// nexus is the device of the driver's parent, which takes the requests about its children.
	nexus    = "/devices/pseudo/zconsnex@1:devctl"
	devfsadm = "/usr/sbin/devfsadm"
)

func makeDevice(zone string) error {
	_, err := address(zone)
	if errors.Is(err, os.ErrNotExist) { // the device may only lack its links
		if err = makeLinks(); err == nil {
			_, err = address(zone)
		}
	}
	if errors.Is(err, os.ErrNotExist) {
		if err = create(zone); err == nil {
			err = makeLinks()
		}
	}
	if err != nil {
		return err
	}
	return withSides(zone, hold)
}

// side opens a side without making it the caller's controlling terminal.
func side(path string, flags int) (int, error) {
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|flags, 0)
	if e, failed := errno.Of(err); failed {
		return -1, &os.PathError{Op: "open", Path: path, Err: e}
	}
	return fd, nil
}

// address returns the unit address of a zone's console, by the link to it. A link may lead to
// a device that has gone: then, as without a link, the error is ENOENT.
func address(zone string) (string, error) {
	target, err := os.Readlink(ZonePath(zone))
	if err != nil {
		return "", err
	}
	fd, err := side(ZonePath(zone), 0)
	if err != nil {
		return "", err
	}
	unix.Close(fd)
	return unitOf(target)
}

// unitOf returns the unit address in the path of a device.
func unitOf(device string) (string, error) {
	node, _, _ := strings.Cut(path.Base(device), ":")
	name, unit, found := strings.Cut(node, "@")
	if !found || name != driver {
		return "", fmt.Errorf("%s is no device of %s", device, driver)
	}
	return unit, nil
}

// create makes the device. Its number is the next one that is free; it must not be unloaded
// while it isn't in use.
func create(zone string) error {
	list := nvlist.New(nvlist.UniqueNameType)
	list.AddString(abi.DC_DEVI_NODENAME, driver)
	list.AddString("zonename", zone)
	list.AddInt32("auto-assign-instance", 1)
	list.AddInt32("ddi-no-autodetach", 1)
	packed, err := list.Pack(nvlist.Native)
	if err != nil {
		return err
	}
	var pin runtime.Pinner
	defer pin.Unpin()
	first := unsafe.SliceData(packed)
	pin.Pin(first)
	return control(&abi.DevctlIocdata{Cmd: abi.DEVCTL_BUS_DEV_CREATE, List: unsafe.Pointer(first), ListSize: uintptr(len(packed))})
}

// destroy removes the device with a unit address.
func destroy(unit string) error {
	var pin runtime.Pinner
	defer pin.Unpin()
	name, addr := libc.CString(driver), libc.CString(unit)
	pin.Pin(name)
	pin.Pin(addr)
	return control(&abi.DevctlIocdata{Cmd: abi.DEVCTL_DEVICE_REMOVE, NodeName: unsafe.Pointer(name), UnitAddr: unsafe.Pointer(addr)})
}

// control makes a request to the driver's parent.
func control(request *abi.DevctlIocdata) error {
	fd, err := side(nexus, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if _, e := libc.Ioctl(uintptr(fd), uintptr(request.Cmd), uintptr(unsafe.Pointer(request))); e != 0 {
		return fmt.Errorf("request %#x to %s: %w", request.Cmd, nexus, errno.Errno(e))
	}
	return nil
}

// makeLinks makes the links in /dev for all consoles.
func makeLinks() error {
	out, err := exec.Command(devfsadm, "-i", driver).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %s: %w", devfsadm, strings.TrimSpace(string(out)), err)
	}
	return nil
}

// withSides opens both sides for a request about the second one. Meanwhile no child is forked:
// it would have the manager's side open until it executes its program, and the next one who
// opens it would get EBUSY.
func withSides(zone string, do func(manager, inside uintptr) error) error {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	manager, err := side(ManagerPath(zone), 0)
	if err != nil {
		return err
	}
	defer unix.Close(manager)
	inside, err := side(ZonePath(zone), 0)
	if err != nil {
		return err
	}
	defer unix.Close(inside)
	return do(uintptr(manager), uintptr(inside))
}

// How often and when to try again to hold the zone's side: a device that has just been made
// may not be there yet (ENXIO). A test doesn't wait.
const holdTries = 5

var holdPause = time.Second

func hold(manager, inside uintptr) error {
	for try := 1; ; try++ {
		_, e := libc.Ioctl(manager, abi.ZC_HOLDSUBSID, inside)
		switch {
		case e == 0:
			return nil
		case e != unix.ENXIO || try == holdTries:
			return fmt.Errorf("holding the zone's side: %w", errno.Errno(e))
		}
		time.Sleep(holdPause)
	}
}

func release(manager, inside uintptr) error {
	if _, e := libc.Ioctl(manager, abi.ZC_RELEASESUBSID, inside); e != 0 {
		return fmt.Errorf("releasing the zone's side: %w", errno.Errno(e))
	}
	return nil
}

// open also has a read discard the control part of messages, which a program in the zone can
// send: else the read fails (EBADMSG).
func open(zone string) (*os.File, error) {
	fd, err := side(ManagerPath(zone), unix.O_NONBLOCK)
	if err != nil {
		return nil, err
	}
	if _, e := libc.Ioctl(uintptr(fd), abi.I_SRDOPT, abi.RNORM|abi.RPROTDIS); e != 0 {
		unix.Close(fd)
		return nil, fmt.Errorf("setting the options of reads: %w", errno.Errno(e))
	}
	return os.NewFile(uintptr(fd), ManagerPath(zone)), nil
}

func removeDevice(zone string) error {
	unit, err := address(zone)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	// Without a release the removal fails too, and says why.
	return errors.Join(withSides(zone, release), destroy(unit))
}
