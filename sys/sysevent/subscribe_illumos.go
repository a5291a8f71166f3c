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

// Subscription is the events of one class of a channel, in order, none lost. Next
// and Close may be called from any goroutine.
type Subscription struct {
	channel uintptr // evchan_t
	id      string
	pipe    pipe
	reading sync.Mutex // held by the Next that reads; no other lock is taken under it
	over    bool       // with reading: the pipe isn't ours any more
	once    sync.Once
	err     error
}

// pipe is where the system's threads write events. One that is no longer used is
// kept for the next subscription: a thread may still be about to write.
type pipe struct {
	reader          *os.File
	handler, cookie uintptr
}

// pipes are those that nobody uses, and how many there have been.
var pipes struct {
	sync.Mutex // no other lock is taken under it
	free       []pipe
	made       int
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
	// What was written and not read belongs to the subscription that has ended.
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

// Subscribe follows the events of one class of a channel, which is made where it
// isn't there yet. EPERM or EACCES for a caller who may not: that takes root in the
// global zone. EAGAIN when the channel has no room for another subscriber.
func Subscribe(channel, class string) (*Subscription, error) {
	p, made, err := takePipe()
	if err != nil {
		return nil, failed("subscribing to "+channel, err)
	}
	// Names of subscribers are the channel's, not the process's, and at most 15 bytes.
	s := &Subscription{pipe: p, id: fmt.Sprintf("go%d.%d", os.Getpid(), made%1000)}
	if e := libc.SyseventEvcBind(uintptr(unsafe.Pointer(libc.CString(channel))), uintptr(unsafe.Pointer(&s.channel)), abi.EVCH_CREAT); int32(e) != 0 {
		givePipe(p)
		return nil, failed("channel "+channel, errno.Errno(int32(e)))
	}
	var e uintptr
	err = libc.Masked(func() { // the library makes threads
		e = libc.SyseventEvcSubscribe(s.channel, uintptr(unsafe.Pointer(libc.CString(s.id))), uintptr(unsafe.Pointer(libc.CString(class))), p.handler, p.cookie, 0)
	})
	if err == nil && int32(e) != 0 {
		err = errno.Errno(int32(e))
	}
	if err != nil {
		libc.SyseventEvcUnbind(s.channel)
		givePipe(p)
		return nil, failed("subscribing to "+channel, err)
	}
	return s, nil
}

// Next waits for an event. os.ErrClosed once the subscription was closed.
func (s *Subscription) Next() (*Event, error) {
	s.reading.Lock()
	defer s.reading.Unlock()
	if s.over {
		return nil, failed("event", os.ErrClosed)
	}
	raw := make([]byte, headSize)
	if _, err := io.ReadFull(s.pipe.reader, raw); err != nil {
		return nil, failed("event", closed(err))
	}
	size, err := sizeOf(raw)
	if err != nil {
		return nil, failed("event", err)
	}
	raw = append(raw, make([]byte, size-headSize)...)
	if _, err := io.ReadFull(s.pipe.reader, raw[headSize:]); err != nil {
		return nil, failed("event", closed(err))
	}
	e := new(Event)
	return e, failed("event", e.UnmarshalBinary(raw))
}

// closed: Close stops a reader by a deadline, for the pipe stays.
func closed(err error) error {
	if os.IsTimeout(err) {
		return os.ErrClosed
	}
	return err
}

// Close ends the subscription, and a Next that waits. No event is delivered
// afterwards.
func (s *Subscription) Close() error {
	s.once.Do(func() {
		e := libc.SyseventEvcUnsubscribe(s.channel, uintptr(unsafe.Pointer(libc.CString(s.id))))
		if int32(e) != 0 {
			s.err = failed("ending a subscription", errno.Errno(int32(e)))
		}
		libc.SyseventEvcUnbind(s.channel)
		s.pipe.reader.SetReadDeadline(time.Unix(1, 0)) // stops a Next
		s.reading.Lock()
		defer s.reading.Unlock()
		s.over = true
		givePipe(s.pipe)
	})
	return s.err
}
