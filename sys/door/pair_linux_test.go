package door_test

import (
	"errors"
	"io"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/sys/door"
)

// TestPair sends a request before there is a server, which then answers it and sees who
// sent it.
func TestPair(t *testing.T) {
	conn, file, err := door.Pair()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.Send([]byte("early")); err != nil {
		t.Fatal(err)
	}
	fd, err := unix.FcntlInt(file.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	file.Close()
	theirs, err := door.Inherit(uintptr(fd))
	if err != nil {
		t.Fatal(err)
	}
	if cred, err := theirs.Peer(); err != nil || int(cred.Pid) != os.Getpid() || int(cred.UID) != os.Getuid() || cred.Inside {
		t.Errorf("the caller: %+v, %v", cred, err)
	}
	message, _, err := theirs.Receive()
	if err != nil || string(message) != "early" {
		t.Errorf("%q, %v", message, err)
	}
	if err := theirs.Send([]byte("answer")); err != nil {
		t.Error(err)
	}
	theirs.Close()
	if message, _, err := conn.Receive(); err != nil || string(message) != "answer" {
		t.Errorf("%q, %v", message, err)
	}
	if _, _, err := conn.Receive(); !errors.Is(err, io.EOF) {
		t.Errorf("after the end: %v", err)
	}
}

// TestInherit checks that other descriptors are refused, and closed.
func TestInherit(t *testing.T) {
	var pipe [2]int
	if err := unix.Pipe2(pipe[:], unix.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pipe[1])
	if c, err := door.Inherit(uintptr(pipe[0])); !errors.Is(err, unix.EINVAL) {
		t.Errorf("a pipe: %v, %v", c, err)
	}
	if n, err := unix.Write(pipe[1], []byte("x")); err != unix.EPIPE {
		t.Errorf("the pipe's other end is still open: %d, %v", n, err)
	}
	if c, err := door.Inherit(1 << 20); !errors.Is(err, unix.EBADF) && !errors.Is(err, unix.EINVAL) {
		t.Errorf("no descriptor: %v, %v", c, err)
	}
}

// TestServerPid asks a dialed door for its server.
func TestServerPid(t *testing.T) {
	path := t.TempDir() + "/door"
	s := echo(t, path)
	defer s.Close()
	c, err := door.Dial(path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if pid, err := c.ServerPid(); err != nil || int(pid) != os.Getpid() {
		t.Errorf("%d, %v", pid, err)
	}
}
