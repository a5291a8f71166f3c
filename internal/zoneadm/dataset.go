package zoneadm

import (
	"errors"
	"strings"

	"github.com/gozones/zones/internal/dataset"
	"github.com/gozones/zones/zonecfg"
)

// verifyZFS checks the dataset of a file system of type zfs.
func (t *Target) verifyZFS(f zonecfg.FS) bool {
	d, err := dataset.Get(f.Special)
	switch {
	case err != nil:
		t.problem(bare("cannot verify fs %s: could not access zfs dataset '%s'", f.Dir, f.Special))
	case d.Type != dataset.Filesystem:
		t.problem(bare("cannot verify fs %s: '%s' is not a file system", f.Dir, f.Special))
	case d.Mountpoint != "legacy":
		t.problem(bare("cannot verify fs %s: zfs '%s' mountpoint is not \"legacy\"", f.Dir, f.Special))
	default:
		return true
	}
	return false
}

// verifyDatasets checks the datasets delegated to the zone: they must exist, with a
// mount point that isn't inherited. On a host without ZFS it warns, since the kernel
// then only keeps their names.
func (t *Target) verifyDatasets(z *zonecfg.Zone) bool {
	sound := true
	for _, d := range z.Dataset {
		found, err := dataset.Get(d.Name)
		if errors.Is(err, dataset.ErrNoZFS) {
			t.warn(bare("WARNING: this machine has no ZFS; zfs dataset %s will be only a name in the zone.", d.Name))
			continue
		}
		if err != nil {
			reason := err.Error()
			if _, after, ok := strings.Cut(reason, "': "); ok {
				reason = after // the zfs program names the dataset, too
			}
			t.problem(bare("could not verify zfs dataset %s: %s", d.Name, reason))
			sound = false
			continue
		}
		if found.Inherited {
			t.problem(bare("could not verify zfs dataset %s: mountpoint cannot be inherited", d.Name))
			sound = false
		}
	}
	return sound
}
