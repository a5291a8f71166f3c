package sysevent

import (
	"testing"

	"github.com/gozones/zones/internal/testenv/faults"
	"github.com/gozones/zones/sys/internal/abi"
)

// TestFaults: each call that fails is the error of Subscribe or Close, and the pipe is given back.
func TestFaults(t *testing.T) {
	faults.Need(t)
	do := func() error {
		s, err := Subscribe(abi.ZONE_EVENT_CHANNEL, abi.ZONE_EVENT_STATUS_CLASS)
		if err == nil {
			err = s.Close()
		}
		return err
	}
	if err := zones(t).Close(); err != nil {
		t.Fatal(err)
	}
	before := free()
	f := faults.Fault{Of: []string{"sysevent_evc_bind", "sysevent_evc_subscribe", "sysevent_evc_unsubscribe", "sigprocmask"}}
	f.Noticed(t, do)
	if after := free(); after != before {
		t.Errorf("%d pipes were free, now %d", before, after)
	}
	// Without a free pipe one is made.
	pipes.Lock()
	kept := pipes.free
	pipes.free = nil
	pipes.Unlock()
	for _, f := range []faults.Fault{{Of: []string{"pipe2"}}, {Of: []string{"fcntl"}}, {Of: []string{"fcntl"}, Call: 2}} {
		if failed, err := f.Do(t, do); failed == "" || !f.Is(err) {
			t.Errorf("%s failed: %v", failed, err)
		}
	}
	pipes.Lock()
	pipes.free = append(pipes.free, kept...)
	pipes.Unlock()
}
