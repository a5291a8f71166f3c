//go:build linux || illumos

package door_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/gozones/zones/sys/door"
)

func Example() {
	dir, err := os.MkdirTemp("", "door")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	server, err := door.Listen(filepath.Join(dir, "upper"), 0o600)
	if err != nil {
		panic(err)
	}
	defer server.Close()
	go server.Serve(func(c *door.Conn) {
		for {
			request, _, err := c.Receive()
			if err != nil {
				return
			}
			c.Send(bytes.ToUpper(request))
		}
	})
	c, err := door.Dial(filepath.Join(dir, "upper"))
	if err != nil {
		panic(err)
	}
	defer c.Close()
	reply, _, err := c.Call([]byte("hello"))
	fmt.Println(string(reply), err)
	// Output: HELLO <nil>
}

// echo serves a door that replies with the request.
func echo(t *testing.T, path string) *door.Server {
	t.Helper()
	s, err := door.Listen(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	go s.Serve(func(c *door.Conn) {
		for {
			message, files, err := c.Receive()
			if err != nil {
				return
			}
			c.Send(message, files...)
			for _, f := range files {
				f.Close()
			}
		}
	})
	t.Cleanup(func() { s.Close() })
	return s
}

func dial(t *testing.T, path string) *door.Conn {
	t.Helper()
	c, err := door.Dial(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestMessages(t *testing.T) {
	path := filepath.Join(t.TempDir(), "door")
	echo(t, path)
	c := dial(t, path)
	for _, n := range []int{1, 1000, 64 << 10, door.MaxMessage} {
		want := bytes.Repeat([]byte{'x'}, n)
		got, _, err := c.Call(want)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("the reply to %d bytes has %d, %v", n, len(got), err)
		}
	}
	if _, _, err := c.Call(make([]byte, door.MaxMessage+1)); !errors.Is(err, syscall.EMSGSIZE) {
		t.Errorf("a message that is too long: %v", err)
	}
	if _, _, err := c.Call([]byte("still")); err != nil {
		t.Errorf("a call after that: %v", err)
	}
}

func TestDescriptors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "door")
	echo(t, path)
	c := dial(t, path)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	_, files, err := c.Call([]byte("take this"), w)
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	w.Close()
	if _, err := files[0].WriteString("through"); err != nil {
		t.Error(err)
	}
	files[0].Close()
	if got, err := io.ReadAll(r); string(got) != "through" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func TestPeer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "door")
	s, err := door.Listen(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	seen := make(chan door.Cred, 1)
	go s.Serve(func(c *door.Conn) {
		cred, err := c.Peer()
		if err != nil {
			t.Error(err)
		}
		c.Receive()
		c.Send([]byte("seen"))
		seen <- cred
	})
	c := dial(t, path)
	if _, _, err := c.Call([]byte("who am I")); err != nil {
		t.Fatal(err)
	}
	if cred := <-seen; int(cred.Pid) != os.Getpid() || int(cred.UID) != os.Getuid() || int(cred.GID) != os.Getgid() || cred.Inside {
		t.Errorf("the caller is %+v", cred)
	}
	if cred, err := c.Peer(); err != nil || int(cred.Pid) != os.Getpid() || int(cred.UID) != os.Getuid() {
		t.Errorf("the server is %+v, %v", cred, err)
	}
}

func TestClose(t *testing.T) {
	path := filepath.Join(t.TempDir(), "door")
	s := echo(t, path)
	c := dial(t, path)
	if _, _, err := c.Call([]byte("x")); err != nil {
		t.Fatal(err)
	}
	// A caller is a connection on Linux, and a call that waits for its reply on illumos.
	if n := s.Callers(); runtime.GOOS == "linux" && n != 1 {
		t.Errorf("%d callers", n)
	}
	if _, err := door.Listen(path, 0o600); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("a second server: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, _, err := c.Call([]byte("x")); err == nil {
		t.Error("a revoked door answers")
	}
	if _, err := door.Dial(path); !errors.Is(err, syscall.ENOENT) {
		t.Errorf("opening it: %v", err)
	}
}

// TestStale replaces a door whose server was killed, with a path that is longer than a
// socket address.
func TestStale(t *testing.T) {
	path := filepath.Join(t.TempDir(), strings.Repeat("long", 30), "door")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := door.Dial(path); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("a file that is not a door: %v", err)
	}
	echo(t, path)
	c := dial(t, path)
	if _, _, err := c.Call([]byte("x")); err != nil {
		t.Error(err)
	}
}
