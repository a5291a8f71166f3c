// Package mounted reports the host's mounts that conflict with a directory as the root
// of a zone.
package mounted

import (
	"iter"
	"os"
	"slices"
	"strings"

	"github.com/moby/sys/mountinfo"

	"github.com/gozones/zones/sys/mount"
)

// Mounts are the host's mounts that involve a directory.
type Mounts struct {
	Below   []string // on its subdirectories, in the table's order
	Through []string // mount points elsewhere that show the same directory
	// Types are those of the file systems in Below.
	Types []string
}

// On reads the host's mount table, with what is mounted hidden there.
func On(dir string) (*Mounts, error) {
	table, err := mountinfo.GetMounts(nil)
	if err != nil {
		// The library has no table for illumos.
		entries, wholeErr := mount.WholeTable()
		if wholeErr != nil {
			return nil, wholeErr
		}
		table = infos(entries)
	}
	return In(table, dir)
}

// infos converts a table in the format of mnttab(5), in which a loopback mount has a type of
// its own.
func infos(entries []mount.Entry) []*mountinfo.Info {
	var list []*mountinfo.Info
	for _, e := range entries {
		info := &mountinfo.Info{Mountpoint: e.Point, FSType: e.FSType, Root: "/"}
		if e.FSType == loopback {
			info.Root = e.Special
		}
		list = append(list, info)
	}
	return list
}

// loopback is the type of a mount that shows a directory of another file system.
const loopback = "lofs"

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
			m.Types = append(m.Types, info.FSType)
		case info.Root == "/" || info.FSType != source && info.FSType != loopback:
			// Only a mounted part of a file system can be the directory.
		default:
			if there, err := os.Stat(info.Mountpoint); err == nil && os.SameFile(here, there) {
				m.Through = append(m.Through, info.Mountpoint)
			}
		}
	}
	return m, nil
}

// Unmountable returns the mounts below the directory, with their types, in the order in which
// they can be unmounted.
func (m *Mounts) Unmountable() iter.Seq2[string, string] {
	return func(yield func(point, fstype string) bool) {
		for i, point := range slices.Backward(m.Below) {
			if !yield(point, m.Types[i]) {
				return
			}
		}
	}
}

// RemoteTypes returns the types of the host's remote file systems (dfs/fstypes, fstypes(5)):
// the first word of each line. A host without the file has none.
func RemoteTypes() []string {
	text, _ := os.ReadFile("/etc/dfs/fstypes")
	var types []string
	for line := range strings.Lines(string(text)) {
		if words := strings.Fields(line); len(words) > 0 {
			types = append(types, words[0])
		}
	}
	return types
}

// below reports whether path is dir or below it.
func below(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, "/")+"/")
}
