package door

import (
	"errors"
	"fmt"
	"io"
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

// MaxMessage is the most bytes that a request or a reply may have.
const MaxMessage = libc.MaxReply

// maxFiles is the most descriptors that go with a message.
const maxFiles = libc.MaxDescriptors

// Cred is who is at the other end: the caller as the system saw it at the call, or
// the process that serves the door.
type Cred struct {
	Pid      int32
	UID, GID uint32
	Zone     int32 // in which the process is
	Inside   bool  // that is another zone than this process's
}

// Info is what the system knows of a door (struct door_info).
type Info struct {
	Pid        int32  // that serves it; -1 when none does
	Attributes uint32 // DOOR_*
	Number     uint64 // that no other door has had since boot
}

// Revoked tells that nobody serves the door any more.
func (i Info) Revoked() bool { return i.Attributes&abi.DOOR_REVOKED != 0 }

// Conn is an open door, or one call of a door that is served here.
type Conn struct {
	file *os.File // an open door
	call *call    // or a call
}

// call is a call that is being served. It belongs to the goroutine that serves it.
type call struct {
	caller   libc.Caller
	cred     Cred
	credErr  error
	request  []byte
	files    []*os.File
	received bool
	answered bool
}

func outcome(_ uintptr, e syscall.Errno) error {
	if e == 0 {
		return nil
	}
	return errno.Errno(e)
}

// Dial opens the door at path: ENOENT when there is none, ECONNREFUSED when
// nobody serves it or the file is no door.
func Dial(path string) (*Conn, error) {
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, fmt.Errorf("door %s: %w", path, err)
	}
	info, err := infoOf(fd)
	if err != nil || info.Revoked() {
		unix.Close(fd)
		return nil, fmt.Errorf("door %s: %w", path, errno.ECONNREFUSED)
	}
	return &Conn{file: os.NewFile(uintptr(fd), path)}, nil
}

func infoOf(fd int) (Info, error) {
	var raw abi.DoorInfo
	if err := outcome(libc.DoorInfo(uintptr(fd), uintptr(unsafe.Pointer(&raw)))); err != nil {
		return Info{}, err
	}
	return Info{Pid: raw.Target, Attributes: raw.Attributes, Number: uint64(raw.Uniquifier[0]) | uint64(raw.Uniquifier[1])<<32}, nil
}

// Info tells what the system knows of an open door (door_info(3C)).
func (c *Conn) Info() (Info, error) {
	if c.file == nil {
		return Info{}, errno.EBADF
	}
	var info Info
	err := c.with(func(fd uintptr) (err error) { info, err = infoOf(int(fd)); return err })
	return info, err
}

// MaxRequest returns the most bytes and descriptors that the door takes
// (door_getparam(3C)).
func (c *Conn) MaxRequest() (bytes, descriptors uint64, err error) {
	if c.file == nil {
		return 0, 0, errno.EBADF
	}
	err = c.with(func(fd uintptr) error {
		if err := outcome(libc.DoorGetparam(fd, abi.DOOR_PARAM_DATA_MAX, uintptr(unsafe.Pointer(&bytes)))); err != nil {
			return err
		}
		return outcome(libc.DoorGetparam(fd, abi.DOOR_PARAM_DESC_MAX, uintptr(unsafe.Pointer(&descriptors))))
	})
	return bytes, descriptors, err
}

// with calls f with the open door's descriptor while it can't be closed.
func (c *Conn) with(f func(fd uintptr) error) error {
	raw, err := c.file.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	if err := raw.Control(func(fd uintptr) { inner = f(fd) }); err != nil {
		return err
	}
	return inner
}

// Call calls the door and waits for the answer (door_call(3C)). The files stay open
// here too. It takes no signals meanwhile: one would end the call, and nobody could
// tell how far it had come. EBADF when nobody serves the door any more.
func (c *Conn) Call(request []byte, files ...*os.File) ([]byte, []*os.File, error) {
	if c.file == nil {
		return nil, nil, fmt.Errorf("door: calling back: %w", errors.ErrUnsupported)
	}
	if err := fits(request, files); err != nil {
		return nil, nil, err
	}
	descriptors := make([]abi.DoorDesc, len(files))
	for i, f := range files {
		fd, err := number(f)
		if err != nil {
			return nil, nil, err
		}
		descriptors[i] = abi.DoorDesc{Attributes: abi.DOOR_DESCRIPTOR, Data: abi.DescData{Descriptor: int32(fd)}}
	}
	var (
		reply  []byte
		passed []*os.File
	)
	err := c.with(func(fd uintptr) (err error) { reply, passed, err = invoke(fd, request, descriptors); return err })
	runtime.KeepAlive(files)
	return reply, passed, err
}

// number returns a file's descriptor. Fd would make the file's readers block.
func number(f *os.File) (n uintptr, err error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return 0, err
	}
	err = raw.Control(func(fd uintptr) { n = fd })
	return n, err
}

func fits(message []byte, files []*os.File) error {
	if len(message) > MaxMessage {
		return fmt.Errorf("door: a message of %d bytes, %d are possible: %w", len(message), MaxMessage, errno.EMSGSIZE)
	}
	if len(files) > maxFiles {
		return fmt.Errorf("door: %d files, %d are possible: %w", len(files), maxFiles, errno.EMSGSIZE)
	}
	return nil
}

// invoke makes the call. What doesn't fit the room for the answer is mapped by the
// system, and unmapped here.
func invoke(fd uintptr, request []byte, descriptors []abi.DoorDesc) ([]byte, []*os.File, error) {
	room := make([]uint64, 2048)
	arg, release := pinned(&abi.DoorArg{
		Data: unsafe.SliceData(request), DataSize: uintptr(len(request)),
		Desc: unsafe.SliceData(descriptors), DescNum: uint32(len(descriptors)),
		RBuf: (*byte)(unsafe.Pointer(&room[0])), RSize: uintptr(len(room) * 8),
	})
	defer release()
	var failure error
	if err := libc.Masked(func() { failure = outcome(libc.DoorCall(fd, uintptr(unsafe.Pointer(arg)))) }); err != nil {
		return nil, nil, err
	}
	if failure != nil {
		return nil, nil, failure
	}
	if arg.RBuf != (*byte)(unsafe.Pointer(&room[0])) {
		defer unix.MunmapPtr(unsafe.Pointer(arg.RBuf), arg.RSize)
	}
	var passed []*os.File
	if arg.DescNum > 0 {
		passed = taken(unsafe.Slice(arg.Desc, arg.DescNum))
	}
	if arg.DataSize > MaxMessage {
		closeAll(passed)
		return nil, nil, fmt.Errorf("door: an answer of %d bytes, %d are possible: %w", arg.DataSize, MaxMessage, errno.EMSGSIZE)
	}
	if arg.DataSize == 0 {
		return nil, passed, nil
	}
	return append([]byte(nil), unsafe.Slice(arg.Data, arg.DataSize)...), passed, nil
}

// taken makes files of descriptors that have come, which are ours now.
func taken(descriptors []abi.DoorDesc) []*os.File {
	var files []*os.File
	for _, d := range descriptors {
		if d.Attributes&abi.DOOR_DESCRIPTOR == 0 {
			continue
		}
		unix.CloseOnExec(int(d.Data.Descriptor))
		files = append(files, os.NewFile(uintptr(d.Data.Descriptor), "passed"))
	}
	return files
}

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}

// Send answers a call that is being served, which then is over. An open door can't
// be sent to: its messages are questions and answers, see [Conn.Call]. The files
// stay open here too.
func (c *Conn) Send(message []byte, files ...*os.File) error {
	if c.call == nil {
		return fmt.Errorf("door: sending without waiting for an answer: %w", errors.ErrUnsupported)
	}
	if c.call.answered {
		return fmt.Errorf("door: the call is over: %w", os.ErrClosed)
	}
	if err := fits(message, files); err != nil {
		return err
	}
	// The thread returns after this, when the files may have been closed here: it
	// passes copies, and the system closes those.
	var copies []abi.DoorDesc
	for _, f := range files {
		fd := -1
		n, err := number(f)
		if err == nil {
			fd, err = unix.FcntlInt(n, unix.F_DUPFD_CLOEXEC, 0)
		}
		if err != nil {
			for _, d := range copies {
				unix.Close(int(d.Data.Descriptor))
			}
			return err
		}
		copies = append(copies, abi.DoorDesc{Attributes: abi.DOOR_DESCRIPTOR | abi.DOOR_RELEASE, Data: abi.DescData{Descriptor: int32(fd)}})
	}
	runtime.KeepAlive(files)
	c.call.answered = true
	c.call.caller.Answer(message, copies)
	return nil
}

// Receive returns the request of a call that is being served, the first time;
// io.EOF after that.
func (c *Conn) Receive() (message []byte, files []*os.File, err error) {
	if c.call == nil {
		return nil, nil, fmt.Errorf("door: receiving without asking: %w", errors.ErrUnsupported)
	}
	if c.call.received {
		return nil, nil, io.EOF
	}
	c.call.received = true
	return c.call.request, c.call.files, nil
}

// Peer tells who called (door_ucred(3C)), or which process serves an open door.
func (c *Conn) Peer() (Cred, error) {
	if c.call != nil {
		return c.call.cred, c.call.credErr
	}
	info, err := c.Info()
	if err != nil {
		return Cred{}, err
	}
	u, e := libc.UcredGet(uintptr(info.Pid))
	if u == 0 {
		return Cred{}, errno.Errno(e)
	}
	defer libc.UcredFree(u)
	return credOf(u)
}

// Close closes an open door, or ends a call: with an empty answer where there was
// none.
func (c *Conn) Close() error {
	if c.call == nil {
		return c.file.Close()
	}
	if !c.call.answered {
		c.call.answered = true
		c.call.caller.Answer(nil, nil)
	}
	if !c.call.received {
		c.call.received = true
		closeAll(c.call.files)
	}
	return nil
}

// Server serves a door.
type Server struct {
	path string
	fd   int

	mu     sync.Mutex // guards what follows; no other lock is taken under it
	serve  func(*Conn)
	ready  chan struct{} // closed when serve is there, or the door is closed
	shut   bool          // it is not in the file system any more
	closed bool
	calls  int
	idle   sync.Cond // with mu: calls is 0
	done   chan struct{}
}

// Listen makes a door at path (door_create(3C), fattach(3C)); one that is there
// already and that nobody serves is replaced. Whoever gets the file may call: mode
// is the file's. Callers wait until Serve is called.
func Listen(path string, mode os.FileMode) (*Server, error) {
	if old, err := Dial(path); err == nil {
		old.Close()
		return nil, fmt.Errorf("door %s: %w", path, errno.EADDRINUSE)
	}
	libc.Fdetach(uintptr(unsafe.Pointer(libc.CString(path)))) // a door whose server has gone
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	s := &Server{path: path, ready: make(chan struct{}), done: make(chan struct{})}
	s.idle.L = &s.mu
	fd, err := libc.CreateDoor(s.enter, abi.DOOR_NO_CANCEL)
	if err != nil {
		return nil, fmt.Errorf("door %s: %w", path, err)
	}
	s.fd = fd
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, mode)
	if err == nil {
		err = errors.Join(file.Chmod(mode), file.Close())
	}
	if err == nil {
		err = outcome(libc.Fattach(uintptr(fd), uintptr(unsafe.Pointer(libc.CString(path)))))
	}
	if err != nil {
		libc.DoorRevoke(uintptr(fd))
		unix.Close(fd)
		os.Remove(path)
		return nil, fmt.Errorf("door %s: %w", path, err)
	}
	return s, nil
}

// enter serves one caller, on a goroutine of its own.
func (s *Server) enter(caller libc.Caller) {
	request, ok := caller.Request()
	files := taken(caller.Descriptors())
	c := &Conn{call: &call{caller: caller, request: request, files: files}}
	defer c.Close()
	if !ok || !s.begin() {
		return
	}
	defer s.end()
	c.call.cred, c.call.credErr = credOf(caller.Ucred())
	s.serve(c)
}

// begin waits for Serve; it reports false when the door is closed.
func (s *Server) begin() bool {
	<-s.ready
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.calls++
	return true
}

func (s *Server) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.calls--; s.calls == 0 {
		s.idle.Broadcast()
	}
}

// credOf reads a ucred_t; 0 is one that there isn't.
func credOf(u uintptr) (Cred, error) {
	if u == 0 {
		return Cred{}, fmt.Errorf("door: who calls can't be told: %w", errno.EINVAL)
	}
	pid, e := libc.UcredGetpid(u)
	if e != 0 {
		return Cred{}, errno.Errno(e)
	}
	uid, e := libc.UcredGeteuid(u)
	if e != 0 {
		return Cred{}, errno.Errno(e)
	}
	gid, e := libc.UcredGetegid(u)
	if e != 0 {
		return Cred{}, errno.Errno(e)
	}
	id, e := libc.UcredGetzoneid(u)
	if e != 0 {
		return Cred{}, errno.Errno(e)
	}
	own, e := libc.Getzoneid()
	if e != 0 {
		return Cred{}, errno.Errno(e)
	}
	return Cred{Pid: int32(pid), UID: uint32(uid), GID: uint32(gid), Zone: int32(id), Inside: int32(id) != int32(own)}, nil
}

// Serve runs serve for each caller in a goroutine of its own, until Close. The call
// is over when serve returns, and the connection with it.
func (s *Server) Serve(serve func(*Conn)) error {
	s.mu.Lock()
	if s.serve != nil {
		s.mu.Unlock()
		return fmt.Errorf("door %s: served already", s.path)
	}
	s.serve = serve
	if !s.closed {
		close(s.ready)
	}
	s.mu.Unlock()
	<-s.done
	return nil
}

// Callers returns how many calls are being served.
func (s *Server) Callers() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// Shut removes the door (fdetach(3C)): nobody finds it any more, and those who have it
// open go on.
func (s *Server) Shut() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shut {
		return nil
	}
	s.shut = true
	err := outcome(libc.Fdetach(uintptr(unsafe.Pointer(libc.CString(s.path)))))
	os.Remove(s.path)
	return err
}

// Close revokes the door (door_revoke): no caller gets in any more. It returns when
// nothing is being served any more: a call ends with its answer, the system has no
// way to end one from here.
func (s *Server) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return os.ErrClosed
	}
	s.closed = true
	if s.serve == nil {
		close(s.ready)
	}
	s.mu.Unlock()
	err := s.Shut()
	err = errors.Join(outcome(libc.DoorRevoke(uintptr(s.fd))), err)
	unix.Close(s.fd)
	s.mu.Lock()
	for s.calls > 0 {
		s.idle.Wait()
	}
	s.mu.Unlock()
	close(s.done)
	return err
}
