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

// TestUnreceived: descriptors that a server doesn't take are closed.
func TestUnreceived(t *testing.T) {
	path := filepath.Join(t.TempDir(), "door")
	s, err := door.Listen(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	go s.Serve(func(c *door.Conn) {})
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	_, _, err = dial(t, path).Call([]byte("?"), w)
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(r); len(text) != 0 || err != nil { // ends with the last writer
		t.Errorf("%q, %v", text, err)
	}
}

// TestMode: the file has the mode that was asked for, whatever the mask of new files is.
func TestMode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "door")
	s, err := door.Listen(path, 0o666)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o666 {
		t.Errorf("%v, %v", info, err)
	}
}

// TestManyFiles: more files than a message takes are refused.
func TestManyFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "door")
	echo(t, path)
	files := make([]*os.File, 9)
	for i := range files {
		files[i] = os.Stdin
	}
	if _, _, err := dial(t, path).Call([]byte("?"), files...); !errors.Is(err, errno.EMSGSIZE) {
		t.Errorf("%d files: %v", len(files), err)
	}
}
