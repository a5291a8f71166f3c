package door_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/errno"
)

func TestInfo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "door")
	echo(t, path)
	c := dial(t, path)
	info, err := c.Info()
	if err != nil || int(info.Pid) != os.Getpid() || info.Revoked() {
		t.Errorf("%+v, %v", info, err)
	}
	bytes, files, err := c.MaxRequest()
	if err != nil || bytes < 16<<10 || files == 0 {
		t.Errorf("it takes %d bytes and %d files, %v", bytes, files, err)
	}
}

// TestOneAnswer checks that a call has one request and one reply.
func TestOneAnswer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "door")
	s, err := door.Listen(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	outcome := make(chan error, 3)
	go s.Serve(func(c *door.Conn) {
		c.Receive()
		_, _, err := c.Receive()
		outcome <- err
		outcome <- c.Send([]byte("once"))
		outcome <- c.Send([]byte("twice"))
	})
	c := dial(t, path)
	if reply, _, err := c.Call([]byte("?")); string(reply) != "once" || err != nil {
		t.Errorf("%q, %v", reply, err)
	}
	if err := <-outcome; err != io.EOF {
		t.Errorf("a second request: %v", err)
	}
	if err := <-outcome; err != nil {
		t.Error(err)
	}
	if err := <-outcome; !errors.Is(err, os.ErrClosed) {
		t.Errorf("a second reply: %v", err)
	}
	if err := c.Send(nil); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("sending to a server: %v", err)
	}
}

// TestNoAnswer checks that a server that returns without a reply sends an empty one.
func TestNoAnswer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "door")
	s, err := door.Listen(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	go s.Serve(func(c *door.Conn) {})
	if reply, _, err := dial(t, path).Call([]byte("?")); len(reply) != 0 || err != nil {
		t.Errorf("%q, %v", reply, err)
	}
}

// TestManyCallers checks that concurrent calls get their own replies.
func TestManyCallers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "door")
	s, err := door.Listen(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const callers = 8
	var all sync.WaitGroup
	all.Add(callers)
	go s.Serve(func(c *door.Conn) {
		request, _, err := c.Receive()
		if err != nil {
			t.Error(err)
			return
		}
		all.Done()
		all.Wait() // no call is answered before all have arrived
		c.Send(request)
	})
	var work sync.WaitGroup
	for i := range callers {
		c := dial(t, path)
		work.Go(func() {
			want := fmt.Sprint("caller ", i)
			if reply, _, err := c.Call([]byte(want)); string(reply) != want || err != nil {
				t.Errorf("%q, %v, not %q", reply, err, want)
			}
		})
	}
	work.Wait()
}

// TestLarge checks a reply that doesn't fit the caller's buffer.
func TestLarge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "door")
	s, err := door.Listen(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	go s.Serve(func(c *door.Conn) {
		c.Receive()
		if err := c.Send(make([]byte, door.MaxMessage+1)); !errors.Is(err, errno.EMSGSIZE) {
			t.Errorf("a reply that is too long: %v", err)
		}
		c.Send(make([]byte, door.MaxMessage))
	})
	if reply, _, err := dial(t, path).Call([]byte("?")); len(reply) != door.MaxMessage || err != nil {
		t.Errorf("%d bytes, %v", len(reply), err)
	}
}
