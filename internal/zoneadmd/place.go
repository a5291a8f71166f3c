package zoneadmd

import (
	"os"
	"path/filepath"
	"sync"

	"github.com/gozones/zones/internal/reclock"
)

// place is the right to become or to stop being the daemon of a zone. Two daemons
// that start at once, or one that starts while another leaves, have it one after
// the other.
type place struct {
	file *os.File
	path string
}

// places keeps the goroutines of one process apart, which record locks don't do.
var places sync.Mutex

// takePlace waits for the place of a zone's daemon. The file may have been removed
// by one that left while this one waited for it: then it is tried anew.
func takePlace(runDir, name string) (*place, error) {
	places.Lock()
	path := filepath.Join(runDir, name+".zoneadmd.lock")
	for {
		file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			places.Unlock()
			return nil, err
		}
		if err := reclock.Exclusive(file); err != nil {
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

// release gives the place back, to be taken again.
func (p *place) release() {
	p.file.Close()
	places.Unlock()
}

// leave removes the file too: nothing is left of a daemon that has gone.
func (p *place) leave() {
	os.Remove(p.path)
	p.release()
}

// removeFile removes what may not be there.
func removeFile(path string) { _ = os.Remove(path) }
