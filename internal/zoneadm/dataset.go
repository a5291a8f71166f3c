package zoneadm

import (
	"errors"
	"os/exec"
	"strings"

	"github.com/mistifyio/go-zfs/v4"

	"github.com/gozones/zones/zonecfg"
)

// withoutZFS tells that this machine has no ZFS to ask.
func withoutZFS(err error) bool { return errors.Is(err, exec.ErrNotFound) }

// zfsReason is what the zfs program said, without the words around it.
func zfsReason(err error) string {
	var failed *zfs.Error
	if !errors.As(err, &failed) {
		return err.Error()
	}
	text, _, _ := strings.Cut(failed.Stderr, "\n")
	if _, after, ok := strings.Cut(text, "': "); ok {
		text = after
	}
	if text == "" {
		return failed.Err.Error()
	}
	return text
}

// verifyZFS checks the dataset of a file system of type zfs.
func (t *Target) verifyZFS(f zonecfg.FS) bool {
	dataset, err := zfs.GetDataset(f.Special)
	switch {
	case err != nil:
		t.problem(bare("cannot verify fs %s: could not access zfs dataset '%s'", f.Dir, f.Special))
	case dataset.Type != zfs.DatasetFilesystem:
		t.problem(bare("cannot verify fs %s: '%s' is not a file system", f.Dir, f.Special))
	case dataset.Mountpoint != "legacy":
		t.problem(bare("cannot verify fs %s: zfs '%s' mountpoint is not \"legacy\"", f.Dir, f.Special))
	default:
		return true
	}
	return false
}

// verifyDatasets checks the datasets that are delegated to the zone: they must be
// there, with a mount point that isn't some other dataset's. Where there is no ZFS
// at all, the kernel keeps their names and no more, which is said.
func (t *Target) verifyDatasets(z *zonecfg.Zone) bool {
	sound := true
	for _, d := range z.Dataset {
		_, err := zfs.GetDataset(d.Name)
		if withoutZFS(err) {
			t.warn(bare("WARNING: this machine has no ZFS; zfs dataset %s will be only a name in the zone.", d.Name))
			continue
		}
		if err != nil {
			t.problem(bare("could not verify zfs dataset %s: %s", d.Name, zfsReason(err)))
			sound = false
			continue
		}
		if source, err := zfsSource(d.Name, "mountpoint"); err == nil && strings.HasPrefix(source, "inherited") {
			t.problem(bare("could not verify zfs dataset %s: mountpoint cannot be inherited", d.Name))
			sound = false
		}
	}
	return sound
}

// zfsSource tells where a dataset has a property from: "local", "default",
// "inherited from tank".
func zfsSource(dataset, property string) (string, error) {
	out, err := exec.Command("zfs", "get", "-H", "-o", "source", property, dataset).Output()
	return strings.TrimSpace(string(out)), err
}
