package zonecfg

import (
	"os"
	"path/filepath"
	"sync"

	"github.com/gozones/zones/internal/posix"
)

// lock takes the lock of the index and waits for it. It is a record lock of
// fcntl: another kind wouldn't keep the system's tools out.
func (s *Store) lock() (unlock func() error, err error) {
	dir := s.root + s.run
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, &Error{Code: ErrLockingIndex, Detail: err.Error()}
	}
	indexLock.Lock() // record locks don't keep apart what one process does
	file, err := os.OpenFile(filepath.Join(dir, "index.lock"), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		indexLock.Unlock()
		return nil, &Error{Code: ErrLockingIndex, Detail: err.Error()}
	}
	if err := posix.LockExclusive(file); err != nil {
		file.Close()
		indexLock.Unlock()
		return nil, &Error{Code: ErrLockingIndex, Detail: err.Error()}
	}
	return func() error {
		defer indexLock.Unlock()
		return file.Close() // which gives the lock back
	}, nil
}

// indexLock keeps the goroutines of this process apart; it is taken before the
// file's lock and held as long.
var indexLock sync.Mutex
