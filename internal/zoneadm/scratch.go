package zoneadm

import (
	"bufio"
	"errors"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"github.com/gozones/zones/internal/posix"
	"github.com/gozones/zones/sys/zone"
)

// scratchPrefix is the prefix of the kernel's names of scratch zones: zones mounted for
// maintenance of their files.
const scratchPrefix = "SUNWlu"

// scratchMap is the file in which the system records the scratch zones. Any user could
// create a file of that name.
const scratchMap = "/tmp/.alt.lu-zone-map"

// scratchZone is a line of that file.
type scratchZone struct{ name, kernel, root string }

// readScratchMap returns the scratch zones of all roots.
func readScratchMap(path string) ([]scratchZone, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|posix.NoFollow|posix.NonBlock, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	stat, err := posix.StatOf(info)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || stat.Links != 1 || stat.UID != uint32(os.Geteuid()) {
		return nil, &fs.PathError{Op: "trust", Path: path, Err: syscall.EPERM}
	}
	if err := posix.LockShared(file); err != nil {
		return nil, &fs.PathError{Op: "lock", Path: path, Err: err}
	}
	var zones []scratchZone
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if words := strings.SplitN(lines.Text(), " ", 3); len(words) == 3 {
			zones = append(zones, scratchZone{words[0], words[1], words[2]})
		}
	}
	return zones, lines.Err()
}

// shown returns the name under which a zone of the kernel is listed. ok is false if it
// isn't listed: with an alternate root only that root's scratch zones and the global zone
// are, without one all others.
func (m *Machine) shown(kernel string) (name string, ok bool) {
	scratch := strings.HasPrefix(kernel, scratchPrefix)
	if m.Alternate == "" {
		return kernel, !scratch
	}
	if !scratch {
		return kernel, kernel == zone.GlobalName
	}
	zones, err := readScratchMap(scratchMap)
	if err != nil {
		return "", false
	}
	for _, z := range zones {
		if z.kernel == kernel && z.root == m.Alternate {
			return z.name, true
		}
	}
	return "", false
}
