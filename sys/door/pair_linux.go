package door

import (
	"errors"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// Pair makes a connection to a door that a process will serve which is about to be
// started: that process gets the file and makes it a caller's with [Inherit]. So
// nobody has to wait until the door can be opened. The caller that it sees is this
// process.
func Pair() (*Conn, *os.File, error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	theirs := os.NewFile(uintptr(fds[1]), "door")
	conn, err := Inherit(uintptr(fds[0]))
	if err != nil {
		theirs.Close()
		return nil, nil, err
	}
	return conn, theirs, nil
}

// Inherit makes a connection of a descriptor, which it takes: of a file that came
// from [Pair]. EINVAL when it is something else.
func Inherit(fd uintptr) (*Conn, error) {
	file := os.NewFile(fd, "door")
	if file == nil {
		return nil, unix.EBADF
	}
	defer file.Close() // net works on a copy
	if kind, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_TYPE); err != nil || kind != unix.SOCK_SEQPACKET {
		return nil, errors.Join(unix.EINVAL, err)
	}
	conn, err := net.FileConn(file)
	if err != nil {
		return nil, err
	}
	socket, ok := conn.(*net.UnixConn)
	if !ok {
		conn.Close()
		return nil, unix.EINVAL
	}
	return &Conn{conn: socket}, nil
}

// ServerPid returns the process that serves a connection which was dialed.
func (c *Conn) ServerPid() (int32, error) {
	ucred, err := c.ucred()
	if err != nil {
		return -1, err
	}
	return ucred.Pid, nil
}
