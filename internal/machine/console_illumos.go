package machine

import (
	"os"

	"github.com/gozones/zones/sys/zcons"
	"github.com/gozones/zones/sys/zone"
)

var _ zone.Consoles = (*kernel)(nil)

// OpenConsole makes and opens the zone's device of the driver zcons; see [zone.Consoles].
func (k *kernel) OpenConsole(zone string) (manager *os.File, device string, err error) {
	if err := zcons.Make(zone); err != nil {
		return nil, "", err
	}
	manager, err = zcons.Open(zone)
	return manager, zcons.ZonePath(zone), err
}

// RemoveConsole removes the device; see [zone.Consoles].
func (k *kernel) RemoveConsole(zone string) error { return zcons.Remove(zone) }
