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

// scratchPrefix begins the kernel's names of scratch zones: zones that are mounted,
// so that their files can be worked on.
const scratchPrefix = "SUNWlu"

// scratchMap is where the system writes which scratch zone is whose. Anybody could
// put a file there.
const scratchMap = "/tmp/.alt.lu-zone-map"

// scratchZone is a line of that file.
type scratchZone struct{ name, kernel, root string }

// readScratchMap returns the scratch zones of all roots, none when there is no file.
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

// shown tells whether lists have a zone of the kernel, and under which name: scratch
// zones are shown only under their root, and nothing else but the global zone there.
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
