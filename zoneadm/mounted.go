package zoneadm

import (
	"strings"

	"github.com/gozones/zones/sys/mount"
)

// mountedBelow returns what is mounted below a directory of the machine, itself
// not among it.
func (t *Tool) mountedBelow(root string) ([]string, error) {
	table, err := mount.Table()
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
