package sysevent

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/internal/abi"
	"github.com/gozones/zones/sys/internal/libc"
)

// Subscription delivers the events of one class of a channel, in order and without
// loss. Its methods may be called from any goroutine.
type Subscription struct {
	channel uintptr // evchan_t
	id      string
	pipe    pipe
	reading sync.Mutex // held by the Next that reads; no other lock is taken under it
	over    bool       // guarded by reading: the pipe was given back
	once    sync.Once
	err     error
}

// pipe is a pipe to which the system's threads write events. It is kept for the next
// subscription, since a thread may still be about to write to it.
type pipe struct {
	reader          *os.File
	handler, cookie uintptr
}

// pipes are the pipes that no subscription uses.
var pipes struct {
	sync.Mutex // no other lock is taken under it
	free       []pipe
	made       int // number of subscriptions so far
}

func takePipe() (pipe, int, error) {
	pipes.Lock()
	defer pipes.Unlock()
	pipes.made++
	if n := len(pipes.free); n > 0 {
		p := pipes.free[n-1]
		pipes.free = pipes.free[:n-1]
		return p, pipes.made, p.reader.SetReadDeadline(time.Time{})
	}
	var p pipe
	var err error
	p.reader, p.handler, p.cookie, err = libc.EventPipe()
	return p, pipes.made, err
}

func givePipe(p pipe) {
	// Unread events are of the subscription that has ended.
	if raw, err := p.reader.SyscallConn(); err == nil {
		raw.Control(func(fd uintptr) {
			buf := make([]byte, 4096)
			for n := 1; n > 0; {
				n, _ = unix.Read(int(fd), buf)
			}
		})
	}
	pipes.Lock()
	defer pipes.Unlock()
	pipes.free = append(pipes.free, p)
}

func subscribe(channel, class string) (*Subscription, error) {
	p, made, err := takePipe()
	if err != nil {
		return nil, err
	}
	// The ids of subscribers are unique in the channel and have at most 15 bytes.
	s := &Subscription{pipe: p, id: fmt.Sprintf("go%d.%d", os.Getpid(), made%1000)}
	if e := libc.SyseventEvcBind(uintptr(unsafe.Pointer(libc.CString(channel))), uintptr(unsafe.Pointer(&s.channel)), abi.EVCH_CREAT); int32(e) != 0 {
		givePipe(p)
		return nil, errno.Errno(int32(e))
	}
	var e uintptr
	err = libc.Masked(func() { // the library creates threads
		e = libc.SyseventEvcSubscribe(s.channel, uintptr(unsafe.Pointer(libc.CString(s.id))), uintptr(unsafe.Pointer(libc.CString(class))), p.handler, p.cookie, 0)
	})
	if err == nil && int32(e) != 0 {
		err = errno.Errno(int32(e))
	}
	if err != nil {
		libc.SyseventEvcUnbind(s.channel)
		givePipe(p)
		return nil, err
	}
	return s, nil
}

func (s *Subscription) next() (*Event, error) {
	s.reading.Lock()
	defer s.reading.Unlock()
	if s.over {
		return nil, os.ErrClosed
	}
	raw := make([]byte, headSize)
	if _, err := io.ReadFull(s.pipe.reader, raw); err != nil {
		return nil, closed(err)
	}
	size, err := sizeOf(raw)
	if err != nil {
		return nil, err
	}
	raw = append(raw, make([]byte, size-headSize)...)
	if _, err := io.ReadFull(s.pipe.reader, raw[headSize:]); err != nil {
		return nil, closed(err)
	}
	e := new(Event)
	return e, e.UnmarshalBinary(raw)
}

// closed returns os.ErrClosed for the deadline by which close wakes a reader: the pipe
// itself stays open.
func closed(err error) error {
	if os.IsTimeout(err) {
		return os.ErrClosed
	}
	return err
}

func (s *Subscription) close() error {
	s.once.Do(func() {
		e := libc.SyseventEvcUnsubscribe(s.channel, uintptr(unsafe.Pointer(libc.CString(s.id))))
		if int32(e) != 0 {
			s.err = errno.Errno(int32(e))
		}
		libc.SyseventEvcUnbind(s.channel)
		s.pipe.reader.SetReadDeadline(time.Unix(1, 0)) // wakes next
		s.reading.Lock()
		defer s.reading.Unlock()
		s.over = true
		givePipe(s.pipe)
	})
	return s.err
}
