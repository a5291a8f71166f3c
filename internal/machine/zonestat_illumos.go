package machine

import (
	"encoding/binary"

	"github.com/gozones/zones/sys/door"
	"github.com/gozones/zones/sys/zone"
)

// zonestat is the door of zonestatd (ZS_DOOR_PATH). Tests replace the path.
var zonestat = "/etc/svc/volatile/zonestat_door"

// Announce tells zonestatd of a zone that has booted, in which it then serves zonestat(1). It
// may not run, and needn't know.
func (k *kernel) Announce(id zone.ID) {
	c, err := door.Dial(zonestat)
	if err != nil {
		return
	}
	defer c.Close()
	const newZone = 3 // ZSD_CMD_NEW_ZONE
	_, files, _ := c.Call(binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, newZone), uint32(id)))
	for _, f := range files {
		f.Close()
	}
}
