package check

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestEcho has many clients at once, each of which gets its own data back.
func TestEcho(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ network, address string }{
		{"tcp4", "127.0.0.1:0"}, {"tcp6", "[::1]:0"}, {"unix", filepath.Join(t.TempDir(), "socket")},
	} {
		t.Run(c.network, func(t *testing.T) {
			t.Parallel()
			l, err := net.Listen(c.network, c.address)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go func() {
				for {
					conn, err := l.Accept()
					if err != nil {
						return
					}
					go func() {
						defer conn.Close()
						io.Copy(conn, conn)
					}()
				}
			}()
			var clients sync.WaitGroup
			for n := range 50 {
				clients.Go(func() {
					conn, err := net.Dial(c.network, l.Addr().String())
					if err != nil {
						t.Error(err)
						return
					}
					defer conn.Close()
					want := bytes.Repeat([]byte(fmt.Sprintf("client %d ", n)), 10000)
					go conn.Write(want)
					got := make([]byte, len(want))
					if _, err := io.ReadFull(conn, got); err != nil || !bytes.Equal(got, want) {
						t.Errorf("client %d got something else, %v", n, err)
					}
				})
			}
			clients.Wait()
		})
	}
}

func TestDatagrams(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		server, err := net.ListenPacket("udp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		client, err := net.ListenPacket("udp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		if _, err := client.WriteTo([]byte("question"), server.LocalAddr()); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 100)
		n, from, err := server.ReadFrom(buf)
		if err != nil || string(buf[:n]) != "question" || from.String() != client.LocalAddr().String() {
			t.Errorf("%q from %v, %v", buf[:n], from, err)
		}
	}
}

func TestDeadline(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("reading past the deadline: %v", err)
	}
	l.Close()
	if _, err := net.Dial("tcp", l.Addr().String()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("dialling a closed port: %v", err)
	}
}

// TestPassFile passes a descriptor through a socket; it is truncated if the buffer is too
// small. It uses the standard library's calls, since those of x/sys/unix don't pass a
// control buffer.
func TestPassFile(t *testing.T) {
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(ends[0])
	defer unix.Close(ends[1])
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	rights := syscall.UnixRights(int(w.Fd()))
	if err := syscall.Sendmsg(ends[0], []byte("with"), rights, nil, 0); err != nil {
		t.Fatal(err)
	}
	w.Close()
	buf, control := make([]byte, 10), make([]byte, 64)
	n, used, _, _, err := syscall.Recvmsg(ends[1], buf, control, 0)
	if err != nil || string(buf[:n]) != "with" {
		t.Fatalf("%q, %d, %v", buf[:n], used, err)
	}
	messages, err := syscall.ParseSocketControlMessage(control[:used])
	if err != nil || len(messages) != 1 {
		t.Fatalf("% x: %v, %v", control[:used], messages, err)
	}
	files, err := syscall.ParseUnixRights(&messages[0])
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	unix.Write(files[0], []byte("through"))
	unix.Close(files[0])
	if text, err := io.ReadAll(r); string(text) != "through" || err != nil {
		t.Errorf("the pipe brought %q, %v", text, err)
	}
	if err := syscall.Sendmsg(ends[0], []byte("cut"), syscall.UnixRights(0, 1), nil, 0); err != nil {
		t.Fatal(err)
	}
	if _, used, _, _, err := syscall.Recvmsg(ends[1], buf, control[:8], 0); err != nil || used != 0 {
		t.Errorf("without room: %d, %v", used, err)
	}
}

func TestSocketOptions(t *testing.T) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	get := func(name string, level, option, want int) {
		t.Helper()
		if got, err := unix.GetsockoptInt(fd, level, option); err != nil || got != want {
			t.Errorf("%s is %d, %v; want %d", name, got, err, want)
		}
	}
	get("SO_TYPE", unix.SOL_SOCKET, unix.SO_TYPE, 2)
	get("SO_ERROR", unix.SOL_SOCKET, unix.SO_ERROR, 0)
	for name, c := range map[string]struct{ level, option, value int }{
		"SO_SNDBUF": {unix.SOL_SOCKET, unix.SO_SNDBUF, 50000}, "SO_RCVBUF": {unix.SOL_SOCKET, unix.SO_RCVBUF, 60000},
		"SO_REUSEADDR": {unix.SOL_SOCKET, unix.SO_REUSEADDR, 1}, "TCP_NODELAY": {unix.IPPROTO_TCP, unix.TCP_NODELAY, 1},
		"TCP_KEEPALIVE_THRESHOLD": {unix.IPPROTO_TCP, unix.TCP_KEEPALIVE_THRESHOLD, 42000}, "IP_TTL": {unix.IPPROTO_IP, unix.IP_TTL, 7},
	} {
		if err := unix.SetsockoptInt(fd, c.level, c.option, c.value); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		get(name, c.level, c.option, c.value)
	}
	// The pending error of a socket is an illumos number.
	if err := unix.SetNonblock(fd, true); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	if err := unix.Connect(fd, &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}); err != unix.EINPROGRESS && err != unix.ECONNREFUSED {
		t.Errorf("connecting: %v", err)
	} else if err == unix.EINPROGRESS {
		fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
		unix.Poll(fds, -1)
		get("SO_ERROR", unix.SOL_SOCKET, unix.SO_ERROR, 146) // ECONNREFUSED
	}
}

// TestPeer reads the credentials of the peer of a socket.
func TestPeer(t *testing.T) {
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(ends[0])
	defer unix.Close(ends[1])
	peer, err := unix.GetPeerUcred(uintptr(ends[0]))
	if err != nil {
		t.Fatal(err)
	}
	if peer.Getpid() != os.Getpid() || peer.Geteuid() != os.Geteuid() || peer.Getegid() != os.Getegid() {
		t.Errorf("pid %d, uid %d, gid %d", peer.Getpid(), peer.Geteuid(), peer.Getegid())
	}
}

func TestInterfaces(t *testing.T) {
	list, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range list {
		if i.Flags&net.FlagLoopback == 0 {
			continue
		}
		addresses, err := i.Addrs()
		if err != nil || len(addresses) == 0 || i.Index == 0 || i.MTU == 0 {
			t.Errorf("%+v has %v, %v", i, addresses, err)
		}
		return
	}
	t.Errorf("no loopback among %v", list)
}
