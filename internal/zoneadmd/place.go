package zoneadmd

import (
	"os"
	"path/filepath"
	"sync"

	"github.com/gozones/zones/internal/posix"
)

// place is the right to start or stop being the daemon of a zone. It serializes two
// daemons that start at once, or one that starts while another exits.
type place struct {
	file *os.File
	path string
}

// places serializes goroutines of one process, which record locks don't.
var places sync.Mutex

// takePlace waits for the place of a zone's daemon. It retries if a daemon that exited
// has removed the file meanwhile.
func takePlace(runDir, name string) (*place, error) {
	places.Lock()
	path := filepath.Join(runDir, name+".zoneadmd.lock")
	for {
		file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			places.Unlock()
			return nil, err
		}
		if err := posix.LockExclusive(file); err != nil {
			file.Close()
			places.Unlock()
			return nil, err
		}
		mine, err := file.Stat()
		if there, e := os.Stat(path); err == nil && e == nil && os.SameFile(mine, there) {
			return &place{file, path}, nil
		}
		file.Close()
	}
}

// release unlocks the place; it can be taken again.
func (p *place) release() {
	p.file.Close()
	places.Unlock()
}

// leave removes the file too, so that an exited daemon leaves nothing behind.
func (p *place) leave() {
	os.Remove(p.path)
	p.release()
}

// removeFile removes a file that may not exist.
func removeFile(path string) { _ = os.Remove(path) }
