package linuxhost

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gozones/zones/kernel/host"
	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/zone"
)

// TestDaemon: a request reaches the daemon whose door is below the run directory. Without
// an answer it has exited.
func TestDaemon(t *testing.T) {
	dir := t.TempDir()
	h := &Host{options: Options{RunDir: dir}}
	if _, err := h.OpenDaemon("/var/run/zones/web.zoneadmd_door"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no door: %v", err)
	}
	sent := filepath.Join(dir, "sent")
	if err := os.WriteFile(sent, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	server, err := door.Listen(filepath.Join(dir, "web.zoneadmd_door"), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan zone.CommandRequest, 1)
	given := make(chan bool, 1) // the daemon has closed its own file
	go server.Serve(func(c *door.Conn) {
		defer c.Close()
		for {
			raw, _, err := c.Receive()
			if err != nil {
				return
			}
			var r zone.CommandRequest
			if err := r.UnmarshalBinary(raw); err != nil {
				t.Error(err)
			}
			asked <- r
			switch zone.Command(r.Command) {
			case zone.CommandReboot:
				file, err := os.Open(sent)
				if err == nil {
					err = c.Send([]byte("done"), file)
					file.Close()
				}
				if err != nil {
					t.Error(err)
				}
				given <- true
			default:
				return
			}
		}
	})
	t.Cleanup(func() { server.Close() })
	for _, test := range []struct {
		command zone.Command
		want    error
	}{{zone.CommandReboot, nil}, {zone.CommandReady, errno.EBADF}} {
		d, err := h.OpenDaemon("/var/run/zones/web.zoneadmd_door")
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Call(&host.DaemonRequest{UniqID: 7, Cmd: int32(test.command), Locale: "C", BootArgs: "-s"}); !errors.Is(err, test.want) {
			t.Errorf("%v: %v, want %v", test.command, err, test.want)
		}
		if got, want := <-asked, (zone.CommandRequest{UniqID: 7, Command: test.command, Locale: "C", BootArgs: "-s"}); got != want {
			t.Errorf("it was asked %+v, want %+v", got, want)
		}
		if test.command == zone.CommandReboot {
			<-given
		}
		if n := openFiles(sent); n != 0 {
			t.Errorf("%v: %d files of the answer stay open", test.command, n)
		}
		if err := d.Call(&host.DaemonRequest{BootArgs: strings.Repeat("x", 256)}); !errors.Is(err, errno.EINVAL) {
			t.Errorf("a request that is too long: %v", err)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestGroupsOfProgram: a program has the user and the groups that it is started with.
func TestGroupsOfProgram(t *testing.T) {
	m := newMachine(t)
	id, _ := m.booted("ids")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	p, err := m.p.Start(id, &zone.Cmd{Path: "/bin/sh", Args: []string{"sh", "-c", "id -u; id -G"}, Env: []string{"PATH=/usr/bin:/bin"}, UID: 5, GID: 6, Groups: []uint32{7, 8}, Stdout: w})
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Wait(); err != nil {
		t.Error(err)
	}
	text := make([]byte, 64)
	n, _ := r.Read(text)
	if got := string(text[:n]); initialUserNS() && got != "5\n6 7 8\n" {
		t.Errorf("it is %q", got)
	}
	m.halt(id)
}
