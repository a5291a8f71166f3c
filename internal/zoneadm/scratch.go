package zoneadm

import (
	"bufio"
	"errors"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/gozones/zones/internal/reclock"
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
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if errors.Is(err, unix.ENOENT) {
		return nil, nil
	}
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	file := os.NewFile(uintptr(fd), path)
	defer file.Close()
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		return nil, &os.PathError{Op: "stat", Path: path, Err: err}
	}
	if stat.Mode&unix.S_IFMT != unix.S_IFREG || stat.Nlink != 1 || stat.Uid != uint32(os.Geteuid()) {
		return nil, &os.PathError{Op: "trust", Path: path, Err: unix.EPERM}
	}
	if err := reclock.Shared(file); err != nil {
		return nil, &os.PathError{Op: "lock", Path: path, Err: err}
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
