package door

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// Conn is a connection to a door, or a connection of a caller to a door that this
// process serves. One goroutine at a time may send, and one may receive.
type Conn struct {
	conn *net.UnixConn
}

func dial(path string) (*Conn, error) {
	short, done, err := shorten(path)
	if err != nil {
		return nil, err
	}
	defer done()
	conn, err := net.DialUnix("unixpacket", nil, &net.UnixAddr{Name: short, Net: "unixpacket"})
	if err != nil {
		return nil, fmt.Errorf("door %s: %w", path, innermost(err))
	}
	return &Conn{conn: conn}, nil
}

// innermost returns the system's error without the text that package net adds.
func innermost(err error) error {
	var call *os.SyscallError
	if errors.As(err, &call) {
		return call.Err
	}
	return err
}

// shorten returns a name of path that fits a socket address. For a path that is too
// long the name goes through a descriptor of its directory, which done closes.
func shorten(path string) (name string, done func(), err error) {
	const longest = 107 // sun_path without its NUL
	if len(path) <= longest {
		return path, func() {}, nil
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), filepath.Base(path)), func() { dir.Close() }, nil
}

func (c *Conn) send(message []byte, files []*os.File) error {
	if len(message) > MaxMessage {
		return fmt.Errorf("door: message of %d bytes, at most %d are allowed: %w", len(message), MaxMessage, unix.EMSGSIZE)
	}
	var control []byte
	if len(files) > 0 {
		fds := make([]int, len(files))
		for i, f := range files {
			fds[i] = int(f.Fd())
		}
		control = unix.UnixRights(fds...)
	}
	_, _, err := c.conn.WriteMsgUnix(message, control, nil)
	runtime.KeepAlive(files) // until their descriptors have been sent
	return err
}

var buffers = sync.Pool{New: func() any { b := make([]byte, MaxMessage+1); return &b }}

func (c *Conn) receive() (message []byte, files []*os.File, err error) {
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	control := make([]byte, unix.CmsgSpace(4*maxFiles))
	n, controlLen, flags, _, err := c.conn.ReadMsgUnix(*buffer, control)
	if err != nil {
		return nil, nil, err
	}
	files, err = parseFiles(control[:controlLen])
	if err == nil && flags&(unix.MSG_TRUNC|unix.MSG_CTRUNC) != 0 {
		err = fmt.Errorf("door: message too long, it was truncated: %w", unix.EMSGSIZE)
	}
	if err != nil {
		closeAll(files)
		return nil, nil, err
	}
	return append([]byte(nil), (*buffer)[:n]...), files, nil
}

func parseFiles(control []byte) ([]*os.File, error) {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return nil, err
	}
	var files []*os.File
	for _, m := range messages {
		fds, err := unix.ParseUnixRights(&m)
		if err != nil {
			continue // another kind of control message
		}
		for _, fd := range fds {
			unix.CloseOnExec(fd)
			files = append(files, os.NewFile(uintptr(fd), "passed"))
		}
	}
	return files, nil
}

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}

func (c *Conn) exchange(request []byte, files []*os.File) ([]byte, []*os.File, error) {
	if err := c.send(request, files); err != nil {
		return nil, nil, err
	}
	return c.receive()
}

func (c *Conn) peer() (Cred, error) {
	ucred, err := c.ucred()
	if err != nil {
		return Cred{}, err
	}
	return Cred{Pid: ucred.Pid, UID: ucred.Uid, GID: ucred.Gid, Inside: inside(ucred.Pid)}, nil
}

func (c *Conn) ucred() (ucred *unix.Ucred, err error) {
	raw, err := c.conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	var inner error
	err = raw.Control(func(fd uintptr) { ucred, inner = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) })
	return ucred, errors.Join(err, inner)
}

// ownNamespace names the pid namespace of this process; "" where that isn't known.
var ownNamespace = sync.OnceValue(func() string {
	name, _ := os.Readlink("/proc/self/ns/pid")
	return name
})

// inside reports whether a process has ids in more pid namespaces than that of /proc. For
// one in the namespace of this process a link tells, which costs the tenth of the status
// file; other users may read only the latter.
func inside(pid int32) bool {
	if name, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", pid)); err == nil && name == ownNamespace() {
		return false
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return true
	}
	for line := range strings.Lines(string(text)) {
		if numbers, ok := strings.CutPrefix(line, "NSpid:"); ok {
			return len(strings.Fields(numbers)) != 1
		}
	}
	return false // a kernel without pid namespaces
}

func (c *Conn) close() error { return c.conn.Close() }
