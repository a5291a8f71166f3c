package sysevent

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/gozones/zones/internal/testenv"
	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/internal/abi"
)

func zones(t *testing.T) *Subscription {
	t.Helper()
	s, err := Subscribe(abi.ZONE_EVENT_CHANNEL, abi.ZONE_EVENT_STATUS_CLASS)
	if errors.Is(err, errno.EPERM) || errors.Is(err, errno.EACCES) {
		testenv.Need(t, testenv.Given("the privilege to subscribe", err))
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// free is the number of pipes that nobody uses.
func free() int {
	pipes.Lock()
	defer pipes.Unlock()
	return len(pipes.free)
}

// TestPipes: subscriptions have ids and pipes of their own, which the next ones get.
func TestPipes(t *testing.T) {
	one, two := zones(t), zones(t)
	if one.id == two.id || one.pipe == two.pipe || len(one.id) > 15 {
		t.Errorf("subscriptions %q and %q", one.id, two.id)
	}
	if err := errors.Join(one.Close(), one.Close(), two.Close()); err != nil {
		t.Error(err)
	}
	before := free()
	if before < 2 {
		t.Errorf("%d pipes are free", before)
	}
	for range 3 {
		s := zones(t)
		if now := free(); now != before-1 {
			t.Errorf("with a subscription %d pipes are free, not %d", now, before-1)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	for name, try := range map[string][2]string{
		"a long name of a channel": {strings.Repeat("c", 300), abi.ZONE_EVENT_STATUS_CLASS},
		"a long class":             {abi.ZONE_EVENT_CHANNEL, strings.Repeat("c", 100)},
	} {
		if s, err := Subscribe(try[0], try[1]); !errors.Is(err, errno.EINVAL) {
			t.Errorf("%s: %v, %v", name, s, err)
		}
	}
	if after := free(); after != before {
		t.Errorf("%d pipes were free, now %d", before, after)
	}
}

// TestClosed: a closed subscription says so to who waits and to who comes later, and passes on
// that the system didn't end it.
func TestClosed(t *testing.T) {
	s := zones(t)
	waiting := make(chan error, 1)
	go func() {
		var err error
		for err == nil {
			_, err = s.Next()
		}
		waiting <- err
	}()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := <-waiting; !errors.Is(err, os.ErrClosed) {
		t.Errorf("who waits gets %v", err)
	}
	if e, err := s.Next(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("later: %+v, %v", e, err)
	}
	next := zones(t) // which has its pipe
	if e, err := s.Next(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("when another has its pipe: %+v, %v", e, err)
	}
	if err := next.Close(); err != nil {
		t.Error(err)
	}
	s = zones(t)
	s.id = "another"
	for range 2 {
		if err := s.Close(); !errors.Is(err, errno.EINVAL) {
			t.Errorf("ending a subscription that isn't there: %v", err)
		}
	}
}
