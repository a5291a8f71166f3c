package zoneadmd

import (
	"os"
	"slices"

	"github.com/moby/sys/mountinfo"
)

// rootMounts are the mounts of the machine that concern a zone's root directory.
type rootMounts struct {
	below   []string // on its subdirectories, in the table's order
	through []string // of the same directory somewhere else
}

// mountsOf looks through the machine's mount table.
func mountsOf(root string) (*rootMounts, error) {
	here, err := os.Stat(root)
	if err != nil {
		return nil, err
	}
	table, err := mountinfo.GetMounts(nil)
	if err != nil {
		return nil, err
	}
	m := new(rootMounts)
	source := ""
	for _, info := range table {
		if info.Mountpoint != root && within(root, info.Mountpoint) {
			source = info.FSType // of the last one that the root lies on
		}
	}
	for _, info := range table {
		switch {
		case info.Mountpoint == root:
		case within(info.Mountpoint, root):
			m.below = append(m.below, info.Mountpoint)
		case info.Root == "/" || info.FSType != source:
			// Only a part of a file system that is mounted can be the directory.
		default:
			if there, err := os.Stat(info.Mountpoint); err == nil && os.SameFile(here, there) {
				m.through = append(m.through, info.Mountpoint)
			}
		}
	}
	return m, nil
}

// reversed returns the mounts below a root, the last one first.
func (m *rootMounts) reversed() []string {
	list := slices.Clone(m.below)
	slices.Reverse(list)
	return list
}
