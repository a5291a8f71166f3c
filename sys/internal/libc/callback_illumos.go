package libc

import (
	"io"
	"os"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/sys/internal/abi"
)

// The system passes a cookie to each procedure in callback_illumos_amd64.s. It keeps
// the address, so cookies are never freed.

// doorCookie is the cookie of a door.
type doorCookie struct {
	ucred, semInit, semWait, write, reply uintptr // addresses of libc functions
	pipe                                  uintptr // descriptor to which frames are written
}

// doorFrame is on the stack of the thread that serves a caller. The thread waits on
// sem until the reply is in the frame.
type doorFrame struct {
	data, length       uintptr // the request, on the stack or mapped
	descriptors, count uintptr // passed with the request
	cookie             uintptr
	ucred              uintptr // ucred_t of the caller; 0 if unknown
	self               uintptr // this frame's address, written to the pipe

	replyLength, replyCount uintptr
	sem                     [6]uint64 // sem_t
	replyDescriptors        [MaxDescriptors]abi.DoorDesc
	reply                   [MaxReply]byte
}

// The most that a door's reply holds.
const (
	MaxReply       = 128 << 10 // bytes
	MaxDescriptors = 8
)

// eventCookie is the cookie of a subscription.
type eventCookie struct {
	getSize, write uintptr // addresses of functions
	pipe           uintptr // descriptor to which events are written
}

const _ = -(unsafe.Sizeof(doorFrame{}.sem) ^ 48) // sizeof (sem_t)

// doorProcedure and eventHandler return the addresses of the procedures.
func doorProcedure() uintptr
func eventHandler() uintptr

// pipe returns a pipe with a reader that uses Go's poller and a writer that blocks.
func pipe() (*os.File, int, error) {
	var ends [2]int
	if err := unix.Pipe2(ends[:], unix.O_CLOEXEC); err != nil {
		return nil, 0, err
	}
	if err := unix.SetNonblock(ends[0], true); err != nil {
		unix.Close(ends[0])
		unix.Close(ends[1])
		return nil, 0, err
	}
	return os.NewFile(uintptr(ends[0]), "callbacks"), ends[1], nil
}

// Caller is a call of a door that waits for its answer. Its methods may be used until
// Answer is called.
type Caller struct{ frame *doorFrame }

// doors has the function that serves each door of this process. The frames of all
// doors go through one pipe, which is never closed: a thread of the system may be
// about to write to it.
var doors struct {
	sync.Mutex
	started bool
	err     error
	writer  int
	serve   map[*doorCookie]func(Caller)
}

// CreateDoor creates a door (door_create(3C)) and returns its descriptor. serve is
// called on a new goroutine for each caller and must answer it. The attributes are
// DOOR_* flags.
func CreateDoor(serve func(Caller), attributes uintptr) (int, error) {
	doors.Lock()
	defer doors.Unlock()
	if !doors.started {
		reader, writer, err := pipe()
		if err != nil {
			return -1, err
		}
		doors.started, doors.writer, doors.serve = true, writer, map[*doorCookie]func(Caller){}
		go dispatch(reader)
	}
	cookie := &doorCookie{
		ucred: AddressDoorUcred(), semInit: AddressSemInit(), semWait: AddressSemWait(), write: AddressWrite(), reply: AddressDoorReturn(),
		pipe: uintptr(doors.writer),
	}
	doors.serve[cookie] = serve
	var (
		d uintptr
		e syscall.Errno
	)
	if err := Masked(func() { d, e = DoorCreate(doorProcedure(), uintptr(unsafe.Pointer(cookie)), attributes) }); err != nil {
		return -1, err
	}
	if e != 0 {
		return -1, e
	}
	unix.CloseOnExec(int(int32(d)))
	return int(int32(d)), nil
}

// dispatch serves the frames whose addresses come through the pipe.
func dispatch(reader *os.File) {
	var address uintptr
	raw := unsafe.Slice((*byte)(unsafe.Pointer(&address)), unsafe.Sizeof(address))
	for {
		if _, err := io.ReadFull(reader, raw); err != nil {
			panic("libc: the pipe of doors: " + err.Error()) // it is never closed
		}
		frame := (*doorFrame)(At(address))
		doors.Lock()
		serve := doors.serve[(*doorCookie)(At(frame.cookie))]
		doors.Unlock()
		go serve(Caller{frame})
	}
}

// Request returns a copy of the request. ok is false for the call by which the system
// says that no process has the door open any more (DOOR_UNREF_DATA).
func (c Caller) Request() (data []byte, ok bool) {
	if c.frame.data == abi.DOOR_UNREF_DATA {
		return nil, false
	}
	return append([]byte(nil), unsafe.Slice((*byte)(At(c.frame.data)), c.frame.length)...), true
}

// Descriptors returns the descriptors passed with the request, which this process now
// owns.
func (c Caller) Descriptors() []abi.DoorDesc {
	return append([]abi.DoorDesc(nil), unsafe.Slice((*abi.DoorDesc)(At(c.frame.descriptors)), c.frame.count)...)
}

// Ucred returns the caller's ucred_t, for the functions ucred_*; 0 if it is unknown.
// Answer frees it.
func (c Caller) Ucred() uintptr { return c.frame.ucred }

// Answer sends the reply to the caller: at most MaxReply bytes and MaxDescriptors
// descriptors. It must be called exactly once, after the last use of the Caller.
func (c Caller) Answer(reply []byte, descriptors []abi.DoorDesc) {
	c.frame.replyLength = uintptr(copy(c.frame.reply[:], reply))
	c.frame.replyCount = uintptr(copy(c.frame.replyDescriptors[:], descriptors))
	if c.frame.ucred != 0 {
		UcredFree(c.frame.ucred)
	}
	SemPost(c.frame.self + unsafe.Offsetof(c.frame.sem))
}

// EventPipe returns a pipe from which the events of a subscription are read, and the
// handler and cookie to subscribe with (sysevent_evc_subscribe(3SYSEVENT)). The writer
// is never closed, since a thread of the system may be about to write to it. So callers
// keep the pipe and use it again for their next subscription.
func EventPipe() (reader *os.File, handler, cookie uintptr, err error) {
	reader, writer, err := pipe()
	if err != nil {
		return nil, 0, 0, err
	}
	c := &eventCookie{getSize: AddressSyseventGetSize(), write: AddressWrite(), pipe: uintptr(writer)}
	cookies.Lock()
	cookies.list = append(cookies.list, c)
	cookies.Unlock()
	return reader, eventHandler(), uintptr(unsafe.Pointer(c)), nil
}

// cookies keeps the cookies of subscriptions from the garbage collector.
var cookies struct {
	sync.Mutex
	list []*eventCookie
}
