package zoneadm

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/gozones/zones/internal/reclock"
)

// lockHeld is the environment variable by which a command that holds a zone's
// lock tells those that it starts: 1 while it does.
const lockHeld = "_ZONEADM_LOCK_HELD"

// lock takes the target's lock and waits for it. It is a record lock of fcntl, as
// the system's own commands take. One that a caller holds is this command's too.
// ok is false when it can't be had; the reason was printed.
func (t *Tool) lock() (unlock func(), ok bool) {
	if t.held {
		return func() {}, true
	}
	file, err := openLock(t.Alternate+t.RunDir, t.target)
	if err != nil {
		t.relay("%v", err)
		t.say("another zoneadm may have an operation in progress.")
		return nil, false
	}
	t.held = true
	os.Setenv(lockHeld, "1")
	return func() {
		t.held = false
		os.Setenv(lockHeld, "0")
		file.Close() // which gives the lock back; the file stays
	}, true
}

// openLock opens and locks the file of a zone's lock.
func openLock(dir, name string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("could not mkdir %s: %s", dir, reason(err))
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return nil, fmt.Errorf("could not mkdir %s: %s", dir, reason(err))
	}
	path := filepath.Join(dir, name+".zoneadm.lock")
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("could not open %s: %s", path, reason(err))
	}
	if err := reclock.Exclusive(file); err != nil {
		file.Close()
		return nil, fmt.Errorf("unable to lock %s: %s", path, reason(err))
	}
	return file, nil
}
