package zoneadm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gozones/zones/internal/dataset"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// A zonepath is a ZFS file system of its own where the directory above is one: tank/zones/web
// if tank/zones is mounted on the directory above. Where that can't be, it is a directory.

// datasetAt returns the file system of ZFS that is mounted on a path without symbolic links.
func (t *Target) datasetAt(path string) (name string, ok bool) {
	on, ok := t.mountOf(path)
	// zfs-fuse, on Linux, has the second name.
	return on.Special, ok && on.Point == path && (on.FSType == "zfs" || on.FSType == "fuse.zfs")
}

// datasetFor returns the name that a file system of ZFS for a path would have.
func (t *Target) datasetFor(path string) (name string, ok bool) {
	above, ok := t.datasetAt(filepath.Dir(path))
	return above + "/" + filepath.Base(path), ok
}

// mountPoint reports whether something is mounted on a path.
func (t *Target) mountPoint(path string) bool {
	on, ok := t.mountOf(path)
	return ok && on.Point == path
}

// notMounted returns the file system of ZFS that belongs on a path and isn't mounted: the
// directory that is seen instead isn't the zone's.
func (t *Target) notMounted(path string) (name string, is bool) {
	name, ok := t.datasetFor(path)
	if !ok || t.mountPoint(path) {
		return "", false
	}
	found, err := dataset.Get(name)
	return name, err == nil && found.Type == dataset.Filesystem && found.Mountpoint == path && !found.Mounted
}

func notMountedText(name, path string) string {
	return fmt.Sprintf("ZFS dataset %s isn't mounted on %s: mount it by 'zfs mount %s', or destroy it", name, path, name)
}

// mounted checks that the zone's file system isn't one that should be mounted and isn't.
func (t *Target) mounted(path string) error {
	if name, is := t.notMounted(path); is {
		return t.failed(nil, plain("%s", notMountedText(name, path)))
	}
	return nil
}

// createDataset makes the zonepath a file system of ZFS, if it can be one. Else it says why,
// and the directory serves.
func (t *Target) createDataset(path string) {
	name, ok := t.datasetFor(path)
	if entries, err := os.ReadDir(path); !ok || t.mountPoint(path) || err != nil || len(entries) > 0 {
		return
	}
	if err := dataset.Create(name); err != nil {
		t.warn(bare("cannot create ZFS dataset %s: %s", name, dataset.Reason(err)))
		return
	}
	err := t.mountedAs(name, path)
	if err == nil {
		if err = os.Chmod(path, zonepathMode); err == nil {
			t.warn(Line{Output, "A ZFS file system has been created for this zone."})
			return
		}
	}
	t.warn(bare("cannot mount ZFS dataset %s: %s", name, reason(errors.Join(err, dataset.Destroy(name)))))
}

// mountedAs checks that a dataset is mounted on a path.
func (t *Target) mountedAs(name, path string) error {
	if at, ok := t.datasetAt(path); !ok || at != name {
		return fmt.Errorf("it isn't mounted on %s", path)
	}
	return nil
}

// cloneDataset clones the source's file system, by a snapshot that it takes. It reports
// whether that was possible: if not, the source's files are copied.
func (t *Target) cloneDataset(ctx context.Context, z, source *zonecfg.Zone, b *brand.Brand) bool {
	from, ok := t.datasetAt(source.Zonepath)
	if !ok {
		return false
	}
	if t.mountPoint(z.Zonepath) {
		t.warn(bare("A file system is already mounted on %s,\npreventing use of a ZFS clone.", z.Zonepath))
		return false
	}
	to, ok := t.datasetFor(z.Zonepath)
	if !ok || poolOf(to) != poolOf(from) {
		return false
	}
	snapshot, err := t.takeSnapshot(ctx, from, source, b)
	if err == nil {
		if err = t.cloneSnapshot(snapshot, to, z.Zonepath); err == nil {
			t.warn(Line{Output, "Instead of copying, a ZFS clone has been created for this zone."})
			return true
		}
		err = errors.Join(err, dataset.Destroy(snapshot))
	}
	t.warn(bare("cannot clone ZFS dataset %s: %s", from, reason(err)))
	return false
}

// snapshotPrefix starts the names of the snapshots that are taken for clones. A number
// follows.
const snapshotPrefix = "SUNWzone"

// snapshotNumber returns the number in the name of a snapshot that was taken for a clone.
func snapshotNumber(snapshot string) (n int, ok bool) {
	_, short, _ := strings.Cut(snapshot, "@")
	n, err := strconv.Atoi(strings.TrimPrefix(short, snapshotPrefix))
	return n, err == nil && strings.HasPrefix(short, snapshotPrefix)
}

// nextSnapshot returns a number above those of the snapshots.
func nextSnapshot(snapshots []string) (next int) {
	for _, s := range snapshots {
		if n, ok := snapshotNumber(s); ok {
			next = max(next, n)
		}
	}
	return next + 1
}

// takeSnapshot takes a snapshot of the source between the hooks of its brand.
func (t *Target) takeSnapshot(ctx context.Context, from string, source *zonecfg.Zone, b *brand.Brand) (snapshot string, err error) {
	if failed := t.hook(ctx, b, source, brand.PreSnap, ""); failed != nil {
		return "", failed
	}
	found, err := dataset.DependentsOf(from)
	if err == nil {
		snapshot, err = snapshotFrom(from, nextSnapshot(found.Snapshots))
	}
	failed := t.hook(ctx, b, source, brand.PostSnap, "")
	if err == nil && failed != nil {
		err = errors.Join(failed, dataset.Destroy(snapshot))
	}
	return snapshot, err
}

// clonesAtOnce limits how often a name for a snapshot is tried.
const clonesAtOnce = 1000

// snapshotFrom takes a snapshot with a number, or a higher one if another clone of the same
// zone takes that.
func snapshotFrom(name string, n int) (snapshot string, err error) {
	for most := n + clonesAtOnce; ; n++ {
		snapshot = name + "@" + snapshotPrefix + strconv.Itoa(n)
		if err = dataset.Snapshot(snapshot); err == nil {
			return snapshot, nil
		}
		if _, missing := dataset.Get(snapshot); missing != nil || n == most {
			return "", err
		}
	}
}

// cloneSnapshot makes a file system for the zonepath from a snapshot.
func (t *Target) cloneSnapshot(snapshot, name, zonepath string) error {
	t.warn(Line{Output, "Cloning snapshot " + snapshot})
	if err := dataset.MakeClone(snapshot, name); err != nil {
		return err
	}
	if err := t.mountedAs(name, zonepath); err != nil {
		return errors.Join(err, dataset.Destroy(name))
	}
	return nil
}

// cloneGiven clones a snapshot that the caller names. If the zonepath can't be a clone, the
// files are copied from the snapshot.
func (t *Target) cloneGiven(ctx context.Context, z *zonecfg.Zone, b *brand.Brand, snapshot string) error {
	from, short, _ := strings.Cut(snapshot, "@")
	found, err := dataset.Get(snapshot)
	if err == nil && found.Type != "snapshot" {
		err = fmt.Errorf("it is a %s", found.Type)
	}
	of := new(dataset.Dataset)
	if err == nil {
		of, err = dataset.Get(from)
	}
	if err == nil && !filepath.IsAbs(of.Mountpoint) {
		err = fmt.Errorf("%s has no mount point", from)
	}
	if err != nil {
		return t.failed(err, plain("unable to find path for %s.", snapshot), named("%s", reason(err))).and(t.setState(zonecfg.Configured))
	}
	path := filepath.Join(of.Mountpoint, ".zfs/snapshot", short)
	if failed := t.hook(ctx, b, z, brand.ValidateSnap, verbatim([]string{snapshot, path})); failed != nil {
		return t.hookFailed(failed)
	}
	if to, ok := t.datasetFor(z.Zonepath); ok && poolOf(to) == poolOf(from) && !t.mountPoint(z.Zonepath) {
		if err := t.cloneSnapshot(snapshot, to, z.Zonepath); err == nil {
			return nil
		} else {
			t.warn(bare("cannot clone ZFS snapshot %s: %s", snapshot, reason(err)))
		}
	}
	return t.cloneCopy(ctx, path, z.Zonepath)
}

// cloneCopy copies a zonepath for a clone.
func (t *Target) cloneCopy(ctx context.Context, from, to string) error {
	t.createDataset(to)
	if err := t.copy(ctx, fmt.Sprintf("Copying %s...", from), from, to); err != nil {
		return t.failed(err, plain("The copy failed: %v", err))
	}
	return nil
}

// moveDataset gives the file system of a zonepath another mount point: by another name where
// mount points follow names and that name is free, else by the property.
func (t *Target) moveDataset(name, from, to string) (back func() error, err error) {
	found, err := dataset.Get(name)
	if err != nil {
		return nil, err
	}
	moved, err := t.renamed(name, to, found)
	if err != nil {
		return nil, err
	}
	switch {
	case moved != name:
		back = func() error { return dataset.Rename(moved, name) }
	case found.Inherited:
		back = func() error { return dataset.Inherit(name, "mountpoint") }
	default:
		back = func() error { return dataset.Set(name, "mountpoint", from) }
	}
	if moved == name {
		if err := dataset.Set(name, "mountpoint", to); err != nil {
			return nil, errors.Join(err, putBack(name, from, back))
		}
	}
	if err := t.mountedAs(moved, to); err != nil {
		return nil, fmt.Errorf("ZFS dataset %s: %w", moved, errors.Join(err, back(), putBack(name, from, nil)))
	}
	os.Remove(from) // mostly ZFS has removed it
	return back, nil
}

// putBack mounts a file system where it was: one that can't be mounted on its new mount point
// has that and isn't mounted.
func putBack(name, from string, back func() error) error {
	found, err := dataset.Get(name)
	if err == nil && found.Mountpoint != from && back != nil {
		err = back()
	}
	if err == nil && !found.Mounted {
		if now, failed := dataset.Get(name); failed != nil || !now.Mounted {
			err = errors.Join(failed, dataset.Mount(name))
		}
	}
	return err
}

// renamed gives a file system the name that belongs to another path, if that moves it there,
// and returns the name it has then.
func (t *Target) renamed(name, to string, found *dataset.Dataset) (string, error) {
	target, ok := t.datasetFor(to)
	if !ok || !found.Inherited || poolOf(target) != poolOf(name) {
		return name, nil
	}
	err := dataset.Rename(name, target)
	if err == nil {
		return target, nil
	}
	if _, gone := dataset.Get(name); gone != nil { // it has the name, but can't be mounted
		return "", errors.Join(err, dataset.Rename(target, name))
	}
	return name, nil
}

// remounted is mounted for an uninstall, which may have been killed after it had unmounted the
// file system.
func (t *Target) remounted(path string) error {
	name, is := t.notMounted(path)
	if !is || !t.incomplete() {
		return t.mounted(path)
	}
	if err := dataset.Mount(name); err != nil {
		return t.failed(err, plain("ZFS dataset %s: %s", name, reason(err)))
	}
	return nil
}

func (t *Target) incomplete() bool {
	entry, err := t.Store.Entry(t.Name)
	return err == nil && entry.State == zonecfg.Incomplete
}

// separable checks that the file system of a zonepath can be destroyed, and makes the clones
// of it independent. Other datasets below it may have somebody's data.
func (t *Target) separable(path string) error {
	if err := t.remounted(path); err != nil {
		return err
	}
	name, ok := t.datasetAt(path)
	if entries, err := os.ReadDir(path); !ok || err != nil || len(others(entries)) > 0 {
		return nil // it stays
	}
	found, err := dataset.DependentsOf(name)
	if err != nil {
		return t.failed(err, plain("ZFS dataset %s: %s", name, reason(err)))
	}
	if len(found.Children) > 0 {
		lines := []Line{plain("These datasets are below the zone's dataset %s: move or destroy them first.\n", name)}
		for _, child := range found.Children {
			lines = append(lines, plain("  %s\n", child))
		}
		return t.failed(ErrMounted, lines...)
	}
	if err := promoteClone(found); err != nil {
		lines := []Line{plain("These ZFS clones depend on the zone's dataset %s, and can't be promoted: %s\n", name, reason(err))}
		for _, c := range found.Clones {
			lines = append(lines, plain("  %s\n", c.Name))
		}
		return t.failed(err, lines...)
	}
	return nil
}

// destroyDataset destroys the file system of a zonepath with its snapshots, and the snapshot
// that was taken for it if it is a clone.
func (t *Target) destroyDataset(name, path string) error {
	found, err := dataset.Get(name)
	if err != nil {
		return err
	}
	dependents, err := dataset.DependentsOf(name)
	if err != nil {
		return err
	}
	// A file system that is in use loses nothing.
	if err := dataset.Unmount(name); err != nil {
		return err
	}
	for _, s := range dependents.Snapshots {
		if err = dataset.Destroy(s); err != nil {
			break
		}
	}
	if err == nil {
		err = dataset.Destroy(name)
	}
	if err != nil {
		return errors.Join(err, dataset.Mount(name))
	}
	os.Remove(path) // mostly ZFS has removed it
	t.warn(Line{Output, "The ZFS file system for this zone has been destroyed."})
	// Other clones keep the snapshot, and so does one that somebody has named.
	if _, ours := snapshotNumber(found.Origin); ours {
		_ = dataset.Destroy(found.Origin)
	}
	return nil
}

// promoteClone makes the clones of a file system independent of it: the clone of the youngest
// snapshot takes over that and the older ones, and with them the other clones.
func promoteClone(of *dataset.Dependents) error {
	if len(of.Clones) == 0 {
		return nil
	}
	youngest := slices.MaxFunc(of.Clones, func(a, b dataset.Clone) int {
		return slices.Index(of.Snapshots, a.Origin) - slices.Index(of.Snapshots, b.Origin)
	})
	if err := freeNames(of.Snapshots, youngest.Name); err != nil {
		return err
	}
	return dataset.Promote(youngest.Name)
}

// freeNames renames snapshots that were taken for clones, where the clone that takes them
// over has one of that name.
func freeNames(snapshots []string, clone string) error {
	of, err := dataset.DependentsOf(clone)
	if err != nil {
		return err
	}
	next := nextSnapshot(slices.Concat(snapshots, of.Snapshots))
	for _, s := range snapshots {
		name, short, _ := strings.Cut(s, "@")
		if _, ours := snapshotNumber(s); !ours || !slices.Contains(of.Snapshots, clone+"@"+short) {
			continue
		}
		if err := dataset.Rename(s, name+"@"+snapshotPrefix+strconv.Itoa(next)); err != nil {
			return err
		}
		next++
	}
	return nil
}

func poolOf(name string) string {
	pool, _, _ := strings.Cut(name, "/")
	return pool
}
