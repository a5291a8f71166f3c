package zoneadmd

import (
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/gozones/zones/internal/posix/syslog"
)

// Logger returns a function that logs lines to the system's log, as zoneadmd with
// facility daemon, or to the file if there is no system log. It opens neither before
// the first line.
func Logger(path string) func(text string) {
	var mu sync.Mutex
	system := sync.OnceValues(func() (func(string) error, error) { return syslog.Open("zoneadmd") })
	return func(text string) {
		mu.Lock()
		defer mu.Unlock()
		if write, err := system(); err == nil && write(text) == nil {
			return
		}
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			return
		}
		defer file.Close()
		fmt.Fprintf(file, "%s zoneadmd[%d]: %s\n", time.Now().Format(time.RFC3339), os.Getpid(), text)
	}
}
