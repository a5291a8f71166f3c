package zone

import (
	"time"

	"github.com/gozones/zones/sys/errno"
	"github.com/gozones/zones/sys/internal/libc"
)

// Some calls of zone(2) wait in the kernel, which ends the wait with EINTR when the thread
// gets a signal: Go preempts its goroutines by signals. It also does when another thread of
// the process creates or enters a zone, since that stops all the others. So these calls are
// made with all signals blocked, and repeated where the kernel allows that.

// unsignalled makes a call with all signals blocked on its thread.
func unsignalled(call func() (int64, errno.Errno)) (result int64, e errno.Errno) {
	if err := libc.Masked(func() { result, e = call() }); err != nil {
		e, _ = errno.Of(err)
		return -1, e
	}
	return result, e
}

// untilDone makes a call that may be made again after EINTR: what it did then, it doesn't do
// twice. interrupted reports whether that happened.
func untilDone(sub Subcode, id ID) (interrupted bool, e errno.Errno) {
	for {
		_, e = unsignalled(func() (int64, errno.Errno) { return raw(sub, uintptr(id), 0, 0, 0) })
		if e != errno.EINTR {
			return interrupted, e
		}
		interrupted = true
	}
}

// createDone makes a zone. When its wait is interrupted, zone_create returns the id 0 and no
// error, and there is no zone.
func createDone(d *Def, extended *int32) (int64, errno.Errno) {
	for {
		result, e := unsignalled(func() (int64, errno.Errno) { return create(d, extended) })
		if e == errno.EINTR || e == 0 && result == int64(GlobalID) {
			continue
		}
		return result, e
	}
}

// bootPoll is how often the state of a zone is read when the wait for its boot was
// interrupted.
const bootPoll = 10 * time.Millisecond

// awaitBoot waits for a zone that boots. The error is EINTR if the zone halts meanwhile: only
// the interrupted call would have had the reason.
func awaitBoot(sys System, id ID) error {
	for {
		status, err := StatusOf(sys, id)
		if err != nil {
			return err
		}
		switch status {
		case StatusBooting:
			time.Sleep(bootPoll)
		case StatusRunning:
			return nil
		default:
			return errno.EINTR
		}
	}
}
