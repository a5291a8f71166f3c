package door

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

// The frame of a call has space for a message.
const (
	_ = uint(libc.MaxReply - MaxMessage)
	_ = uint(libc.MaxDescriptors - maxFiles)
)

// Conn is an open door, or one call to a door that this process serves.
type Conn struct {
	file *os.File // the open door
	call *call    // the call
}

func outcome(_ uintptr, e syscall.Errno) error {
	if e == 0 {
		return nil
	}
	return errno.Errno(e)
}

func dial(path string) (*Conn, error) {
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

func (c *Conn) info() (Info, error) {
	if c.file == nil {
		return Info{}, errno.EBADF
	}
	var info Info
	err := c.with(func(fd uintptr) (err error) { info, err = infoOf(int(fd)); return err })
	return info, err
}

func (c *Conn) maxRequest() (bytes, descriptors uint64, err error) {
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

// with calls f with the descriptor of the open door, which can't be closed meanwhile.
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

func (c *Conn) exchange(request []byte, files []*os.File) ([]byte, []*os.File, error) {
	if c.file == nil {
		return nil, nil, fmt.Errorf("door: call to a caller: %w", errors.ErrUnsupported)
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

// number returns a file's descriptor. File.Fd would make the file blocking.
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
		return fmt.Errorf("door: message of %d bytes, at most %d are allowed: %w", len(message), MaxMessage, errno.EMSGSIZE)
	}
	if len(files) > maxFiles {
		return fmt.Errorf("door: message with %d files, at most %d are allowed: %w", len(files), maxFiles, errno.EMSGSIZE)
	}
	return nil
}

// invoke makes the call. The system maps memory for a reply that is longer than the
// buffer, which is unmapped here.
func invoke(fd uintptr, request []byte, descriptors []abi.DoorDesc) ([]byte, []*os.File, error) {
	buffer := make([]uint64, 2048)
	arg, release := pinned(&abi.DoorArg{
		Data: unsafe.SliceData(request), DataSize: uintptr(len(request)),
		Desc: unsafe.SliceData(descriptors), DescNum: uint32(len(descriptors)),
		RBuf: (*byte)(unsafe.Pointer(&buffer[0])), RSize: uintptr(len(buffer) * 8),
	})
	defer release()
	var failure error
	if err := libc.Masked(func() { failure = outcome(libc.DoorCall(fd, uintptr(unsafe.Pointer(arg)))) }); err != nil {
		return nil, nil, err
	}
	if failure != nil {
		return nil, nil, failure
	}
	if arg.RBuf != (*byte)(unsafe.Pointer(&buffer[0])) {
		defer unix.MunmapPtr(unsafe.Pointer(arg.RBuf), arg.RSize)
	}
	passed := taken(unsafe.Slice(arg.Desc, arg.DescNum))
	if arg.DataSize > MaxMessage {
		closeAll(passed)
		return nil, nil, fmt.Errorf("door: reply of %d bytes, at most %d are allowed: %w", arg.DataSize, MaxMessage, errno.EMSGSIZE)
	}
	return append([]byte(nil), unsafe.Slice(arg.Data, arg.DataSize)...), passed, nil
}

// taken makes files of the descriptors in a message, which this process now owns.
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
