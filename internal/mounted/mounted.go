// Package mounted reports the host's mounts that conflict with a directory as the root
// of a zone.
package mounted

import (
	"os"
	"slices"
	"strings"

	"github.com/moby/sys/mountinfo"
)

// Mounts are the host's mounts that involve a directory.
type Mounts struct {
	Below   []string // on its subdirectories, in the table's order
	Through []string // mount points elsewhere that show the same directory
}

// On reads the host's mount table.
func On(dir string) (*Mounts, error) {
	table, err := mountinfo.GetMounts(nil)
	if err != nil {
		return nil, err
	}
	return In(table, dir)
}

// In is On with a mount table that was already read.
func In(table []*mountinfo.Info, dir string) (*Mounts, error) {
	here, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	m := new(Mounts)
	source := "" // type of the file system that the directory is on
	for _, info := range table {
		if info.Mountpoint != dir && below(dir, info.Mountpoint) {
			source = info.FSType // the last one applies
		}
	}
	for _, info := range table {
		switch {
		case info.Mountpoint == dir:
		case below(info.Mountpoint, dir):
			m.Below = append(m.Below, info.Mountpoint)
		case info.Root == "/" || info.FSType != source:
			// Only a mounted part of a file system can be the directory.
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

// below reports whether path is dir or below it.
func below(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, "/")+"/")
}
