package check

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func newPort(t *testing.T) *unix.EventPort {
	t.Helper()
	port, err := unix.NewEventPort()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { port.Close() })
	return port
}

func pending(t *testing.T, port *unix.EventPort, want int) {
	t.Helper()
	if n, err := port.Pending(); err != nil || n != want {
		t.Errorf("%d events are there, %v; want %d", n, err, want)
	}
}

// TestPortCounts checks that events are counted exactly and returned once, and that
// counted events whose condition no longer holds are not returned.
func TestPortCounts(t *testing.T) {
	port := newPort(t)
	var readers, writers []*os.File
	for range 3 {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		defer w.Close()
		readers, writers = append(readers, r), append(writers, w)
		if err := port.AssociateFd(r.Fd(), unix.POLLIN, "cookie"); err != nil {
			t.Fatal(err)
		}
	}
	pending(t, port, 0)
	for _, w := range writers {
		w.Write([]byte("x"))
	}
	pending(t, port, 3)
	readers[1].Read(make([]byte, 1))
	events := make([]unix.PortEvent, 8)
	n, err := port.Get(events, 2, nil)
	if err != nil || n != 2 {
		t.Fatalf("%d events, %v", n, err)
	}
	for _, e := range events[:n] {
		if e.Events != unix.POLLIN || e.Source != unix.PORT_SOURCE_FD || e.Fd == readers[1].Fd() {
			t.Errorf("event %+v", e)
		}
	}
	// The descriptor whose event no longer held is still associated, the others are
	// not.
	writers[1].Write([]byte("y"))
	pending(t, port, 1)
	if e, err := port.GetOne(nil); err != nil || e.Fd != readers[1].Fd() {
		t.Errorf("%+v, %v", e, err)
	}
	none := &unix.Timespec{Nsec: 1000}
	if _, err := port.GetOne(none); err != unix.ETIME {
		t.Errorf("nothing is left: %v", err)
	}
}

// TestPortSeveral waits for several events: the last one wakes the call, and a time-out
// returns those that are there.
func TestPortSeveral(t *testing.T) {
	port := newPort(t)
	var writers []*os.File
	for range 2 {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		defer w.Close()
		writers = append(writers, w)
		if err := port.AssociateFd(r.Fd(), unix.POLLIN, nil); err != nil {
			t.Fatal(err)
		}
	}
	got := make(chan int)
	go func() {
		events := make([]unix.PortEvent, 4)
		for {
			n, err := port.Get(events, 2, nil)
			if err == unix.EINTR {
				continue
			}
			if err != nil {
				t.Error(err)
			}
			got <- n
			return
		}
	}()
	writers[0].Write([]byte("x"))
	select {
	case n := <-got:
		t.Fatalf("came back with %d of 2", n)
	default:
	}
	writers[1].Write([]byte("x"))
	if n := <-got; n != 2 {
		t.Errorf("%d events", n)
	}
}

// TestPortFiles checks the events of an associated file.
func TestPortFiles(t *testing.T) {
	for name, c := range map[string]struct {
		do     func(path string) error
		events int
		want   int32
	}{
		"written":   {func(path string) error { return os.WriteFile(path, []byte("longer than before"), 0o600) }, unix.FILE_MODIFIED, unix.FILE_MODIFIED},
		"chmod":     {func(path string) error { return os.Chmod(path, 0o644) }, unix.FILE_ATTRIB, unix.FILE_ATTRIB},
		"removed":   {os.Remove, unix.FILE_MODIFIED, unix.FILE_DELETE},
		"renamed":   {func(path string) error { return os.Rename(path, path+"2") }, unix.FILE_MODIFIED, unix.FILE_RENAME_FROM},
		"replaced":  {func(path string) error { return os.Rename(path+".new", path) }, unix.FILE_MODIFIED, unix.FILE_RENAME_TO},
		"truncated": {func(path string) error { return os.Truncate(path, 0) }, unix.FILE_TRUNC, unix.FILE_TRUNC},
	} {
		t.Run(name, func(t *testing.T) {
			port := newPort(t)
			path := filepath.Join(t.TempDir(), "file")
			for _, p := range []string{path, path + ".new"} {
				if err := os.WriteFile(p, []byte("text"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := port.AssociatePath(path, info, c.events, "cookie"); err != nil {
				t.Fatal(err)
			}
			pending(t, port, 0)
			if err := c.do(path); err != nil {
				t.Fatal(err)
			}
			e, err := port.GetOne(nil)
			if err != nil || e.Events&c.want == 0 || e.Path != path || e.Cookie != "cookie" {
				t.Errorf("%+v, %v", e, err)
			}
		})
	}
}
