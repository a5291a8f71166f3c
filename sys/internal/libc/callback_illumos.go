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

// What the procedures in callback_illumos_amd64.s are given by the system as their
// cookie. The system keeps the address, so a cookie is never let go of.

// doorCookie is that of a door.
type doorCookie struct {
	ucred, semInit, semWait, write, reply uintptr // functions of libc
	pipe                                  uintptr // descriptor that tells of callers
}

// doorFrame is what a thread that serves a caller has on its stack, until the
// answer is in it and the semaphore posted.
type doorFrame struct {
	data, length       uintptr // the request, on the stack or mapped
	descriptors, count uintptr // what came with it
	cookie             uintptr
	ucred              uintptr // who called; 0 when that can't be told
	self               uintptr // where this stands: what goes through the pipe

	replyLength, replyCount uintptr
	sem                     [6]uint64 // sem_t
	replyDescriptors        [MaxDescriptors]abi.DoorDesc
	reply                   [MaxReply]byte
}

// The most that a door can answer.
const (
	MaxReply       = 128 << 10
	MaxDescriptors = 8
)

// eventCookie is that of a subscription.
type eventCookie struct {
	getSize, write uintptr // functions
	pipe           uintptr
}

const _ = -(unsafe.Sizeof(doorFrame{}.sem) ^ 48) // sizeof (sem_t)

// doorProcedure and eventHandler are where the procedures are.
func doorProcedure() uintptr
func eventHandler() uintptr

// pipe returns a pipe whose reader waits as Go does, and whose writer blocks the
// thread that writes.
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

// Caller is a call of a door that waits for its answer. Request and descriptors may
// be read until Answer.
type Caller struct{ frame *doorFrame }

// doors is what serves the callers of each door of this process. One pipe tells of
// all of them; it is never closed, for a thread of the system may be about to
// write.
var doors struct {
	sync.Mutex
	started bool
	err     error
	writer  int
	serve   map[*doorCookie]func(Caller)
}

// CreateDoor makes a door (door_create(3C)): serve is called on a goroutine for each
// caller and must answer it. The attributes are those of door_create.
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

// dispatch reads the addresses of frames from the pipe.
func dispatch(reader *os.File) {
	var address uintptr
	raw := unsafe.Slice((*byte)(unsafe.Pointer(&address)), unsafe.Sizeof(address))
	for {
		if _, err := io.ReadFull(reader, raw); err != nil {
			panic("libc: the pipe of doors: " + err.Error()) // nobody closes it
		}
		frame := (*doorFrame)(At(address))
		doors.Lock()
		serve := doors.serve[(*doorCookie)(At(frame.cookie))]
		doors.Unlock()
		go serve(Caller{frame})
	}
}

// Request returns a copy of the request; ok is false for a call that tells that
// nobody has the door any more.
func (c Caller) Request() (data []byte, ok bool) {
	if c.frame.data == abi.DOOR_UNREF_DATA {
		return nil, false
	}
	if c.frame.length == 0 {
		return nil, true
	}
	return append([]byte(nil), unsafe.Slice((*byte)(At(c.frame.data)), c.frame.length)...), true
}

// Descriptors returns what came with the request. They are the process's own now.
func (c Caller) Descriptors() []abi.DoorDesc {
	if c.frame.count == 0 {
		return nil
	}
	return append([]abi.DoorDesc(nil), unsafe.Slice((*abi.DoorDesc)(At(c.frame.descriptors)), c.frame.count)...)
}

// Ucred returns who called, as the functions ucred_* know it; 0 when that can't be
// told. It is freed with the answer.
func (c Caller) Ucred() uintptr { return c.frame.ucred }

// Answer lets the caller go on with this reply, of at most MaxReply bytes and
// MaxDescriptors descriptors. It must be called once; nothing of the Caller may be
// used afterwards.
func (c Caller) Answer(reply []byte, descriptors []abi.DoorDesc) {
	c.frame.replyLength = uintptr(copy(c.frame.reply[:], reply))
	c.frame.replyCount = uintptr(copy(c.frame.replyDescriptors[:], descriptors))
	if c.frame.ucred != 0 {
		UcredFree(c.frame.ucred)
	}
	SemPost(c.frame.self + unsafe.Offsetof(c.frame.sem))
}

// EventPipe returns where the events of a subscription can be read, each with its
// head first, and the handler and cookie for sysevent_evc_subscribe. A thread of the
// system may be about to write until the subscription has ended; so the writing end
// stays open, and both are kept by whoever has called this, for the next one.
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

// cookies keeps those of subscriptions from the collector.
var cookies struct {
	sync.Mutex
	list []*eventCookie
}
