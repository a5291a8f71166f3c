package client

import (
	"os"
	"sync/atomic"
	"testing"

	"github.com/gozones/zones/internal/kernelrpc/wire"
	"github.com/gozones/zones/internal/locate"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// flaky serves a kernel's door. It closes a connection on a request if drops says so of
// the connection's number, from 1 on.
func flaky(t *testing.T, drops func(n int32) bool) (run string) {
	t.Helper()
	run = t.TempDir()
	server, err := door.Listen(locate.KernelDoor(run), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	var connections atomic.Int32
	go server.Serve(func(conn *door.Conn) {
		n := connections.Add(1)
		for {
			if _, _, err := conn.Receive(); err != nil || drops(n) {
				return
			}
			raw, _ := wire.EncodeReply(n, nil, nil)
			wire.Send(conn, raw)
		}
	})
	t.Cleanup(func() { server.Close() })
	return run
}

// TestFoundEnding: a client that reaches a kernel process which is just exiting tries the
// next one; once a process has answered, the client stays with it.
func TestFoundEnding(t *testing.T) {
	for _, test := range []struct {
		name          string
		drops         func(n int32) bool
		first, second errno.Errno
	}{
		{"the first", func(n int32) bool { return n == 1 }, 0, 0},
		{"every one", func(int32) bool { return true }, errno.EIO, errno.EIO},
		{"none", func(int32) bool { return false }, 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := Dial(flaky(t, test.drops))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if _, err := c.Version(); zone.ErrnoOf(err) != test.first {
				t.Errorf("the first call: %v", err)
			}
			if _, err := c.Version(); zone.ErrnoOf(err) != test.second {
				t.Errorf("the second: %v", err)
			}
			if pid := c.ServerPid(); int(pid) != os.Getpid() {
				t.Errorf("served by %d", pid)
			}
		})
	}
}

// TestAnsweredOnce: when a kernel process that has answered exits, the client doesn't
// move on to another one.
func TestAnsweredOnce(t *testing.T) {
	var ended atomic.Bool
	run := flaky(t, func(int32) bool { return ended.Load() })
	c, err := Dial(run)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Version(); err != nil {
		t.Fatal(err)
	}
	ended.Store(true)
	if _, err := c.Version(); zone.ErrnoOf(err) != errno.EIO {
		t.Errorf("a call after the kernel process has exited: %v", err)
	}
	if err := os.Remove(locate.KernelDoor(run)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Watch(t.Context()); zone.ErrnoOf(err) != errno.EIO {
		t.Errorf("watching it: %v", err)
	}
}
