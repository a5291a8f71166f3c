package contract

import (
	"errors"
	"os"
	"os/exec"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/testenv"
)

// next returns the lowest free descriptor.
func next(t *testing.T) int {
	t.Helper()
	fd, err := unix.Open(os.DevNull, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	unix.Close(fd)
	return fd
}

// TestGrow reads a status and an event that are longer than the first buffer, whose calls end
// without an event in it, and leaves no descriptor.
func TestGrow(t *testing.T) {
	before := next(t)
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	id, err := Terms{Informative: EventExit, Critical: EventEmpty, Cookie: 44}.Start(cmd.Start)
	if errors.Is(err, os.ErrNotExist) {
		testenv.Need(t, testenv.Given("a contract file system", err))
	}
	if err != nil {
		t.Fatal(err)
	}
	statusRoom, eventRoom = 8, 8
	defer func() { statusRoom, eventRoom = 4096, 4096 }()
	if s, err := StatusOf(id, All); err != nil || s.Cookie != 44 || s.Critical != EventEmpty || !slices.Contains(s.Members, int32(cmd.Process.Pid)) {
		t.Errorf("%+v, %v", s, err)
	}
	if s, err := StatusOf(id, Common); err != nil || s.Cookie != 44 || s.Members != nil {
		t.Errorf("without details: %+v, %v", s, err)
	}
	events, err := Watch(id)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	for {
		e, err := events.Next()
		if err != nil {
			t.Fatal(err)
		}
		if e.Contract != id {
			t.Fatalf("an event of contract %d: %+v", e.Contract, e)
		}
		if e.Type == EventExit {
			if e.Pid != int32(cmd.Process.Pid) || e.Critical {
				t.Errorf("%+v", e)
			}
			break
		}
	}
	events.Close()
	if err := Abandon(id); err != nil {
		t.Error(err)
	}
	if _, err := (Terms{}).Start(func() error { return os.ErrInvalid }); err != os.ErrInvalid {
		t.Error(err)
	}
	if after := next(t); after != before {
		t.Errorf("descriptor %d is next, was %d", after, before)
	}
}
