// Package mounted tells what the machine has mounted at a directory that is to be the
// root of a zone.
package mounted

import (
	"os"
	"slices"
	"strings"

	"github.com/moby/sys/mountinfo"
)

// Mounts are the mounts of the machine that concern a directory.
type Mounts struct {
	Below   []string // on its subdirectories, in the table's order
	Through []string // of the same directory somewhere else
}

// On reads the machine's mount table.
func On(dir string) (*Mounts, error) {
	table, err := mountinfo.GetMounts(nil)
	if err != nil {
		return nil, err
	}
	return In(table, dir)
}

// In is On for whoever has read the table.
func In(table []*mountinfo.Info, dir string) (*Mounts, error) {
	here, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	m := new(Mounts)
	source := "" // type of the file system that the directory is on
	for _, info := range table {
		if info.Mountpoint != dir && below(dir, info.Mountpoint) {
			source = info.FSType // the last one counts
		}
	}
	for _, info := range table {
		switch {
		case info.Mountpoint == dir:
		case below(info.Mountpoint, dir):
			m.Below = append(m.Below, info.Mountpoint)
		case info.Root == "/" || info.FSType != source:
			// Only a part of a file system that is mounted can be the directory.
		default:
			if there, err := os.Stat(info.Mountpoint); err == nil && os.SameFile(here, there) {
				m.Through = append(m.Through, info.Mountpoint)
			}
		}
	}
	return m, nil
}

// Unmountable returns the mounts below the directory in the order in which they can be
// unmounted.
func (m *Mounts) Unmountable() []string {
	list := slices.Clone(m.Below)
	slices.Reverse(list)
	return list
}

// below tells that a path is dir, or lies below it.
func below(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, "/")+"/")
}
