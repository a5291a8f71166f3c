package zoneadm

import (
	"strings"

	"github.com/gozones/zones/sys/mount"
)

// mounts is what is mounted on this machine.
func (t *Tool) mounts() ([]mount.Entry, error) {
	if t.Mounts != nil {
		return t.Mounts()
	}
	return mount.Table()
}

// mountedBelow returns what is mounted below a directory of the machine, itself
// not among it.
func (t *Tool) mountedBelow(root string) ([]string, error) {
	table, err := t.mounts()
	if err != nil {
		return nil, err
	}
	var below []string
	for _, m := range table {
		if strings.HasPrefix(m.Point, root+"/") {
			below = append(below, m.Point)
		}
	}
	return below, nil
}

// mountOf returns the file system that a path without symbolic links is on: of those
// mounted at or above it the nearest, and of several in one place the last. ok is
// false when nothing is known of it.
func (t *Tool) mountOf(path string) (on mount.Entry, ok bool) {
	table, err := t.mounts()
	if err != nil {
		return on, false
	}
	for _, m := range table {
		point := strings.TrimSuffix(m.Point, "/")
		if (path == m.Point || strings.HasPrefix(path, point+"/")) && len(m.Point) >= len(on.Point) {
			on, ok = m, true
		}
	}
	return on, ok
}

// networked tells that a file system is another machine's.
func networked(m mount.Entry) bool { return strings.HasPrefix(m.FSType, "nfs") }
