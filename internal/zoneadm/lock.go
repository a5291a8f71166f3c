package zoneadm

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/gozones/zones/internal/posix"
)

// lockHeld is an environment variable for child processes. It is 1 while the parent holds
// a zone's lock.
const lockHeld = "_ZONEADM_LOCK_HELD"

// lock waits for the zone's lock. It is a record lock of fcntl, which the system's commands
// take, too. If a parent process holds it, nothing needs to be done.
func (t *Target) lock(ctx context.Context) (unlock func(), err error) {
	if t.LockHeld {
		return func() {}, nil
	}
	release, err := lockZone(ctx, t.Alternate+t.RunDir, t.Name)
	if err != nil && err == ctx.Err() {
		return nil, t.failed(err, plain("interrupted while waiting for another zoneadm"))
	}
	if err != nil {
		return nil, t.failed(err, lockLines(err)...)
	}
	if err := t.reenter(); err != nil {
		release()
		return nil, err
	}
	t.LockHeld = true
	return func() {
		t.LockHeld = false
		release()
	}, nil
}

// lockLines returns the messages for a lock that can't be taken.
func lockLines(err error) []Line {
	return []Line{relayed("%v", err), plain("another zoneadm may have an operation in progress.")}
}

// turns serialises the goroutines of this process. A record lock belongs to the process,
// which loses it when any descriptor of the file is closed.
var turns = struct {
	sync.Mutex
	of map[string]chan struct{} // by the lock's path; full while a goroutine holds it
}{of: map[string]chan struct{}{}}

func turn(path string) chan struct{} {
	turns.Lock()
	defer turns.Unlock()
	if turns.of[path] == nil {
		turns.of[path] = make(chan struct{}, 1)
	}
	return turns.of[path]
}

// lockZone waits for a zone's lock in a run directory. If ctx is done first, a goroutine
// releases the lock once it has been taken.
func lockZone(ctx context.Context, dir, name string) (release func(), err error) {
	mine := turn(filepath.Join(dir, name))
	select {
	case mine <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	type result struct {
		file *os.File
		err  error
	}
	opened := make(chan result, 1)
	go func() {
		file, err := openLock(dir, name)
		opened <- result{file, err}
	}()
	end := func(r result) {
		if r.err == nil {
			r.file.Close() // releases the lock; the file isn't removed
		}
		<-mine
	}
	select {
	case r := <-opened:
		if r.err != nil {
			end(r)
			return nil, r.err
		}
		return func() { end(r) }, nil
	case <-ctx.Done():
		go func() { end(<-opened) }()
		return nil, ctx.Err()
	}
}

// lockPath is the lock file of a zone in a run directory.
func lockPath(dir, name string) string { return filepath.Join(dir, name+".zoneadm.lock") }

// openLock opens and locks the lock file of a zone.
func openLock(dir, name string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("could not mkdir %s: %w", dir, lockError{err})
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return nil, fmt.Errorf("could not mkdir %s: %w", dir, lockError{err})
	}
	path := lockPath(dir, name)
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("could not open %s: %w", path, lockError{err})
	}
	if err := posix.LockExclusive(file); err != nil {
		file.Close()
		return nil, fmt.Errorf("unable to lock %s: %w", path, lockError{err})
	}
	return file, nil
}

// lockError prints only the reason of an error. The text before it names the file.
type lockError struct{ err error }

func (e lockError) Error() string { return reason(e.err) }
func (e lockError) Unwrap() error { return e.err }
