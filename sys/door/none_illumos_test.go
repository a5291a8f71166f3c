package door

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/gozones/zones/internal/testenv/faults"
	"github.com/gozones/zones/sys/errno"
)

// TestNoFile: what isn't open has no descriptor.
func TestNoFile(t *testing.T) {
	if err := new(Conn).with(func(uintptr) error { return nil }); !errors.Is(err, os.ErrInvalid) {
		t.Errorf("a door that isn't open: %v", err)
	}
	if _, err := new(Conn).info(); !errors.Is(err, errno.EBADF) {
		t.Errorf("about a door that isn't open: %v", err)
	}
	if _, _, err := new(Conn).maxRequest(); !errors.Is(err, errno.EBADF) {
		t.Errorf("what a door takes that isn't open: %v", err)
	}
	if _, _, err := new(Conn).exchange(nil, nil); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("a call of a caller: %v", err)
	}
	if _, err := number(nil); !errors.Is(err, os.ErrInvalid) {
		t.Errorf("a file that isn't open: %v", err)
	}
}

// TestMost: a message may have as many files as are allowed.
func TestMost(t *testing.T) {
	if err := fits(make([]byte, MaxMessage), make([]*os.File, maxFiles)); err != nil {
		t.Error(err)
	}
	if err := fits(nil, make([]*os.File, maxFiles+1)); !errors.Is(err, errno.EMSGSIZE) {
		t.Errorf("one more: %v", err)
	}
}

// TestEnd: who closes a server is told when its last call ends.
func TestEnd(t *testing.T) {
	s := &Server{calls: 1}
	s.idle.L = &s.mu
	waits, woken := make(chan struct{}), make(chan struct{})
	go func() {
		s.mu.Lock()
		close(waits)
		for s.calls > 0 { // end has no lock until it waits
			s.idle.Wait()
		}
		s.mu.Unlock()
		close(woken)
	}()
	<-waits
	s.end()
	<-woken
}

// waiting reports whether a goroutine is in a function.
func waiting(function string) bool {
	stacks := make([]byte, 1<<20)
	return bytes.Contains(stacks[:runtime.Stack(stacks, true)], []byte(function))
}

// TestClosedUnserved: a call of a server that is closed before it serves is answered, and not
// served. Who isn't connected can't receive, and a closed connection is no door.
func TestClosedUnserved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "door")
	s, err := Listen(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Dial(path)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		_, _, err := c.Call([]byte("?"))
		done <- err
	}()
	for !waiting("door.(*Server).begin") {
		runtime.Gosched()
	}
	if err := errors.Join(s.Shut(), s.Close()); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if _, _, err := c.Receive(); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("receiving from a server: %v", err)
	}
	if _, _, err := c.Call(nil, nil); !errors.Is(err, os.ErrInvalid) {
		t.Errorf("passing no file: %v", err)
	}
	c.Close()
	if _, err := c.Info(); err == nil {
		t.Error("a closed connection is a door")
	}
}

// TestMapped: a reply that the system has mapped is unmapped.
func TestMapped(t *testing.T) {
	faults.Need(t)
	path := filepath.Join(t.TempDir(), "door")
	s, err := Listen(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	go s.Serve(func(c *Conn) {
		request, _, _ := c.Receive()
		c.Send(make([]byte, 1000*len(request)))
	})
	c, err := Dial(path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for size, want := range map[int]string{1: "", 100: "munmap"} {
		unmapping := faults.Fault{Of: []string{"munmap"}}
		if failed, err := unmapping.Do(t, func() error { _, _, err := c.Call(make([]byte, size)); return err }); failed != want || err != nil {
			t.Errorf("a reply of %d bytes: %q was called, %v", 1000*size, failed, err)
		}
	}
}
