//go:build unix

package posix

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestStat: what StatOf adds is what stat(2) says of links, owner and type.
func TestStat(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second")
	if err := errors.Join(os.WriteFile(first, nil, 0o640), os.Link(first, second)); err != nil {
		t.Fatal(err)
	}
	var stats [3]Stat
	for i, path := range []string{first, second, dir} {
		info, err := os.Stat(path)
		if err == nil {
			stats[i], err = StatOf(info)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	a, b, d := stats[0], stats[1], stats[2]
	if a != b || a.Links != 2 {
		t.Errorf("two links of a file: %+v, %+v", a, b)
	}
	if a.Mode != unix.S_IFREG|0o640 || a.UID != uint32(os.Geteuid()) {
		t.Errorf("a file of this user: %+v", a)
	}
	// An overlay can have its directories on another device.
	if d.Inode == a.Inode && d.Device == a.Device || d.Mode&unix.S_IFMT != unix.S_IFDIR {
		t.Errorf("its directory: %+v", d)
	}
}

// TestStatOfOther: a FileInfo that isn't the system's has no owner.
func TestStatOfOther(t *testing.T) {
	t.Parallel()
	if _, err := StatOf(other{}); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("StatOf: %v", err)
	}
}

type other struct{ fs.FileInfo }

func (other) Name() string { return "other" }
func (other) Sys() any     { return nil }

// TestOpenFlags: opening a FIFO doesn't wait for a writer, and a link isn't followed.
func TestOpenFlags(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fifo, link := filepath.Join(dir, "fifo"), filepath.Join(dir, "link")
	if err := errors.Join(Mkfifo(fifo, 0o600), os.Symlink(fifo, link)); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(fifo, os.O_RDONLY|NonBlock, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || info.Mode().Type() != fs.ModeNamedPipe {
		t.Errorf("the FIFO: %v, %v", info, err)
	}
	if file, err := os.OpenFile(link, os.O_RDONLY|NoFollow|NonBlock, 0); err == nil {
		file.Close()
		t.Error("opened the target of a link")
	}
}

func TestRename(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	from, empty, full := filepath.Join(dir, "from"), filepath.Join(dir, "empty"), filepath.Join(dir, "full")
	for _, path := range []string{filepath.Join(from, "a"), empty, filepath.Join(full, "b")} {
		if err := os.MkdirAll(path, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := Rename(from, full); !errors.Is(err, fs.ErrExist) {
		t.Errorf("onto a directory with an entry: %v", err)
	}
	if err := Rename(from, empty); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(empty, "a")); err != nil {
		t.Error(err)
	}
}

func TestAccess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := Access(dir); err != nil {
		t.Error(err)
	}
	if err := Access(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that isn't there: %v", err)
	}
}

// TestRunning: this process and one of another user exist, one that has exited and was
// waited for doesn't.
func TestRunning(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	past := exec.Command(self, "-test.run=^$")
	if err := past.Run(); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		pid  int
		want bool
	}{
		{"this process", os.Getpid(), true},
		{"process 1", 1, true},
		{"a process that has exited", past.Process.Pid, false},
		{"this process group", 0, false},
		{"all processes", -1, false},
	} {
		if got := Running(test.pid); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}

func TestSignalName(t *testing.T) {
	t.Parallel()
	if got := SignalName(SIGUSR1); got != "USR1" {
		t.Errorf("SIGUSR1 is %q", got)
	}
	if got := SignalName(250); got != "" {
		t.Errorf("250 is %q", got)
	}
}

// TestNonBlocking: closing the copy of a file wakes its reader, and the original stays open.
func TestNonBlocking(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	file, err := NonBlocking(r)
	if err != nil {
		t.Fatal(err)
	}
	read := make(chan error)
	go func() {
		_, err := file.Read(make([]byte, 1))
		read <- err
	}()
	if err := file.Close(); err != nil {
		t.Error(err)
	}
	if err := <-read; !errors.Is(err, os.ErrClosed) {
		t.Errorf("the reader got %v", err)
	}
	if _, err := w.WriteString("x"); err != nil {
		t.Errorf("the original: %v", err)
	}
}

// TestMessages: a read gets one message, an empty one ends the file, and a write that
// nobody reads ends at its deadline.
func TestMessages(t *testing.T) {
	t.Parallel()
	r, w, err := Messages()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	for _, text := range []string{"one", "two", ""} {
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	buffer := make([]byte, 100)
	for _, want := range []string{"one", "two"} {
		if n, err := r.Read(buffer); err != nil || string(buffer[:n]) != want {
			t.Errorf("%q, %v; want %q", buffer[:n], err, want)
		}
	}
	if n, err := r.Read(buffer); n != 0 || err != io.EOF {
		t.Errorf("%d, %v after the end", n, err)
	}
	if err := w.SetWriteDeadline(time.Unix(0, 1)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("late")); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("after the deadline: %v", err)
	}
}

// TestAwaitInput: input is waited for until there is some, or until stop; stop comes first.
func TestAwaitInput(t *testing.T) {
	t.Parallel()
	open := func() (r, w *os.File) {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { r.Close(); w.Close() })
		return r, w
	}
	in, type_ := open()
	stop, stopped := open()
	if _, err := type_.WriteString("x"); err != nil {
		t.Fatal(err)
	}
	if ready, err := AwaitInput(in, stop); !ready || err != nil {
		t.Errorf("with input: %t, %v", ready, err)
	}
	stopped.Close()
	if ready, err := AwaitInput(in, stop); ready || err != nil {
		t.Errorf("with both: %t, %v", ready, err)
	}
	empty, _ := open()
	if ready, err := AwaitInput(empty, stop); ready || err != nil {
		t.Errorf("with stop: %t, %v", ready, err)
	}
}
