package zcons

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/internal/abi"
	"github.com/gozones/zones/sys/internal/libc"
)

// The tests aren't parallel: a child that is forked has a console open until it executes its
// program.

// console returns the name of a zone that has none yet.
func console(t *testing.T, part string) string {
	t.Helper()
	testenv.Need(t, testenv.Root)
	zone := fmt.Sprintf("zcons-%s-%d", part, os.Getpid())
	t.Cleanup(func() { Remove(zone) })
	return zone
}

func TestLife(t *testing.T) {
	zone := console(t, "life")
	next := func() int { // the lowest free descriptor
		fd, err := unix.Open(os.DevNull, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		unix.Close(fd)
		return fd
	}
	before := next()
	defer func() {
		if after := next(); after != before {
			t.Errorf("descriptor %d is next, was %d", after, before)
		}
	}()
	for range 2 { // the second time the link leads to a device that has gone
		if err := Make(zone); err != nil {
			t.Fatal(err)
		}
		first, err := address(zone)
		if err != nil {
			t.Fatal(err)
		}
		if err := Make(zone); err != nil {
			t.Errorf("making it again: %v", err)
		}
		if again, err := address(zone); again != first || err != nil {
			t.Errorf("it was made again, %s after %s, %v", again, first, err)
		}
		manager, err := Open(zone)
		if err != nil {
			t.Fatal(err)
		}
		if other, err := Open(zone); !errors.Is(err, errno.EBUSY) {
			t.Errorf("opening it again: %v, %v", other, err)
		}
		if err := Make(zone); !errors.Is(err, errno.EBUSY) {
			t.Errorf("making it while it is open: %v", err)
		}
		inside, err := side(ZonePath(zone), 0)
		if err != nil {
			t.Fatal(err)
		}
		talk(t, manager, os.NewFile(uintptr(inside), ZonePath(zone)))
		if err := Remove(zone); !errors.Is(err, errno.EBUSY) {
			t.Errorf("removing it while it is open: %v", err)
		}
		manager.Close()
		if err := Remove(zone); err != nil {
			t.Fatal(err)
		}
		if err := Remove(zone); err != nil {
			t.Errorf("removing none: %v", err)
		}
		if _, err := Open(zone); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("opening none: %v", err)
		}
	}
}

// talk writes to both sides of a console, and looks at the options that Open has set.
func talk(t *testing.T, manager, inside *os.File) {
	t.Helper()
	defer inside.Close()
	if flags, err := unix.FcntlInt(inside.Fd(), unix.F_GETFD, 0); err != nil || flags&unix.FD_CLOEXEC == 0 {
		t.Errorf("children inherit a side: %#x, %v", flags, err)
	}
	buf := make([]byte, 8)
	manager.WriteString("in\r")
	if n, err := inside.Read(buf); string(buf[:n]) != "in\n" {
		t.Errorf("the zone reads %q, %v", buf[:n], err)
	}
	if _, err := io.ReadFull(manager, buf[:4]); string(buf[:4]) != "in\r\n" {
		t.Errorf("the echo is %q, %v", buf[:4], err)
	}
	inside.WriteString("out")
	if _, err := io.ReadFull(manager, buf[:3]); string(buf[:3]) != "out" {
		t.Errorf("the manager reads %q, %v", buf[:3], err)
	}
	raw, err := manager.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	raw.Control(func(fd uintptr) {
		var options int32
		if _, e := libc.Ioctl(fd, abi.I_GRDOPT, uintptr(unsafe.Pointer(&options))); e != 0 || options != abi.RNORM|abi.RPROTDIS {
			t.Errorf("reads of the manager's side have the options %#x, %v", options, e)
		}
	})
}

// TestHeld: only a release of the zone's side lets the device go, and only the manager's side
// of the same console takes these requests.
func TestHeld(t *testing.T) {
	zone, other := console(t, "held"), console(t, "other")
	for _, z := range []string{zone, other} {
		if err := Make(z); err != nil {
			t.Fatal(err)
		}
	}
	unit, err := address(zone)
	if err != nil {
		t.Fatal(err)
	}
	if err := destroy(unit); !errors.Is(err, errno.EBUSY) {
		t.Errorf("removing a console that is held: %v", err)
	}
	err = withSides(zone, func(manager, inside uintptr) error {
		if err := release(manager, manager); !errors.Is(err, errno.EINVAL) {
			t.Errorf("releasing the wrong side: %v", err)
		}
		if err := release(inside, inside); !errors.Is(err, errno.EINVAL) {
			t.Errorf("a request to the wrong side: %v", err)
		}
		alien, err := side(ZonePath(other), 0)
		if err != nil {
			return err
		}
		if err := release(manager, uintptr(alien)); !errors.Is(err, errno.EINVAL) {
			t.Errorf("releasing another console's side: %v", err)
		}
		unix.Close(alien)
		if err := release(manager, inside); err != nil {
			return err
		}
		if err := hold(manager, manager); !errors.Is(err, errno.EINVAL) {
			t.Errorf("holding the wrong side: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := destroy(unit); err != nil {
		t.Errorf("removing a console that isn't held: %v", err)
	}
}

// TestOnlyOne: a device without links isn't made again by Make either.
func TestOnlyOne(t *testing.T) {
	zone := console(t, "one")
	if err := create(zone); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(Make(zone), Remove(zone), makeLinks()); err != nil {
		t.Fatal(err)
	}
	if unit, err := address(zone); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("there was another one, %s, %v", unit, err)
	}
}

// TestUnlinked: a device without links isn't made again, as after a daemon that died early.
func TestUnlinked(t *testing.T) {
	zone := console(t, "unlinked")
	if _, err := address(zone); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no device: %v", err)
	}
	if err := create(zone); err != nil {
		t.Fatal(err)
	}
	if err := makeLinks(); err != nil {
		t.Fatal(err)
	}
	before, err := address(zone)
	if err != nil {
		t.Fatal(err)
	}
	if err := Make(zone); err != nil {
		t.Fatal(err)
	}
	if after, err := address(zone); after != before || err != nil {
		t.Errorf("device %s, then %s, %v", before, after, err)
	}
	if err := control(&abi.DevctlIocdata{Cmd: abi.DEVCTL_BUS_DEV_CREATE}); !errors.Is(err, errno.EINVAL) || !strings.Contains(err.Error(), "0xdc0016") {
		t.Errorf("a device without a name: %v", err)
	}
}
