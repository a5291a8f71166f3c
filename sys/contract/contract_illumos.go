package contract

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
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

// open opens a file of the contract file system. The descriptors are plain ones:
// what can be done with them depends on the thread, which os.File would hide.
func open(mode int, parts ...string) (int, error) {
	path := Root
	for _, p := range parts {
		path += "/" + p
	}
	for {
		fd, err := unix.Open(path, mode|unix.O_CLOEXEC, 0)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return -1, fmt.Errorf("%s: %w", path, err)
		}
		return fd, nil
	}
}

// Active is terms that hold for the calling thread, to which the goroutine is
// bound until Clear. It belongs to that goroutine.
type Active struct{ fd int }

// Activate makes the terms those of every process that this goroutine starts from
// here to Clear (ct_tmpl_activate). The goroutine keeps its thread until then.
// ENOENT where the contract file system isn't mounted.
func (t Terms) Activate() (*Active, error) {
	if err := t.Valid(); err != nil {
		return nil, err
	}
	runtime.LockOSThread()
	fd, err := open(unix.O_RDWR, "process", "template")
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
		return nil, failed("activating terms", err)
	}
	return &Active{fd: fd}, nil
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

// Clear makes the thread start processes in its own contract again
// (ct_tmpl_clear) and gives the goroutine free. It may be called once.
func (a *Active) Clear() error {
	defer runtime.UnlockOSThread()
	defer unix.Close(a.fd)
	return failed("clearing terms", ioctl(a.fd, abi.CT_TCLEAR, nil))
}

// Latest returns the contract that the calling thread made last
// (contract_latest). ESRCH when it made none.
func Latest() (ID, error) {
	fd, err := open(unix.O_RDONLY, "process", "latest")
	if err != nil {
		return 0, failed("latest", err)
	}
	defer unix.Close(fd)
	s, err := status(fd, Common)
	if err != nil {
		return 0, failed("latest", err)
	}
	return s.ID, nil
}

// StatusOf returns what the system knows of a contract (ct_status_read). ENOENT
// for one that isn't there.
func StatusOf(id ID, detail Detail) (*Status, error) {
	fd, err := open(unix.O_RDONLY, "all", number(id), "status")
	if err != nil {
		return nil, failed("status", err)
	}
	defer unix.Close(fd)
	s, err := status(fd, detail)
	return s, failed("status", err)
}

func status(fd int, detail Detail) (*Status, error) {
	room := 0
	if detail != Common {
		room = 4096
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
		if raw.NBytes > uintptr(room) { // it has grown; or none was asked
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

func number(id ID) string { return strconv.Itoa(int(id)) }

// Abandon lets go of a contract (ct_ctl_abandon): its members go on without, or
// are killed where NoOrphan says so. EACCES for one of somebody else.
func Abandon(id ID) error { return failed("abandoning", control(id, abi.CT_CABANDON, nil)) }

// Adopt takes a contract that the caller's own has inherited (ct_ctl_adopt).
// EINVAL for one that isn't inherited.
func Adopt(id ID) error { return failed("adopting", control(id, abi.CT_CADOPT, nil)) }

// Ack says that a critical event was dealt with (ct_ctl_ack). ESRCH for one that
// doesn't wait for that.
func Ack(id ID, event uint64) error {
	return failed("acknowledging", control(id, abi.CT_CACK, unsafe.Pointer(&event)))
}

func control(id ID, request int, arg unsafe.Pointer) error {
	fd, err := open(unix.O_WRONLY, "process", number(id), "ctl")
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return ioctl(fd, request, arg)
}

// Endpoint is where events are read. Next and Close may be called from any
// goroutine.
type Endpoint struct{ file *os.File }

// Watch opens the events of one contract.
func Watch(id ID) (*Endpoint, error) { return watch("process", number(id), "events") }

// WatchOwn opens the events of all contracts that this process holds.
func WatchOwn() (*Endpoint, error) { return watch("process", "pbundle") }

func watch(parts ...string) (*Endpoint, error) {
	fd, err := open(unix.O_RDONLY|unix.O_NONBLOCK, parts...)
	if err != nil {
		return nil, failed("watching", err)
	}
	return &Endpoint{file: os.NewFile(uintptr(fd), "contract events")}, nil
}

// Reliable makes the system keep events for this endpoint until they are read,
// informative ones too (ct_event_reliable). EPERM without the privilege
// contract_event.
func (e *Endpoint) Reliable() error {
	raw, err := e.file.SyscallConn()
	if err != nil {
		return failed("reliable events", err)
	}
	var inner error
	if err := raw.Control(func(fd uintptr) { inner = ioctl(int(fd), abi.CT_ERELIABLE, nil) }); err != nil {
		inner = err
	}
	return failed("reliable events", inner)
}

// Next waits for an event (ct_event_read). os.ErrClosed once the endpoint was
// closed.
func (e *Endpoint) Next() (*Event, error) {
	raw, err := e.file.SyscallConn()
	if err != nil {
		return nil, failed("event", err)
	}
	var (
		event *Event
		inner error
	)
	err = raw.Read(func(fd uintptr) bool {
		event, inner = receive(int(fd))
		return inner != errno.EAGAIN
	})
	if err == nil {
		err = inner
	}
	return event, failed("event", err)
}

// receive reads an event. With a buffer that is too short the system tells how
// long it must be, and the event stays.
func receive(fd int) (*Event, error) {
	for room := 4096; ; {
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
		global := int(raw.GOffset)
		if global == 0 {
			global = int(raw.NBytes)
		}
		return event, event.details(buf[:raw.NBytes], global)
	}
}

// Close ends a Next that waits.
func (e *Endpoint) Close() error { return e.file.Close() }
