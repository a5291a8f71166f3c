package door

import (
	"errors"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

func pair() (*Conn, *os.File, error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	theirs := os.NewFile(uintptr(fds[1]), "door")
	conn, err := inherit(uintptr(fds[0]))
	if err != nil {
		theirs.Close()
		return nil, nil, err
	}
	return conn, theirs, nil
}

func inherit(fd uintptr) (*Conn, error) {
	file := os.NewFile(fd, "door")
	if file == nil {
		return nil, unix.EBADF
	}
	defer file.Close() // package net duplicates the descriptor
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

func (c *Conn) serverPid() (int32, error) {
	ucred, err := c.ucred()
	if err != nil {
		return -1, err
	}
	return ucred.Pid, nil
}
