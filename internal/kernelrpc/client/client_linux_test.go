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

// flaky serves a kernel's door and drops the connections for whose numbers, from 1 on,
// drops says so, when a request has come.
func flaky(t *testing.T, drops func(n int32) bool) {
	t.Helper()
	run := t.TempDir()
	t.Setenv("ZONES_RUN", run)
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
}

// TestFoundEnding: a kernel process that is just ending when a program finds it is as
// good as none; one that has answered is the program's only one.
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
			flaky(t, test.drops)
			c, err := Open()
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

// TestAnsweredOnce: a kernel that has answered and goes is not followed by another.
func TestAnsweredOnce(t *testing.T) {
	var ended atomic.Bool
	flaky(t, func(int32) bool { return ended.Load() })
	c, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Version(); err != nil {
		t.Fatal(err)
	}
	ended.Store(true)
	if _, err := c.Version(); zone.ErrnoOf(err) != errno.EIO {
		t.Errorf("a call of the kernel that is gone: %v", err)
	}
	if err := os.Remove(locate.KernelDoor(locate.RunDir())); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Watch(t.Context()); zone.ErrnoOf(err) != errno.EIO {
		t.Errorf("watching it: %v", err)
	}
}
