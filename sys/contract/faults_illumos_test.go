package contract

import (
	"errors"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/internal/testenv/faults"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/internal/abi"
)

// requests are the calls of which contracts consist.
var requests = faults.Fault{Of: []string{"open", "ioctl"}}

// held returns a contract that this process holds, of a program that has ended.
func held(t *testing.T) ID {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	id, err := Terms{Informative: EventExit}.Start(cmd.Start)
	if noContracts(err) {
		testenv.Need(t, testenv.Given("a contract file system", err))
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	t.Cleanup(func() {
		if err := Abandon(id); err != nil && !errors.Is(err, errno.EACCES) && !errors.Is(err, os.ErrNotExist) {
			t.Error(err)
		}
	})
	return id
}

// TestFaults: each call that fails is the error of the function that made it.
func TestFaults(t *testing.T) {
	faults.Need(t)
	id := held(t)
	for name, do := range map[string]func() error{
		"activate": func() error {
			a, err := Terms{Cookie: 1}.Activate()
			if err == nil {
				err = a.Clear()
			}
			return err
		},
		"status": func() error { _, err := StatusOf(id, All); return err },
		"common": func() error { _, err := StatusOf(id, Common); return err },
		"watch": func() error {
			events, err := Watch(id)
			if err != nil {
				return err
			}
			defer events.Close()
			_, err = events.Next()
			return err
		},
	} {
		t.Run(name, func(t *testing.T) { requests.Noticed(t, do) })
	}
	for _, detail := range []Detail{Common, All} { // the room is enough at once
		if all := requests.Each(t, func() error { _, err := StatusOf(id, detail); return err }, func(string, error) {}); len(all) != 2 {
			t.Errorf("detail %d: %v", detail, all)
		}
	}
	for offset, want := range map[uint32]int{0: 8, 4: 4} {
		if at := globalAt(&abi.CtEvent{NBytes: 8, GOffset: offset}); at != want {
			t.Errorf("with the offset %d the global zone's list is at %d", offset, at)
		}
	}
	// What a thread has made last, it is asked after a start.
	latest := func() error { _, err := Terms{}.Start(func() error { return nil }); return err }
	requests.Each(t, func() error {
		if err := latest(); !errors.Is(err, errno.ESRCH) {
			return err
		}
		return nil // this thread has made none
	}, func(failed string, err error) {
		if !requests.Is(err) {
			t.Errorf("%s failed: %v", failed, err)
		}
	})
	for _, c := range []struct {
		name string
		do   func() error
	}{
		{"ack", func() error { return Ack(id, 1<<40) }}, {"adopt", func() error { return Adopt(id) }}, {"abandon", func() error { return Abandon(id) }},
	} {
		for _, f := range []faults.Fault{{Of: []string{"open"}}, {Of: []string{"ioctl"}}} {
			if failed, err := f.Do(t, c.do); failed == "" || !f.Is(err) {
				t.Errorf("%s with a failure of %s: %v", c.name, failed, err)
			}
		}
	}
}

// TestRepeats: what a signal has interrupted is done again.
func TestRepeats(t *testing.T) {
	faults.Need(t)
	id := held(t)
	open := faults.Fault{Errno: errno.EINTR, Of: []string{"open"}}
	if failed, err := open.Do(t, func() error { _, err := StatusOf(id, All); return err }); failed == "" || err != nil {
		t.Errorf("%s: %v", failed, err)
	}
	events, err := Watch(id)
	if err != nil {
		t.Fatal(err)
	}
	defer events.Close()
	receive := faults.Fault{Errno: errno.EINTR, Of: []string{"ioctl"}}
	if failed, err := receive.Do(t, func() error { _, err := events.Next(); return err }); failed == "" || err != nil {
		t.Errorf("%s: %v", failed, err)
	}
}

// TestEndpoint: what ends a wait otherwise isn't that the endpoint was closed.
func TestEndpoint(t *testing.T) {
	faults.Need(t)
	events, err := Watch(held(t))
	if err != nil {
		t.Fatal(err)
	}
	defer events.Close()
	if failed, err := requests.Do(t, events.Reliable); failed == "" || !requests.Is(err) {
		t.Errorf("%s failed: %v", failed, err)
	}
	if err := events.file.SetReadDeadline(time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	for {
		e, err := events.Next()
		if err == nil {
			continue
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, os.ErrClosed) {
			t.Errorf("%+v, %v", e, err)
		}
		break
	}
	var none Endpoint
	if _, err := none.Next(); !errors.Is(err, os.ErrInvalid) {
		t.Errorf("an event of no endpoint: %v", err)
	}
	if err := none.Reliable(); !errors.Is(err, os.ErrInvalid) {
		t.Errorf("no endpoint is reliable: %v", err)
	}
}
