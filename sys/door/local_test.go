package door

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// localEcho serves a door of this process that replies with the request.
func localEcho(t *testing.T) (s *localServer, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "echo")
	s, err := listenLocal(path)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		done <- s.run(func(c *localConn) {
			for {
				message, _, err := c.receive()
				if err != nil || c.send(message, nil) != nil {
					return
				}
			}
		})
	}()
	t.Cleanup(func() {
		if err := errors.Join(s.revoke(), <-done); err != nil {
			t.Error(err)
		}
	})
	return s, path
}

func localDial(t *testing.T, path string) *localConn {
	t.Helper()
	c, err := dialLocal(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.close() })
	return c
}

func TestLocalCall(t *testing.T) {
	t.Parallel()
	s, path := localEcho(t)
	c := localDial(t, path)
	for _, text := range []string{"first", "", "third"} {
		if got, files, err := c.exchange([]byte(text), nil); string(got) != text || files != nil || err != nil {
			t.Errorf("%q: %q, %v, %v", text, got, files, err)
		}
	}
	if n := s.callers(); n != 1 {
		t.Errorf("%d callers", n)
	}
	if cred, err := c.peer(); cred.Pid != int32(os.Getpid()) || err != nil {
		t.Errorf("peer: %+v, %v", cred, err)
	}
}

// TestLocalRefusals: each error is the one that a door between processes has.
func TestLocalRefusals(t *testing.T) {
	t.Parallel()
	_, path := localEcho(t)
	c := localDial(t, path)
	_, absent := dialLocal(path + "2")
	_, twice := listenLocal(path)
	for _, test := range []struct {
		name      string
		err, want error
	}{
		{"a door that nobody serves", absent, syscall.ENOENT},
		{"a door that another process may serve", absent, errors.ErrUnsupported},
		{"a door that is served", twice, syscall.EADDRINUSE},
		{"a long message", c.send(make([]byte, MaxMessage+1), nil), syscall.EMSGSIZE},
		{"a file", c.send(nil, []*os.File{os.Stdin}), errors.ErrUnsupported},
	} {
		if !errors.Is(test.err, test.want) {
			t.Errorf("%s: %v", test.name, test.err)
		}
	}
	c.close()
	if _, _, err := c.exchange(nil, nil); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a call on a closed connection: %v", err)
	}
}

// TestLocalShut: a door that was removed has no new callers and keeps its old ones, until
// it is closed; its path is free.
func TestLocalShut(t *testing.T) {
	t.Parallel()
	s, path := localEcho(t)
	c := localDial(t, path)
	if _, _, err := c.exchange(nil, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.remove(); err != nil {
		t.Fatal(err)
	}
	if _, err := dialLocal(path); !errors.Is(err, syscall.ENOENT) {
		t.Errorf("dial: %v", err)
	}
	next, err := listenLocal(path)
	if err != nil {
		t.Fatal(err)
	}
	defer next.revoke()
	if got, _, err := c.exchange([]byte("old"), nil); string(got) != "old" || err != nil {
		t.Errorf("the old caller: %q, %v", got, err)
	}
	if err := s.revoke(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.receive(); err != io.EOF {
		t.Errorf("after closing: %v", err)
	}
	if err := c.send(nil, nil); err != syscall.EPIPE {
		t.Errorf("after closing: %v", err)
	}
	if next, err := dialLocal(path); err != nil {
		t.Errorf("the next door was removed, too: %v", err)
	} else {
		next.close()
	}
}

// TestLocalBacklog: callers that nobody serves find their connection closed with the door.
func TestLocalBacklog(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "door")
	s, err := listenLocal(path)
	if err != nil {
		t.Fatal(err)
	}
	var waiting []*localConn
	for range backlog {
		waiting = append(waiting, localDial(t, path))
	}
	if _, err := dialLocal(path); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("one caller more: %v", err)
	}
	if err := s.revoke(); err != nil {
		t.Fatal(err)
	}
	for i, c := range waiting {
		if _, _, err := c.receive(); err != io.EOF {
			t.Errorf("caller %d: %v", i, err)
		}
	}
}
