package zoneadmd

import (
	"errors"

	"github.com/gozones/zones/internal/dataset"
)

// datasets checks the ZFS file systems delegated to the zone: each must exist and have
// the zoned property.
func (s *setup) datasets() error {
	for _, d := range s.config.Dataset {
		found, err := dataset.Get(d.Name)
		if err == nil && found.Type != dataset.Filesystem {
			err = errors.New("it is a " + found.Type)
		}
		if err != nil {
			s.say("ZFS dataset %s: %v", d.Name, err)
			return s.r.refuse(err, "cannot open ZFS dataset '%s'", d.Name)
		}
		if found.Zoned == "on" {
			continue
		}
		if err := dataset.Set(d.Name, "zoned", "on"); err != nil {
			s.say("ZFS dataset %s: %v", d.Name, err)
			return s.r.refuse(err, "cannot set 'zoned' property for ZFS dataset '%s'", d.Name)
		}
	}
	return nil
}
