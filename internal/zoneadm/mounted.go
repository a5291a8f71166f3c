package zoneadm

import (
	"strings"

	"github.com/gozones/zones/sys/mount"
)

// mounts returns the mounts of this host.
func (m *Machine) mounts() ([]mount.Entry, error) {
	if m.Mounts != nil {
		return m.Mounts()
	}
	return mount.Table()
}

// mountedBelow returns the mount points below a directory, without the directory itself.
func (m *Machine) mountedBelow(root string) ([]string, error) {
	table, err := m.mounts()
	if err != nil {
		return nil, err
	}
	var below []string
	for _, e := range table {
		if strings.HasPrefix(e.Point, root+"/") {
			below = append(below, e.Point)
		}
	}
	return below, nil
}

// mountOf returns the file system of a path without symbolic links: the nearest mount at or
// above it, and of several in one place the last. ok is false if there is none.
func (m *Machine) mountOf(path string) (on mount.Entry, ok bool) {
	table, err := m.mounts()
	if err != nil {
		return on, false
	}
	for _, e := range table {
		point := strings.TrimSuffix(e.Point, "/")
		if (path == e.Point || strings.HasPrefix(path, point+"/")) && len(e.Point) >= len(on.Point) {
			on, ok = e, true
		}
	}
	return on, ok
}

// networked reports whether a file system is remote.
func networked(m mount.Entry) bool { return strings.HasPrefix(m.FSType, "nfs") }

// unmounted checks that nothing is mounted below a directory.
func (t *Target) unmounted(root string) error {
	below, err := t.mountedBelow(root)
	if err != nil {
		return t.failed(err, about(root, err))
	}
	if len(below) == 0 {
		return nil
	}
	lines := []Line{plain("These file systems are mounted on subdirectories of %s.\n", root)}
	for _, point := range below {
		lines = append(lines, plain("  %s\n", point))
	}
	return t.failed(ErrMounted, lines...)
}
