package zoneadm

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gozones/zones/internal/dataset"
	"github.com/gozones/zones/internal/getopt"
	"github.com/gozones/zones/internal/posix"
	"github.com/gozones/zones/zonecfg"
	"github.com/gozones/zones/zonecfg/brand"
)

// A dry run of a verb makes all of its checks, also the brand's verification. Then it says what
// the verb would do, step by step, instead of doing it: it takes no lock, runs no other hook,
// and changes neither files nor the state.

// would says what a verb would do.
func (t *Target) would(format string, args ...any) {
	t.tell(Answer, Line{Output, "would " + fmt.Sprintf(format, args...)})
}

// wouldRun says that a hook would be run, if the brand has it.
func (t *Target) wouldRun(b *brand.Brand, z *zonecfg.Zone, h brand.Hook, args string) bool {
	command := b.Command(h, z.Name, z.Zonepath)
	if command != "" {
		t.would("run the brand's hook %s: %s%s", h, command, args)
	}
	return command != ""
}

// wouldChange says which state the zone would get.
func (t *Target) wouldChange(state zonecfg.State) { t.would("change the zone to %s", state) }

// dryZonepath checks a zonepath that doesn't exist yet as far as that is possible.
func (t *Target) dryZonepath(path string) bool {
	sound := t.alone(path)
	if _, err := os.Stat(filepath.Dir(path)); !errors.Is(err, fs.ErrNotExist) {
		sound = t.parent(path) && sound
	}
	t.would("create the directory %s", path)
	return sound
}

// dryDataset says that a ZFS file system would be created, if one would be.
func (t *Target) dryDataset(path string) {
	entries, err := os.ReadDir(path)
	if name, ok := t.datasetFor(path); ok && !t.mountPoint(path) && len(entries) == 0 && (err == nil || errors.Is(err, fs.ErrNotExist)) {
		t.would("create the ZFS file system %s", name)
	}
}

func (t *Target) dryInstall(z *zonecfg.Zone, b *brand.Brand, dir string, options []getopt.Option, operands []string) error {
	for _, o := range options {
		if b.Skeleton == nil || o.Letter != 'a' && o.Letter != 't' {
			continue
		}
		path := below(dir, o.Argument)
		if strings.Contains(filepath.Base(path), ":") {
			path = path[:strings.LastIndexByte(path, ':')] // DIR:TAG
		}
		if _, err := os.Stat(below(dir, o.Argument)); err != nil {
			if _, err := os.Stat(path); err != nil {
				return t.fails(err)
			}
		}
	}
	t.wouldChange(zonecfg.Incomplete)
	if !slices.ContainsFunc(options, func(o getopt.Option) bool { return o.Letter == 'x' && o.Argument == noDataset }) {
		t.dryDataset(z.Zonepath)
	}
	arguments := brandArguments(options, operands)
	if b.Skeleton != nil {
		t.would("make the root directory %s as brand %s does%s", filepath.Join(z.Zonepath, "root"), b.Name, arguments)
	} else {
		t.wouldRun(b, z, brand.Install, arguments)
	}
	t.wouldChange(zonecfg.Installed)
	t.wouldRun(b, z, brand.PostInstall, arguments)
	return nil
}

func (t *Target) dryUninstall(z *zonecfg.Zone, b *brand.Brand, args []string) error {
	if err := t.unmounted(filepath.Join(z.Zonepath, "root")); err != nil {
		return err
	}
	if name, is := t.notMounted(z.Zonepath); is && t.incomplete() {
		t.would("mount the ZFS file system %s", name)
	} else if err := t.mounted(z.Zonepath); err != nil {
		return err
	}
	t.wouldRun(b, z, brand.PreUninstall, verbatim(args))
	t.wouldChange(zonecfg.Incomplete)
	if !t.wouldRun(b, z, brand.Uninstall, verbatim(args)) {
		if err := t.dryRemove(z.Zonepath); err != nil {
			return err
		}
	}
	t.wouldChange(zonecfg.Configured)
	return nil
}

// dryRemove says what of a zonepath would be removed.
func (t *Target) dryRemove(path string) error {
	entries, err := os.ReadDir(path)
	rest := others(entries)
	name, is := t.datasetAt(path)
	switch {
	case err != nil:
		t.would("remove nothing: %v", err)
	case len(rest) > 0:
		t.would("remove %s of %s, and leave the rest: %s", strings.Join(standard, ", "), path, strings.Join(rest, ", "))
	case !is:
		t.would("remove %s and everything in it", path)
	default:
		found, err := dataset.DependentsOf(name)
		if err != nil {
			return t.failed(err, plain("ZFS dataset %s: %s", name, reason(err)))
		}
		if len(found.Children) > 0 {
			return t.failed(ErrMounted, plain("These datasets are below the zone's dataset %s: move or destroy them first: %s", name, strings.Join(found.Children, " ")))
		}
		if len(found.Clones) > 0 {
			t.would("promote a ZFS clone of %s", name)
		}
		t.would("destroy the ZFS file system %s and %d of its snapshots", name, len(found.Snapshots))
	}
	return nil
}

func (t *Target) dryClone(z, source *zonecfg.Zone, b *brand.Brand, o CloneOptions) error {
	t.wouldChange(zonecfg.Incomplete)
	from, onZFS := t.datasetAt(source.Zonepath)
	to, ok := t.datasetFor(z.Zonepath)
	ok = ok && !t.mountPoint(z.Zonepath)
	switch {
	case t.wouldRun(b, z, brand.Clone, verbatim(o.Args)):
	case o.Method != "" && o.Method != "copy":
		err := t.usage()
		err.Status = ExitFailed
		return err
	case o.Snapshot != "":
		if _, err := dataset.Get(o.Snapshot); err != nil {
			return t.failed(err, plain("unable to find path for %s.", o.Snapshot), named("%s", reason(err)))
		}
		t.would("clone the ZFS snapshot %s, or copy the files from it", o.Snapshot)
	case onZFS && ok && o.Method == "" && poolOf(from) == poolOf(to):
		t.would("take a snapshot of the ZFS file system %s and clone it as %s", from, to)
	default:
		if err := t.unmounted(source.Zonepath); err != nil {
			return err
		}
		t.dryDataset(z.Zonepath)
		t.would("copy %s to %s", source.Zonepath, z.Zonepath)
	}
	t.wouldRun(b, z, brand.PostClone, verbatim(o.Args))
	t.wouldChange(zonecfg.Installed)
	return nil
}

func (t *Target) dryMove(z, moved *zonecfg.Zone) {
	from, to := z.Zonepath, moved.Zonepath
	switch name, is := t.datasetAt(from); {
	case is && !t.mountPoint(to):
		t.would("mount the ZFS file system %s on %s, under another name if that belongs there", name, to)
	case sameDevice(from, existing(to)):
		t.would("rename %s to %s", from, to)
	default:
		t.would("copy %s to %s, and then remove it: they are on different file systems", from, to)
	}
	t.would("set zonepath=%s in the configuration and the index", strings.TrimPrefix(to, t.Store.Root()))
}

// existing returns the directory, or the one above it that exists.
func existing(path string) string {
	for {
		if _, err := os.Stat(path); err == nil || path == filepath.Dir(path) {
			return path
		}
		path = filepath.Dir(path)
	}
}

// sameDevice reports whether two directories are on one file system.
func sameDevice(a, b string) bool {
	one, err := os.Stat(a)
	two, failed := os.Stat(b)
	if err != nil || failed != nil {
		return false
	}
	first, err := posix.StatOf(one)
	second, failed := posix.StatOf(two)
	return err == nil && failed == nil && first.Device == second.Device
}

func (t *Target) dryDetach(z *zonecfg.Zone, b *brand.Brand, args []string) error {
	t.wouldRun(b, z, brand.PreDetach, verbatim(args))
	if !t.wouldRun(b, z, brand.Detach, verbatim(args)) {
		if err := t.unmounted(z.Zonepath); err != nil {
			return err
		}
		t.would("write %s", filepath.Join(z.Zonepath, zonecfg.DetachedManifest))
	}
	t.wouldChange(zonecfg.Configured)
	return nil
}

func (t *Target) dryAttach(z *zonecfg.Zone, b *brand.Brand, o AttachOptions) error {
	if !o.Force {
		t.wouldRun(b, z, brand.Attach, verbatim(o.Args))
	}
	if !t.zonepath(z, b) {
		return t.unsound(ErrVerify, bare("could not verify zonepath %s because of the above errors.", z.Zonepath))
	}
	if err := t.hasRoot(z); err != nil {
		return err
	}
	detached, attached := filepath.Join(z.Zonepath, zonecfg.DetachedManifest), filepath.Join(z.Zonepath, zonecfg.AttachedManifest)
	if _, err := os.Lstat(detached); err == nil {
		if o.Force {
			t.would("rename %s to %s", detached, attached)
		} else {
			t.would("remove %s", detached)
		}
	}
	t.wouldChange(zonecfg.Installed)
	if !o.Force {
		t.wouldRun(b, z, brand.PostAttach, verbatim(o.Args))
	}
	return nil
}
