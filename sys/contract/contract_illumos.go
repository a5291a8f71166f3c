package contract

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/internal/abi"
	"github.com/gozones/zones/sys/internal/libc"
)

func ioctl(fd int, request int, arg unsafe.Pointer) error {
	if _, e := libc.Ioctl(uintptr(fd), uintptr(request), uintptr(arg)); e != 0 {
		return errno.Errno(e)
	}
	return nil
}

// openFile opens a file of the contract file system. It returns a plain descriptor,
// since requests depend on the thread, which os.File would hide.
func openFile(mode int, parts ...string) (int, error) {
	path := Root
	for _, p := range parts {
		path += "/" + p
	}
	for {
		fd, err := unix.Open(path, mode|unix.O_CLOEXEC, 0)
		if err == unix.EINTR {
			continue
		}
		if e, failed := errno.Of(err); failed {
			return -1, fmt.Errorf("%s: %w", path, e)
		}
		return fd, nil
	}
}

func (t Terms) activate() (*Active, error) {
	runtime.LockOSThread()
	fd, err := openFile(unix.O_RDWR, "process", "template")
	if err == nil {
		if err = t.write(fd); err == nil {
			err = ioctl(fd, abi.CT_TACTIVATE, nil)
		}
		if err != nil {
			unix.Close(fd)
		}
	}
	if err != nil {
		runtime.UnlockOSThread()
		return nil, err
	}
	return &Active{active{fd}}, nil
}

func (t Terms) write(fd int) error {
	for _, term := range []struct {
		id    uint32
		value uint32
	}{
		{abi.CTP_EV_INFO, uint32(t.Informative)},
		{abi.CTP_EV_CRITICAL, uint32(t.Critical)},
		{abi.CTPP_EV_FATAL, uint32(t.Fatal)},
		{abi.CTPP_PARAMS, uint32(t.Params)},
	} {
		if err := set(fd, term.id, unsafe.Pointer(&term.value), 4); err != nil {
			return err
		}
	}
	return set(fd, abi.CTP_COOKIE, unsafe.Pointer(&t.Cookie), 8)
}

func set(fd int, id uint32, value unsafe.Pointer, size uint32) error {
	var pin runtime.Pinner
	defer pin.Unpin()
	pin.Pin(value)
	p := &abi.CtParam{ID: id, Size: size, Value: value}
	pin.Pin(p)
	return ioctl(fd, abi.CT_TSET, unsafe.Pointer(p))
}

// active is the template that applies.
type active struct{ fd int }

func (a *Active) clear() error {
	defer runtime.UnlockOSThread()
	defer unix.Close(a.fd)
	return ioctl(a.fd, abi.CT_TCLEAR, nil)
}

func latest() (ID, error) {
	fd, err := openFile(unix.O_RDONLY, "process", "latest")
	if err != nil {
		return 0, err
	}
	defer unix.Close(fd)
	s, err := status(fd, Common)
	if err != nil {
		return 0, err
	}
	return s.ID, nil
}

func statusOf(id ID, detail Detail) (*Status, error) {
	fd, err := openFile(unix.O_RDONLY, "all", number(id), "status")
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	return status(fd, detail)
}

// How much the first try reads. Tests make it too little.
var statusRoom, eventRoom = 4096, 4096

func status(fd int, detail Detail) (*Status, error) {
	room := 0
	if detail != Common {
		room = statusRoom
	}
	for {
		var pin runtime.Pinner
		buf := make([]byte, room+1)
		raw := &abi.CtStatus{Detail: uint32(detail), NBytes: uintptr(room), Buffer: &buf[0]}
		pin.Pin(raw)
		pin.Pin(raw.Buffer)
		err := ioctl(fd, abi.CT_SSTATUS, unsafe.Pointer(raw))
		pin.Unpin()
		if err != nil {
			return nil, err
		}
		if raw.NBytes > uintptr(room) { // the list has grown, or wasn't asked for
			if detail != Common {
				room = int(raw.NBytes)
				continue
			}
			raw.NBytes = 0
		}
		s := &Status{
			ID: ID(raw.ID), Zone: raw.ZoneID, Holder: raw.Holder, State: State(raw.State), Events: int(raw.NEvents),
			Critical: Events(raw.Critical), Informative: Events(raw.Informative), Cookie: raw.Cookie,
		}
		return s, s.details(buf[:raw.NBytes])
	}
}

func abandon(id ID) error { return control(id, abi.CT_CABANDON, nil) }

func adopt(id ID) error { return control(id, abi.CT_CADOPT, nil) }

func ack(id ID, event uint64) error { return control(id, abi.CT_CACK, unsafe.Pointer(&event)) }

func control(id ID, request int, arg unsafe.Pointer) error {
	fd, err := openFile(unix.O_WRONLY, "process", number(id), "ctl")
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return ioctl(fd, request, arg)
}

// open opens a file of events, from which Next waits as Go's poller does.
func open(parts ...string) (*os.File, error) {
	fd, err := openFile(unix.O_RDONLY|unix.O_NONBLOCK, parts...)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), "contract events"), nil
}

// closedOr returns os.ErrClosed if the endpoint is closed: a [syscall.RawConn] returns an error
// for that which no package exports.
func (e *Endpoint) closedOr(err error) error {
	if _, stat := e.file.Stat(); errors.Is(stat, os.ErrClosed) {
		return os.ErrClosed
	}
	return err
}

func (e *Endpoint) reliable() error {
	raw, err := e.file.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	if err := raw.Control(func(fd uintptr) { inner = ioctl(int(fd), abi.CT_ERELIABLE, nil) }); err != nil {
		return e.closedOr(err)
	}
	return inner
}

func (e *Endpoint) next() (*Event, error) {
	raw, err := e.file.SyscallConn()
	if err != nil {
		return nil, err
	}
	var (
		event *Event
		inner error
	)
	err = raw.Read(func(fd uintptr) bool {
		event, inner = receive(int(fd))
		return inner != errno.EAGAIN
	})
	if err != nil {
		return nil, e.closedOr(err)
	}
	return event, inner
}

// receive reads an event. When the buffer is too short the system returns the length
// it needs, and keeps the event.
func receive(fd int) (*Event, error) {
	for room := eventRoom; ; {
		var pin runtime.Pinner
		buf := make([]byte, room)
		raw := &abi.CtEvent{NBytes: uint32(room), Buffer: &buf[0]}
		pin.Pin(raw)
		pin.Pin(raw.Buffer)
		_, e := libc.Ioctl(uintptr(fd), abi.CT_ERECV, uintptr(unsafe.Pointer(raw)))
		pin.Unpin()
		if e == syscall.EINTR {
			continue
		}
		if e != 0 {
			return nil, errno.Errno(e)
		}
		if int(raw.NBytes) > room {
			room = int(raw.NBytes)
			continue
		}
		event := &Event{
			Contract: ID(raw.ID), Number: raw.EvID, Type: Events(raw.Type),
			Critical: raw.Flags&(abi.CTE_INFO|abi.CTE_ACK) == 0,
		}
		return event, event.details(buf[:raw.NBytes], globalAt(raw))
	}
}

// globalAt returns where the list for the global zone begins, which not every event has.
func globalAt(raw *abi.CtEvent) int {
	if raw.GOffset == 0 {
		return int(raw.NBytes)
	}
	return int(raw.GOffset)
}
