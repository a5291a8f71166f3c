package mounted

import (
	"path/filepath"
	"strings"

	"github.com/gozones/zones/sys/mount"
)

// Source follows a path that a loopback mount shows to where it is: the mount's own directory
// may be a loopback mount again, and have symbolic links. table is in the order of mounting. A
// path that leads nowhere stays as it is.
func Source(table []mount.Entry, path string) string {
	for range table { // each mount is followed once, or they form a circle
		over := last(table, path)
		if over == nil || over.FSType != loopback {
			return path
		}
		next, err := filepath.EvalSymlinks(over.Special + path[len(over.Point):])
		if err != nil {
			return path
		}
		path = next
	}
	return path
}

// last returns the mount that shows a path, the last one on it or on a directory above.
func last(table []mount.Entry, path string) *mount.Entry {
	var over *mount.Entry
	for i := range table {
		if point := table[i].Point; path == point || strings.HasPrefix(path, point+"/") {
			over = &table[i]
		}
	}
	return over
}
