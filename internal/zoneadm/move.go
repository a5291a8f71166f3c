package zoneadm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/gozones/zones/internal/posix"
	"github.com/gozones/zones/internal/rootfs/remove"

	"github.com/gozones/zones/internal/undo"
	"github.com/gozones/zones/zonecfg"
)

// Move moves an installed zone to another zonepath. If it fails, the zone stays where it
// was.
func (t *Target) Move(ctx context.Context, zonepath string) (failed error) {
	defer t.forget()
	defer t.unmake(&failed)
	if err := t.enter(VerbMove, mustNot, false); err != nil {
		return err
	}
	if moved := t.unfinished(zonepath); moved != nil {
		return t.finishMove(ctx, moved)
	}
	if err := t.verified(ctx, nil); err != nil {
		return err
	}
	z, b, err := t.load()
	if err != nil {
		return err
	}
	to, err := zonecfg.CleanZonepath(zonepath)
	if err != nil {
		return t.fails(err)
	}
	to = t.Store.InRoot(to)
	var undos undo.Stack
	defer undos.Run()
	if _, err := os.Lstat(to); errors.Is(err, os.ErrNotExist) {
		undos.Add(func() { os.Remove(to) })
	}
	moved := z.Clone()
	moved.Zonepath = to
	if !t.zonepath(moved, b) {
		return t.unsound(ErrVerify)
	}
	entries, err := os.ReadDir(to)
	if t.DryRun && errors.Is(err, os.ErrNotExist) {
		err = nil // it would have been created
	}
	if err != nil || len(entries) > 0 {
		return t.failed(syscall.ENOTEMPTY, bare("could not move zone to %s: directory not empty", to))
	}
	if err := t.unmounted(z.Zonepath); err != nil {
		return err
	}
	if err := t.mounted(z.Zonepath); err != nil {
		return err
	}
	if t.DryRun {
		t.dryMove(z, moved)
		return nil
	}
	unlock, err := t.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if err := t.moveFiles(ctx, z, moved); err != nil {
		return t.fails(err)
	}
	undos.Drop()
	return nil
}

// unfinished returns the zone's configuration and its new zonepath if a move to that was
// killed when the files were there already, but the configuration or the index hadn't the
// path: where they say that the zone is there is nothing. Otherwise it returns nil.
func (t *Target) unfinished(zonepath string) *zonecfg.Zone {
	to, err := zonecfg.CleanZonepath(zonepath)
	z, failed := t.read()
	entry, unknown := t.Store.Entry(t.Name)
	if err != nil || failed != nil || unknown != nil || entry.Zonepath == "" {
		return nil
	}
	to = t.Store.InRoot(to)
	if root, err := os.Lstat(filepath.Join(to, "root")); err != nil || !root.IsDir() {
		return nil
	}
	named := []string{z.Zonepath, t.Store.InRoot(entry.Zonepath)}
	if !slices.ContainsFunc(named, func(path string) bool { return path != to }) {
		return nil
	}
	for _, path := range named {
		left, err := os.ReadDir(path)
		if nothing := err == nil && len(left) == 0 && !t.mountPoint(path) || errors.Is(err, os.ErrNotExist); path != to && !nothing {
			return nil
		}
	}
	moved := z.Clone()
	moved.Zonepath = to
	return moved
}

// finishMove saves the zonepath to which the files have been moved.
func (t *Target) finishMove(ctx context.Context, moved *zonecfg.Zone) error {
	z, b, err := t.load()
	if err != nil {
		return err
	}
	if !t.zonepath(moved, b) {
		return t.unsound(ErrVerify)
	}
	if t.DryRun {
		t.would("finish a move that was interrupted: set zonepath=%s in the configuration and the index", strings.TrimPrefix(moved.Zonepath, t.Store.Root()))
		return nil
	}
	unlock, err := t.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	t.warn(bare("WARNING: the files are at %s already: only the configuration is changed.", moved.Zonepath))
	if err := t.saveMoved(z, moved); err != nil {
		return t.fails(err)
	}
	if z.Zonepath != moved.Zonepath {
		os.Remove(z.Zonepath) // an empty directory may be left
	}
	return nil
}

// moveFiles moves the files and saves the configuration. If that can't be saved, it moves
// the files back.
func (t *Target) moveFiles(ctx context.Context, z, moved *zonecfg.Zone) error {
	from, to := z.Zonepath, moved.Zonepath
	back, copied, err := t.moveTo(ctx, from, to)
	if err != nil {
		return err
	}
	if err := t.saveMoved(z, moved); err != nil {
		return errors.Join(err, back())
	}
	if !copied {
		return nil
	}
	defer t.printedStep(Removing, fmt.Sprintf("Cleaning up zonepath %s...", from))()
	if t.mountPoint(from) {
		return remove.Contents(ctx, from)
	}
	return remove.Tree(ctx, from)
}

// moveTo moves a ZFS file system to another mount point, renames a directory, or else copies
// what is in it. back undoes that.
func (t *Target) moveTo(ctx context.Context, from, to string) (back func() error, copied bool, err error) {
	if name, ok := t.datasetAt(from); ok && !t.mountPoint(to) {
		back, err = t.moveDataset(name, from, to)
		return back, false, err
	}
	// The new directory is empty, so renaming puts the zone in its place. os.Rename
	// would refuse.
	err = posix.Rename(from, to)
	mounts := t.mountPoint(from) || t.mountPoint(to)
	if !errors.Is(err, syscall.EXDEV) && !(errors.Is(err, syscall.EBUSY) && mounts) {
		return func() error { return errors.Join(os.Rename(to, from), os.Mkdir(to, zonepathMode)) }, false, err
	}
	created := !t.mountPoint(to)
	t.createDataset(to)
	back = func() error {
		ctx := context.WithoutCancel(ctx)
		if name, ok := t.datasetAt(to); ok && created {
			return t.destroyDataset(name, to)
		}
		return remove.Contents(ctx, to)
	}
	if err := t.copy(ctx, fmt.Sprintf("Moving across file systems; copying zonepath %s...", from), from, to); err != nil {
		return nil, true, errors.Join(err, back())
	}
	return back, true, nil
}

// saveMoved saves the new zonepath in the configuration and in the index.
func (t *Target) saveMoved(z, moved *zonecfg.Zone) error {
	if err := t.Store.Save(moved); err != nil {
		return err
	}
	path := strings.TrimPrefix(moved.Zonepath, t.Store.Root())
	if err := t.Store.Modify(t.Name, zonecfg.Change{Zonepath: &path}); err != nil {
		return errors.Join(err, t.Store.Save(z))
	}
	return nil
}
