package zoneadmd

import (
	"errors"

	"github.com/mistifyio/go-zfs/v4"
)

// datasets looks at the ZFS file systems that the zone administers: each must be
// there and be marked as a zone's.
func (s *setup) datasets() error {
	for _, d := range s.config.Dataset {
		dataset, err := zfs.GetDataset(d.Name)
		if err == nil && dataset.Type != zfs.DatasetFilesystem {
			err = errors.New("it is a " + string(dataset.Type))
		}
		if err != nil {
			s.say("ZFS dataset %s: %v", d.Name, err)
			return s.r.fail(nil, "cannot open ZFS dataset '%s'", d.Name)
		}
		zoned, err := dataset.GetProperty("zoned")
		if err == nil && zoned != "on" {
			err = dataset.SetProperty("zoned", "on")
		}
		if err != nil {
			s.say("ZFS dataset %s: %v", d.Name, err)
			return s.r.fail(nil, "cannot set 'zoned' property for ZFS dataset '%s'", d.Name)
		}
	}
	return nil
}
