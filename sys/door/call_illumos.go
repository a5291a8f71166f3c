package door

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/internal/abi"
	"github.com/gozones/zones/sys/internal/libc"
	"github.com/gozones/zones/sys/priv"
)

// call is a call that is being served. Only the goroutine that serves it uses it.
type call struct {
	caller   libc.Caller
	cred     Cred
	credErr  error
	request  []byte
	files    []*os.File
	received bool
	answered bool
}

func (c *Conn) send(message []byte, files []*os.File) error {
	if c.call == nil {
		return fmt.Errorf("door: send to a server, use Call: %w", errors.ErrUnsupported)
	}
	if c.call.answered {
		return fmt.Errorf("door: the call is answered: %w", os.ErrClosed)
	}
	if err := fits(message, files); err != nil {
		return err
	}
	// The thread returns to the caller later, when the files may be closed: it passes
	// duplicates, which the system closes.
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

func (c *Conn) receive() (message []byte, files []*os.File, err error) {
	if c.call == nil {
		return nil, nil, fmt.Errorf("door: receive from a server, use Call: %w", errors.ErrUnsupported)
	}
	if c.call.received {
		return nil, nil, io.EOF
	}
	c.call.received = true
	return c.call.request, c.call.files, nil
}

func (c *Conn) peer() (Cred, error) {
	if c.call != nil {
		return c.call.cred, c.call.credErr
	}
	info, err := c.info()
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

func (c *Conn) close() error {
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

// credOf reads a ucred_t; 0 when the caller is unknown.
func credOf(u uintptr) (Cred, error) {
	if u == 0 {
		return Cred{}, fmt.Errorf("door: unknown caller: %w", errno.EINVAL)
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
	c := Cred{Pid: int32(pid), UID: uint32(uid), GID: uint32(gid), Zone: int32(id), Inside: int32(id) != int32(own)}
	effective := libc.CString(string(priv.Effective))
	if set, _ := libc.UcredGetprivset(u, uintptr(unsafe.Pointer(effective))); set != 0 {
		copied := *(*priv.Set)(libc.At(set)) // it is in the ucred_t
		c.Privileges = &copied
	}
	return c, nil
}
