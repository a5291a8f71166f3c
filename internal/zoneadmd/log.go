package zoneadmd

import (
	"fmt"
	"log/syslog"
	"os"
	"sync"
	"time"
)

// Logger returns a function that logs lines to the system's log, as zoneadmd with
// facility daemon, or to the file if there is no system log. It opens neither before
// the first line.
func Logger(path string) func(text string) {
	var mu sync.Mutex
	system := sync.OnceValue(func() *syslog.Writer {
		w, err := syslog.New(syslog.LOG_ERR|syslog.LOG_DAEMON, "zoneadmd")
		if err != nil {
			return nil
		}
		return w
	})
	return func(text string) {
		mu.Lock()
		defer mu.Unlock()
		if w := system(); w != nil && w.Err(text) == nil {
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
