package contract

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/errno"
)

// next returns the lowest free descriptors.
func next(t *testing.T) (list [4]int) {
	t.Helper()
	for i := range list {
		fd, err := unix.Open(os.DevNull, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(fd)
		list[i] = fd
	}
	return list
}

// TestTemplateThread: a template applies to a thread, so the goroutine stays on it. Another
// goroutine takes each thread on which it would be left.
func TestTemplateThread(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	release := make(chan struct{})
	defer close(release)
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	id, err := Terms{Cookie: 45}.Start(func() error {
		for range 3 {
			taken := make(chan struct{})
			go func() {
				runtime.LockOSThread()
				defer runtime.UnlockOSThread()
				close(taken)
				<-release
			}()
			<-taken
		}
		return cmd.Start()
	})
	if noContracts(err) {
		testenv.Need(t, testenv.Given("a contract file system", err))
	}
	if err != nil {
		t.Fatal(err)
	}
	if s, err := StatusOf(id, All); err != nil || s.Cookie != 45 || !slices.Contains(s.Members, int32(cmd.Process.Pid)) {
		t.Errorf("%+v, %v", s, err)
	}
	cmd.Wait()
	if err := Abandon(id); err != nil {
		t.Error(err)
	}
}

// TestErrors: each call returns the number of its failure.
func TestErrors(t *testing.T) {
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	id, err := Terms{Informative: EventExit}.Start(cmd.Start)
	if noContracts(err) {
		testenv.Need(t, testenv.Given("a contract file system", err))
	}
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		call func() error
		want error
	}{
		"no event waits":   {func() error { return Ack(id, 1<<40) }, errno.ESRCH},
		"no heir":          {func() error { return Adopt(id) }, errno.EINVAL},
		"no contract":      {func() error { return Abandon(1 << 30) }, errno.ENOENT},
		"no status":        {func() error { _, err := StatusOf(1<<30, All); return err }, os.ErrNotExist},
		"an odd status":    {func() error { _, err := StatusOf(id, 99); return err }, errno.EINVAL},
		"no events":        {func() error { _, err := Watch(1 << 30); return err }, os.ErrNotExist},
		"closed":           {func() error { return closed(id, func(e *Endpoint) error { _, err := e.Next(); return err }) }, os.ErrClosed},
		"closed otherwise": {func() error { return closed(id, (*Endpoint).Reliable) }, os.ErrClosed},
	} {
		if err := test.call(); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, not %v", name, err, test.want)
		}
	}
	cmd.Wait()
	if err := Abandon(id); err != nil {
		t.Error(err)
	}
	if err := Abandon(id); !errors.Is(err, errno.EACCES) && !errors.Is(err, os.ErrNotExist) {
		t.Errorf("abandoned twice: %v", err)
	}
	// A thread that has made no contract has no latest one. Of so many at the same time most are new.
	latest, all := make(chan error), make(chan struct{})
	const threads = 20
	for range threads {
		go func() {
			runtime.LockOSThread() // not unlocked: the thread ends with the goroutine
			_, err := Latest()
			latest <- err
			<-all
		}()
	}
	none := 0
	for range threads {
		if err := <-latest; errors.Is(err, errno.ESRCH) {
			none++
		} else if err != nil {
			t.Errorf("the latest of none: %v", err)
		}
	}
	close(all)
	if none == 0 {
		t.Error("all threads have made a contract")
	}
}

// closed calls on an endpoint that is closed.
func closed(id ID, call func(*Endpoint) error) error {
	events, err := Watch(id)
	if err != nil {
		return err
	}
	events.Close()
	return call(events)
}

// TestWait: an event is waited for, and closing ends the wait.
func TestWait(t *testing.T) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestWait$")
	if os.Getenv("TEST_WAITS") != "" {
		io.ReadAll(os.Stdin)
		return
	}
	cmd.Env = append(os.Environ(), "TEST_WAITS=1")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	id, err := Terms{Informative: EventExit}.Start(cmd.Start)
	if noContracts(err) {
		testenv.Need(t, testenv.Given("a contract file system", err))
	}
	if err != nil {
		t.Fatal(err)
	}
	events, err := Watch(id)
	if err != nil {
		t.Fatal(err)
	}
	defer events.Close()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		stdin.Close()
		cmd.Wait()
	}()
	for {
		e, err := events.Next()
		if err != nil {
			t.Fatal(err)
		}
		if e.Type == EventExit {
			break
		}
	}
	<-ended
	go events.Close()
	if e, err := events.Next(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("%+v, %v after the end", e, err)
	}
	if err := Abandon(id); err != nil {
		t.Error(err)
	}
}

// TestGrow reads a status and an event that are longer than the first buffer, whose calls end
// without an event in it, and leaves no descriptor.
func TestGrow(t *testing.T) {
	before := next(t)
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	id, err := Terms{Informative: EventExit, Critical: EventEmpty, Cookie: 44}.Start(cmd.Start)
	if noContracts(err) {
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
		t.Errorf("descriptors %v are next, were %v", after, before)
	}
}
